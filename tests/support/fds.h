/* fds.h: how many descriptors this process has open.
 *
 * Test support. Needs: nothing. */
#ifndef TESTS_FDS_H
#define TESTS_FDS_H

#include <dirent.h>
#include <stddef.h>

/* Counts the entries of /proc/self/fd, without the descriptor that this
 * function opens. If two counts are equal, the code between them leaked no
 * descriptor, and closed none twice. */
static inline int fds_open(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = -3; /* ".", "..", and the descriptor of dir */

    if (dir == NULL)
        return -1;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

#endif

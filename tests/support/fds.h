/* fds.h: how many descriptors this process has open.
 *
 * Test support. Needs: nothing. */
#ifndef TESTS_FDS_H
#define TESTS_FDS_H

#include <dirent.h>
#include <stddef.h>

/* Counts the entries of /proc/self/fd, its own descriptor not among them. Two
 * counts that agree show that nothing was leaked, or closed twice, between. */
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

/* poll_queue.c: which devices a ring with IOPOLL can poll; see poll_queue.h.
 * Introduced in phase 2. Needs: poll_queue.h, sys.h. */
#include "poll_queue.h"

#include <stdio.h>
#include <sys/sysmacros.h>

#include "sys.h"

bool poll_queue_exists(int fd)
{
    char path[128], text[16] = "0";
    struct stat info;
    /* A file system may be on a partition, whose directory has no queue. */
    const char *formats[] = {"/sys/dev/block/%u:%u/queue/io_poll",
                             "/sys/dev/block/%u:%u/../queue/io_poll"};

    if (sys_stat(fd, &info) < 0)
        return false;
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, formats[i], major(info.st_dev),
                 minor(info.st_dev));
        if (sys_read_text(path, text, sizeof text) > 0)
            break;
    }
    return text[0] == '1';
}

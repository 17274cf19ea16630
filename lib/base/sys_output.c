/* sys_output.c: writes output; see sys_output.h.
 * Introduced in phase 0. Needs: sys_output.h. */
#include "sys_output.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

void sys_output_print(const char *text)
{
    (void)fputs(text, stdout);
}

int sys_output_flush(void)
{
    if (fflush(stdout) != 0)
        return -errno;
    return ferror(stdout) ? -EIO : 0;
}

int sys_write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, data, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) /* 0: fd accepts no more bytes */
            return written < 0 ? -errno : -ENOSPC;
        data += written;
        len -= (size_t)written;
    }
    return 0;
}

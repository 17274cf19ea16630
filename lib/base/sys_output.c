/* sys_output.c: prints to standard output; see sys_output.h.
 * Introduced in phase 0. Needs: sys_output.h. */
#include "sys_output.h"

#include <errno.h>
#include <stdio.h>

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

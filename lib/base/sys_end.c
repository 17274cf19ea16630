/* sys_end.c: ends a process that cannot continue; see sys_end.h.
 * Introduced in phase 0. Needs: sys_end.h, err.h, sys.h. */
#include "sys_end.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "sys.h"

static void print_line(const char *who, const char *what, int result,
                       const char *advice)
{
    char line[512];

    (void)snprintf(line, sizeof line, "%s: %s: %s (%s)%s\n", who, what,
                   err_words(result), err_name(result), advice);
    sys_print_error(line, strlen(line));
}

_Noreturn void sys_fatal(const char *what, int result)
{
    print_line("fatal", what, result, "");
    abort();
}

_Noreturn void sys_end_without_ring(int result)
{
    char advice[256];

    (void)snprintf(advice, sizeof advice, ": %s", err_ring_advice(result));
    (void)fflush(NULL);
    print_line(program_invocation_short_name, "the kernel refuses the ring",
               result, advice);
    _exit(2);
}

/* sys_end.c: ends a process that cannot continue; see sys_end.h.
 * Introduced in phase 0. Needs: sys_end.h, err.h, sys.h. */
#include "sys_end.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "sys.h"

/* The function that sys_end_watch has set. If two threads end the process at
 * the same time, only the first thread calls it. */
static void (*_Atomic last_call)(void);

static void call_last(void)
{
    void (*fn)(void) = atomic_exchange(&last_call, NULL);

    if (fn != NULL)
        fn();
}

/* The kernel resets the action to the default before it calls the handler
 * (SA_RESETHAND), so raise ends the process. The parent sees the same status as
 * without a handler. */
static void on_end_signal(int number)
{
    call_last();
    (void)raise(number);
}

void sys_end_watch(void (*fn)(void))
{
    static const int numbers[] = {
        SIGABRT, SIGHUP, SIGINT, SIGPIPE, SIGTERM,
    };
    const int count = sizeof numbers / sizeof *numbers;
    const struct sigaction action = {
        .sa_handler = on_end_signal,
        .sa_flags = SA_RESETHAND | SA_NODEFER,
    };
    struct sigaction old;

    atomic_store(&last_call, fn);
    for (int i = 0; i < count && fn != NULL; i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            (void)sigaction(numbers[i], &action, NULL);
}

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
    call_last();
    (void)fflush(NULL);
    print_line(program_invocation_short_name, "the kernel refuses the ring",
               result, advice);
    _exit(2);
}

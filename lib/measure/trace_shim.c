/* trace_shim.c: traces a program that makes its own rings.
 * Introduced in phase 6. Needs: trace.h, trace_views.h, err.h.
 *
 *     program --> io_uring_submit --> [ shim ] --> liburing --> kernel
 *
 * lib/measure/trace_shim.flags lists functions to wrap. The linker turns each
 * call of such a function f into a call of __wrap_f, which is here, and each
 * call of __real_f into a call of f. The objects of the program do not change.
 * The program must have only one thread.
 *
 * What it teaches: the rings are memory, so a tool can read them at any time.
 * But io_uring_get_sqe, io_uring_peek_cqe, and io_uring_cqe_seen are inline
 * functions, which the linker cannot wrap. So the shim looks at the rings
 * whenever the program calls a wrapped function:
 *
 *  - before a submit: the SQEs that the kernel does not have yet
 *  - before and after each call, and at the end: the CQEs that are new
 *
 * The shim finds each SQE. It can miss CQEs if the program calls only inline
 * functions while the kernel posts more CQEs than the CQ has entries. The trace
 * counts such CQEs as lost. The recorded time of a CQE is the time of the first
 * look that finds it. */
#include <errno.h>
#include <liburing.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "err.h"
#include "trace.h"
#include "trace_views.h"

/* Called by exit. Does not change the exit code of the program. */
static void shim_end(void)
{
    int rc;

    trace_views_end();
    rc = trace_finish();
    if (rc < 0)
        fprintf(stderr, "trace: cannot write: %s (%s)\n", err_words(rc),
                err_name(rc));
}

/* Called before main. */
__attribute__((constructor)) static void shim_begin(void)
{
    const char *path = getenv("ONE_RING_TRACE"); /* NULL: stderr */
    int rc = trace_start(&(struct trace_options){path, TRACE_BY_NAME, 0});

    if (rc < 0) {
        fprintf(stderr, "trace: cannot open '%s': %s (%s)\n",
                path != NULL ? path : "stderr", err_words(rc), err_name(rc));
        _exit(2);
    }
    trace_views_begin();
    (void)atexit(shim_end);
}

/* The linker's --wrap option makes these names, so no header declares them. */
#define WRAP(type, name, ...)                                                 \
    type __real_##name(__VA_ARGS__);                                          \
    type __wrap_##name(__VA_ARGS__)

WRAP(int, io_uring_queue_init, unsigned, struct io_uring *, unsigned);
WRAP(int, io_uring_queue_init_params, unsigned, struct io_uring *,
     struct io_uring_params *);
WRAP(void, io_uring_queue_exit, struct io_uring *);
WRAP(int, io_uring_submit, struct io_uring *);
WRAP(int, io_uring_submit_and_wait, struct io_uring *, unsigned);
WRAP(int, io_uring_get_events, struct io_uring *);
WRAP(int, __io_uring_get_cqe, struct io_uring *, struct io_uring_cqe **,
     unsigned, unsigned, sigset_t *);
WRAP(long, syscall, long, ...);

int __wrap_io_uring_queue_init(unsigned entries, struct io_uring *uring,
                               unsigned flags)
{
    int rc = __real_io_uring_queue_init(entries, uring, flags);

    if (rc == 0)
        trace_views_add_uring(uring);
    return rc;
}

int __wrap_io_uring_queue_init_params(unsigned entries, struct io_uring *uring,
                                      struct io_uring_params *params)
{
    int rc = __real_io_uring_queue_init_params(entries, uring, params);

    if (rc == 0)
        trace_views_add_uring(uring);
    return rc;
}

void __wrap_io_uring_queue_exit(struct io_uring *uring)
{
    trace_views_remove(uring);
    __real_io_uring_queue_exit(uring);
}

int __wrap_io_uring_submit(struct io_uring *uring)
{
    int rc;

    trace_views_look(uring, -1, true);
    rc = __real_io_uring_submit(uring);
    trace_views_look(uring, -1, false);
    return rc;
}

int __wrap_io_uring_submit_and_wait(struct io_uring *uring, unsigned wait_nr)
{
    int rc;

    trace_views_look(uring, -1, true);
    rc = __real_io_uring_submit_and_wait(uring, wait_nr);
    trace_views_look(uring, -1, false);
    return rc;
}

int __wrap_io_uring_get_events(struct io_uring *uring)
{
    int rc;

    trace_views_look(uring, -1, false);
    rc = __real_io_uring_get_events(uring);
    trace_views_look(uring, -1, false);
    return rc;
}

int __wrap___io_uring_get_cqe(struct io_uring *uring, struct io_uring_cqe **cqe,
                              unsigned submit, unsigned wait_nr, sigset_t *mask)
{
    int rc;

    trace_views_look(uring, -1, submit > 0);
    rc = __real___io_uring_get_cqe(uring, cqe, submit, wait_nr, mask);
    trace_views_look(uring, -1, false);
    return rc;
}

/* A program may make the system calls of a ring itself. A system call has at
 * most six arguments. Like the C library, this function always reads and passes
 * on six, even if the caller gave fewer. AddressSanitizer would report the
 * reads of the missing ones, so it is switched off for this function. */
__attribute__((no_sanitize("address"))) long __wrap_syscall(long number, ...)
{
    long a[6], result;
    va_list args;
    int saved;

    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_io_uring_enter)
        trace_views_look(NULL, (int)a[0], true);
    result = __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    saved = errno; /* the program reads it */
    if (number == SYS_io_uring_setup && result >= 0)
        trace_views_add_fd((int)result, (const struct io_uring_params *)a[1]);
    if (number == SYS_io_uring_enter)
        trace_views_look(NULL, (int)a[0], false);
    errno = saved;
    return result;
}

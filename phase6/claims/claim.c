/* claim.c: what the checks of claims share; see claim.h.
 * Introduced in phase 6. Needs: claim.h, err.h, sys.h. */
#include "claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "claims_run.h"
#include "err.h"
#include "sys.h"

enum { DATA_MAX = 8 };

static const struct __kernel_timespec second = {.tv_sec = 1};

_Noreturn void claim_absent(const char *why)
{
    fputs(why, stdout);
    fflush(stdout);
    _exit(CLAIM_EXIT_ABSENT);
}

/* Ends the process if rc is an error. */
static void need(const char *what, int rc)
{
    char why[128];

    if (rc >= 0)
        return;
    snprintf(why, sizeof why, "%s: %s", what, err_name(rc));
    claim_absent(why);
}

int claim_try(unsigned entries, unsigned flags)
{
    struct io_uring ring;

    return io_uring_queue_init(entries, &ring, flags);
}

/* The locked memory of a user is counted over all processes, and the kernel
 * frees that of a closed ring later. So a ring may fit a moment later. */
void claim_ring(struct io_uring *ring, unsigned entries, unsigned flags)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    int rc = io_uring_queue_init(entries, ring, flags);

    for (int tries = 0; rc == -ENOMEM && tries < 500; tries++) {
        nanosleep(&pause, NULL);
        rc = io_uring_queue_init(entries, ring, flags);
    }
    need("this kernel makes no such ring", rc);
}

struct io_uring_sqe *claim_sqe(struct io_uring *ring, unsigned data)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    if (sqe == NULL)
        claim_absent("the check needs a larger SQ");
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, data);
    return sqe;
}

int claim_run(struct io_uring *ring)
{
    struct __kernel_timespec limit = second;
    struct io_uring_cqe *cqe;
    int res;

    need("submit", io_uring_submit(ring));
    need("no completion within a second",
         io_uring_wait_cqe_timeout(ring, &cqe, &limit));
    res = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return res;
}

void claim_take(struct io_uring *ring, unsigned count, int results[8],
                int *order)
{
    int digits = 0;

    need("submit", io_uring_submit(ring));
    for (unsigned i = 0; i < count; i++) {
        struct __kernel_timespec limit = second;
        struct io_uring_cqe *cqe;

        need("too few completions within a second",
             io_uring_wait_cqe_timeout(ring, &cqe, &limit));
        results[cqe->user_data % DATA_MAX] = cqe->res;
        digits = 10 * digits + (int)(cqe->user_data % DATA_MAX);
        io_uring_cqe_seen(ring, cqe);
    }
    if (order != NULL)
        *order = digits;
}

void claim_pipe(int fds[2])
{
    need("pipe", pipe(fds) < 0 ? -errno : 0);
}

void claim_sockets(int fds[2])
{
    need("socketpair",
         socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ? -errno : 0);
}

int claim_file(const char *text)
{
    const char *directory = getenv("TMPDIR");
    int fd = sys_open(directory != NULL ? directory : "/tmp",
                      O_TMPFILE | O_RDWR, 0600);

    need("a file in TMPDIR", fd);
    if (pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text))
        claim_absent("a file in TMPDIR cannot be written");
    return fd;
}

void claim_drop_root(void)
{
    /* The kernel counts locked memory per user, so each process becomes a
     * different one. */
    const uid_t id = 20000 + (uid_t)getpid() % 30000;

    if (geteuid() != 0)
        return;
    if (setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0)
        claim_absent("root may not become another user here");
}

const char *claim_number(const char *what, int claimed, int seen)
{
    static char text[128];

    if (seen == claimed)
        return NULL;
    if (seen < 0)
        snprintf(text, sizeof text, "%s: -%s", what, err_name(seen));
    else
        snprintf(text, sizeof text, "%s: %d", what, seen);
    return text;
}

const char *claim_true(int holds, const char *text)
{
    return holds ? NULL : text;
}

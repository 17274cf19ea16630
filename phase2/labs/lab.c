/* lab.c: functions that the labs of phase 2 share; see lab.h.
 * Introduced in phase 2. Needs: lab.h, command.h, err.h, sys.h. */
#include "lab.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "err.h"
#include "sys.h"

/* Exit code 1 means that a result differs, so a failed stdout exits with 2. */
static struct command lab = {.output_failed = LAB_USAGE};
static int predictions, differences;
static bool is_part_absent;

int lab_options(int argc, char **argv, const char *name, const char *words)
{
    static char help[512];
    int len = snprintf(help, sizeof help,
                       "[--help] [--version]\n\n%s\n\n"
                       "Exit codes: 0 all as predicted, 1 something differs, "
                       "2 usage or no ring, "
                       "77 a part cannot be tried here.\n",
                       words);

    assert(len > 0 && (size_t)len < sizeof help);
    lab.name = name;
    lab.help = help;
    return command_read(&lab, argc, argv);
}

int lab_ring(struct io_uring *ring, unsigned sq, unsigned cq, unsigned flags)
{
    struct io_uring_params params = {.flags = flags, .cq_entries = cq};
    const char *what = "io_uring_setup";
    int rc;

    if (cq != 0)
        params.flags |= IORING_SETUP_CQSIZE;
    rc = io_uring_queue_init_params(sq, ring, &params);
    if (rc == 0) {
        /* A seccomp filter may allow io_uring_setup and refuse enter. */
        what = "io_uring_enter";
        rc = io_uring_get_events(ring);
        if (rc < 0)
            io_uring_queue_exit(ring);
    }
    if (rc < 0)
        fprintf(stderr, "%s: %s (%s): %s\n", what, err_words(rc), err_name(rc),
                err_ring_advice(rc));
    return rc < 0 ? rc : 0;
}

void lab_print(const char *line)
{
    puts(line);
}

static void compare(const char *what, const char *predicted, const char *seen)
{
    bool is_same = strcmp(predicted, seen) == 0;

    printf("  %s: predicted %s, saw %s%s\n", what, predicted, seen,
           is_same ? "" : "  <-- differs");
    predictions++;
    differences += !is_same;
}

/* Formats an error as its name, any other result as a number. */
static void print_result(char *text, size_t len, int result)
{
    if (result < 0)
        snprintf(text, len, "-%s", err_name(result));
    else
        snprintf(text, len, "%d", result);
}

void lab_result(const char *what, int predicted, int seen)
{
    char texts[2][32];

    print_result(texts[0], sizeof texts[0], predicted);
    print_result(texts[1], sizeof texts[1], seen);
    compare(what, texts[0], texts[1]);
}

void lab_truth(const char *what, bool predicted, bool seen)
{
    compare(what, predicted ? "yes" : "no", seen ? "yes" : "no");
}

void lab_text(const char *what, const char *predicted, const char *seen)
{
    char texts[2][64];

    snprintf(texts[0], sizeof texts[0], "\"%s\"", predicted);
    snprintf(texts[1], sizeof texts[1], "\"%s\"", seen);
    compare(what, texts[0], texts[1]);
}

void lab_absent(const char *what, const char *why)
{
    printf("  %s: cannot be tried here: %s\n", what, why);
    is_part_absent = true;
}

void lab_take(struct io_uring *ring, struct io_uring_cqe *out, unsigned count)
{
    int rc = io_uring_submit(ring);

    for (unsigned i = 0; i < count && rc >= 0; i++) {
        struct io_uring_cqe *cqe;

        rc = io_uring_wait_cqe(ring, &cqe);
        if (rc < 0)
            break;
        out[i] = *cqe;
        io_uring_cqe_seen(ring, cqe);
    }
    if (rc >= 0)
        return;
    fprintf(stderr, "io_uring_enter: %s (%s)\n", err_words(rc), err_name(rc));
    exit(LAB_USAGE);
}

int lab_res(const struct io_uring_cqe *cqes, unsigned count, unsigned data)
{
    for (unsigned i = 0; i < count; i++)
        if (cqes[i].user_data == data)
            return cqes[i].res;
    return -ENOMSG;
}

int lab_run(struct io_uring *ring, unsigned data)
{
    struct io_uring_cqe *cqe;
    int rc = io_uring_submit(ring);

    while (rc >= 0) {
        bool is_it;
        int result;

        rc = io_uring_wait_cqe(ring, &cqe);
        if (rc < 0)
            break;
        is_it = cqe->user_data == data;
        result = cqe->res;
        io_uring_cqe_seen(ring, cqe);
        if (is_it)
            return result;
    }
    return rc;
}

const char *lab_directory(void)
{
    const char *directory = getenv("TMPDIR");

    return directory != NULL && *directory != '\0' ? directory : "/tmp";
}

int lab_file(const char *text, size_t len)
{
    const char *directory = lab_directory();
    ssize_t put;
    int fd, rc;

    fd = sys_open(directory, O_TMPFILE | O_RDWR, 0600);
    put = fd < 0 ? fd : pwrite(fd, text, len, 0);
    rc = fd < 0 ? fd : put < 0 ? -errno : -ENOSPC;
    if (put == (ssize_t)len)
        return fd;
    fprintf(stderr, "a scratch file in %s: %s (%s): set TMPDIR\n", directory,
            err_words(rc), err_name(rc));
    exit(LAB_USAGE);
}

static void need_fds(const char *what, int rc)
{
    if (rc >= 0)
        return;
    rc = -errno;
    fprintf(stderr, "%s: %s (%s): see ulimit -n\n", what, err_words(rc),
            err_name(rc));
    exit(LAB_USAGE);
}

void lab_pipe(int fds[2])
{
    need_fds("a pipe", pipe(fds));
}

void lab_sockets(int fds[2])
{
    need_fds("a pair of sockets", socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

void lab_fifo(char *path)
{
    const char *directory = lab_directory();
    int len = snprintf(path, LAB_PATH_LEN, "%s/lab-fifo.%d", directory,
                       (int)getpid());
    int rc = len < LAB_PATH_LEN && mkfifo(path, 0600) == 0 ? 0
             : len < LAB_PATH_LEN                          ? -errno
                                                           : -ENAMETOOLONG;

    if (rc == 0)
        return;
    fprintf(stderr, "a FIFO in %s: %s (%s): set TMPDIR\n", directory,
            err_words(rc), err_name(rc));
    exit(LAB_USAGE);
}

int lab_end(void)
{
    printf("%d of %d predictions held\n", predictions - differences,
           predictions);
    return command_finish(&lab, differences > 0  ? EXIT_FAILURE
                                : is_part_absent ? LAB_ABSENT
                                                 : EXIT_SUCCESS);
}

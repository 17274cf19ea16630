/* cat_splice.c: moves pages from or into a pipe instead of copying them.
 *
 * What it teaches: when not to use a ring. IORING_OP_SPLICE does the same as
 * splice(2), but the kernel always runs it in an io-wq worker, a kernel thread.
 * If a program has no other work while it waits, the plain system call is
 * faster.
 *
 *   do      splice data that already exists: pages of a file or of a pipe
 *   do not  splice from a terminal or a socket into a pipe. The call holds the
 *           pipe's lock while it waits for the next line. During that time the
 *           pipe's reader cannot read the previous line
 *
 * A spliced page still belongs to the file. If a process changes the file
 * before the pipe's reader has read the page, the reader gets the new bytes. At
 * most PIPE_LEN bytes are affected. GNU cat copies, so it does not have this
 * problem. */
#include "cat_splice.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/types.h>

#include "file.h"

#define PIPE_LEN (1024 * 1024)

/* Splices until the input ends or splice fails. Returns the same values as
 * cat_copy_spliced. */
static int splice_all(struct cat_job *job)
{
    for (;;) {
        loff_t offset = (loff_t)job->in_offset;
        ssize_t moved = splice(job->in, job->in_seeks ? &offset : NULL,
                               job->out, NULL, PIPE_LEN, 0);
        struct pollfd ends[] = {{.fd = job->in, .events = POLLIN},
                                {.fd = job->out, .events = POLLOUT}};

        if (moved == 0)
            return 0;
        if (moved > 0)
            job->in_offset += (uint64_t)moved;
        else if (errno == EAGAIN)
            (void)(poll(&ends[0], 1, -1) + poll(&ends[1], 1, -1));
        else if (errno != EINTR)
            return -errno;
    }
}

int cat_copy_spliced(struct cat_job *job)
{
    enum file_kind kind = file_kind_of(job->in_info.st_mode);
    bool from_pipe = kind == FILE_FIFO;
    bool to_pipe = file_kind_of(job->out_info.st_mode) == FILE_FIFO;
    int pipe_fd = to_pipe ? job->out : job->in, rc;
    /* True if a read waits at most for a disk. A read from a terminal or a
     * socket may block forever, and so may a read from a file of size 0, such
     * as the kernel's trace_pipe. */
    bool is_ready = kind == FILE_BLOCK ||
                    (kind == FILE_REGULAR && job->in_info.st_size > 0);

    if (!from_pipe && !(to_pipe && is_ready))
        return -EINVAL;
    /* A bigger pipe means fewer calls. If the user has reached the limit for
     * pipe buffers (pipe-user-pages-soft), this pipe keeps its size. */
    if (fcntl(pipe_fd, F_GETPIPE_SZ) < PIPE_LEN)
        (void)fcntl(pipe_fd, F_SETPIPE_SZ, PIPE_LEN);
    rc = splice_all(job);
    /* splice does not report which end failed. If the input is a pipe, the
     * failed end must be stdout, because reading from a pipe does not fail. */
    if (rc != 0 && rc != -EINVAL)
        job->write_failed = rc == -EPIPE || from_pipe;
    return rc;
}

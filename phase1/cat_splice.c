/* cat_splice.c: pages from or into a pipe, handed over instead of copied.
 *
 * What it teaches: when not to use a ring. IORING_OP_SPLICE does the same as
 * splice(2), but the kernel runs it in a worker thread always; with nothing
 * else to do in the meantime the plain system call is the better one.
 *
 *   do      splice what is there already: a file's pages, a pipe's
 *   do not  splice into a pipe what somebody has yet to say. The call holds the
 *           pipe's lock while it reads: waiting for the next line it keeps the
 *           pipe's reader from the last one
 *
 * A spliced page is the file's own: who changes the file before the reader has
 * taken it from the pipe changes what is read. GNU cat copies, and does not
 * have this window (at most PIPE_LEN). */
#include "cat_splice.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/types.h>

#include "file.h"

#define PIPE_LEN (1024 * 1024)

/* As long as the kernel can between these two. Returns 0 at the end of input,
 * -EINVAL where it cannot (or not any further), or -errno. */
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

/* Whether reading it waits for a disk at most. A terminal and a socket wait for
 * somebody; so may what says that it is empty, like the kernel's trace. */
static bool is_at_hand(const struct stat *info)
{
    return file_kind_of(info->st_mode) == FILE_BLOCK ||
           (file_kind_of(info->st_mode) == FILE_REGULAR && info->st_size > 0);
}

int cat_copy_spliced(struct cat_job *job)
{
    bool from_pipe = file_kind_of(job->in_info.st_mode) == FILE_FIFO;
    bool to_pipe = file_kind_of(job->out_info.st_mode) == FILE_FIFO;
    int pipe_fd = to_pipe ? job->out : job->in, rc;

    if (!from_pipe && !(to_pipe && is_at_hand(&job->in_info)))
        return -EINVAL;
    /* A bigger pipe means fewer calls. If the user's pipes have used up their
     * share (pipe-user-pages-soft), this one keeps its size. */
    if (fcntl(pipe_fd, F_GETPIPE_SZ) < PIPE_LEN)
        (void)fcntl(pipe_fd, F_SETPIPE_SZ, PIPE_LEN);
    rc = splice_all(job);
    /* It does not say which end failed: reading a pipe cannot. */
    if (rc != 0 && rc != -EINVAL)
        job->write_failed = rc == -EPIPE || from_pipe;
    return rc;
}

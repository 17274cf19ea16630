/* sim_pipe.c: pipes and the signalfd of the simulated kernel; see sim_pipe.h.
 *
 * What it teaches: a pipe carries bytes, not messages. A reader gets the bytes
 * that are there. A signal is a bit, not a message. Two signals of one number
 * may arrive as one. */
#include "sim_pipe.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "queue.h"
#include "sim_check.h"
#include "sim_file.h"
#include "sim_memory.h"
#include "sys.h"
#include "sys_process.h"

#define PIPES_MAX 16
#define PIPE_LEN 64u
#define SIGNALS_MAX 64

/* in and out are two files, because each end is closed by itself. */
struct pipe {
    struct sim_file in, out; /* the end to read from, and the end to write to */
    char bytes[PIPE_LEN];
    unsigned len;
    bool is_used;
};

/* The pipes are short, because a program must not depend on their length. */
static struct pipe pipes[PIPES_MAX];
static struct sim_file signals;
/* One bit per number: a signal that is raised twice is reported once. */
static bool is_pending[SIGNALS_MAX];

/* As in poll(2): after the last writer, POLLHUP, and a read returns 0. */
static unsigned in_poll(struct sim_file *file)
{
    const struct pipe *pipe = container_of(file, struct pipe, in);

    return (pipe->len > 0 ? POLLIN : 0) | (pipe->out.fds == 0 ? POLLHUP : 0);
}

static int in_read(struct sim_file *file, void *buf, size_t len,
                   uint64_t offset)
{
    struct pipe *pipe = container_of(file, struct pipe, in);
    unsigned count = len < pipe->len ? (unsigned)len : pipe->len;

    (void)offset;
    if (count == 0)
        return pipe->out.fds == 0 ? 0 : FILE_WAITS;
    memory_copy(buf, pipe->bytes, count);
    pipe->len -= count;
    memmove(pipe->bytes, pipe->bytes + count, pipe->len);
    return (int)count;
}

/* As in poll(2): without a reader, POLLERR, and a write fails. */
static unsigned out_poll(struct sim_file *file)
{
    const struct pipe *pipe = container_of(file, struct pipe, out);

    return (pipe->len < PIPE_LEN ? POLLOUT : 0) |
           (pipe->in.fds == 0 ? POLLERR : 0);
}

static int out_write(struct sim_file *file, const void *buf, size_t len,
                     uint64_t offset)
{
    struct pipe *pipe = container_of(file, struct pipe, out);
    unsigned room = PIPE_LEN - pipe->len;
    unsigned count = len < room ? (unsigned)len : room;

    (void)offset; /* a pipe has no position */
    if (pipe->in.fds == 0)
        return -EPIPE;
    if (count == 0)
        return FILE_WAITS;
    memory_copy(pipe->bytes + pipe->len, buf, count);
    pipe->len += count;
    pipe->in.edges++;
    return (int)count;
}

/* A reader learns of the end of the bytes. */
static void out_close(struct sim_file *file)
{
    container_of(file, struct pipe, out)->in.edges++;
}

/* A pipe is free again when neither end is open. */
static void in_release(struct sim_file *file)
{
    struct pipe *pipe = container_of(file, struct pipe, in);

    pipe->is_used = pipe->out.fds > 0;
}

static void out_release(struct sim_file *file)
{
    struct pipe *pipe = container_of(file, struct pipe, out);

    pipe->is_used = pipe->in.fds > 0;
}

static const struct file_class in_class = {
    .name = "pipe", .has_edges = true, .poll = in_poll, .read = in_read,
    .release = in_release,
};
static const struct file_class out_class = {
    .name = "pipe, its writing end", .poll = out_poll, .write = out_write,
    .close = out_close, .release = out_release,
};

/* Opens both ends, or neither. */
int sys_pipe(int fds[2])
{
    struct pipe *pipe = pipes;

    /* The lowest descriptors, as pipe(2) uses them: first the reading end. */
    while (pipe->is_used)
        pipe++;
    assert(pipe < pipes + PIPES_MAX);
    *pipe = (struct pipe){.in.class = &in_class, .out.class = &out_class,
                          .is_used = true};
    fds[0] = file_install(&pipe->in);
    fds[1] = fds[0] < 0 ? -1 : file_install(&pipe->out);
    if (fds[0] >= 0 && fds[1] < 0)
        (void)file_close(fds[0]);
    pipe->is_used = fds[1] >= 0;
    return fds[1] < 0 ? -EMFILE : 0;
}

/* The program has blocked these signals, so they stay pending until a read. */
static unsigned signals_poll(struct sim_file *file)
{
    (void)file;
    for (int i = 0; i < SIGNALS_MAX; i++)
        if (is_pending[i])
            return POLLIN;
    return 0;
}

static int signals_read(struct sim_file *file, void *buf, size_t len,
                        uint64_t offset)
{
    struct signalfd_siginfo info = {.ssi_signo = 0};

    (void)file, (void)offset;
    assert(len >= sizeof info);
    for (int i = 0; i < SIGNALS_MAX; i++) {
        if (!is_pending[i])
            continue;
        is_pending[i] = false;
        info.ssi_signo = (uint32_t)i;
        memory_copy(buf, &info, sizeof info);
        return (int)sizeof info;
    }
    return FILE_WAITS;
}

static const struct file_class signals_class = {
    .name = "signalfd", .poll = signals_poll, .read = signals_read,
};

/* There is one signalfd. It reports every signal, so a driver raises only those
 * that the program takes. */
int sys_signal_fd(const sigset_t *set)
{
    (void)set;
    assert(signals.fds == 0);
    signals = (struct sim_file){.class = &signals_class};
    return file_install(&signals);
}

/* The simulated kernel raises no SIGPIPE. */
int sys_ignore_signal(int number)
{
    (void)number;
    return 0;
}

void pipe_begin(void)
{
    memset(pipes, 0, sizeof pipes);
    memset(&signals, 0, sizeof signals);
    memset(is_pending, 0, sizeof is_pending);
}

void pipe_raise(int signal_number)
{
    check_trace("signal %d", signal_number);
    is_pending[signal_number] = true; /* the world wakes the poll */
}

/* echo-epoll.c: step 1 of 8: an echo server on readiness.
 * Introduced in phase 8. Needs: step.h, sys.h.
 *
 * What it teaches: the work that readiness leaves to the program. The kernel
 * reports that a socket is readable, and the program reads it with a separate
 * call. The kernel reports that a socket is writable, and the write may still
 * return -EAGAIN. So each socket is O_NONBLOCK. Each connection is a state that
 * the program leaves and enters again. Each has a buffer for the rest of a
 * short write.
 *
 * bench.sh compares this program with echo, so it is as fast as a short program
 * can be: it writes without waiting for EPOLLOUT first, and copies no byte. It
 * has no limits, no deadlines, and one address.
 *
 * What it costs: two system calls for each message, and a third for each batch
 * of events. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "step.h"
#include "sys.h"

#define EVENTS_MAX 128

struct conn {
    int fd;
    size_t at, len; /* the rest to write; nothing is read before that */
    char buf[];     /* step.buf_len bytes */
};

static struct step step = {.name = "echo-epoll", STEP_DEFAULTS};
static uint64_t conns;
static int epoll, listener, signals;
static bool is_paused; /* out of fds: the listener is not watched */

static void watch(int op, int fd, uint32_t events, void *what)
{
    struct epoll_event event = {.events = events, .data.ptr = what};

    if (epoll_ctl(epoll, op, fd, &event) < 0)
        step_must(&step, -errno, "watch a socket");
}

static void pause_accepting(bool pause)
{
    if (pause != is_paused)
        watch(EPOLL_CTL_MOD, listener, pause ? 0 : EPOLLIN, &listener);
    is_paused = pause;
}

static void accept_all(void)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL,
                         SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct conn *conn = malloc(sizeof *conn + step.buf_len);

        if (conn == NULL) {
            close(fd);
            continue;
        }
        conn->fd = fd;
        conn->len = 0;
        conns++;
        watch(EPOLL_CTL_ADD, fd, EPOLLIN, conn);
    }
    /* A connection waits, but no fd is free for it, so epoll would report the
     * listener again and again. Stop watching it until a connection is
     * closed. */
    if (errno == EMFILE || errno == ENFILE)
        pause_accepting(true);
}

/* The state machine: reads unless some bytes are left to write, writes, and
 * waits if the socket did not take all bytes. Returns false at the end of the
 * connection. */
static bool serve(struct conn *conn)
{
    bool was_writing = conn->len > 0;
    ssize_t sent;

    if (!was_writing) {
        ssize_t got = recv(conn->fd, conn->buf, step.buf_len, 0);

        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        conn->at = 0;
        conn->len = (size_t)got;
    }
    sent = send(conn->fd, conn->buf + conn->at, conn->len, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        return false;
    sent = sent > 0 ? sent : 0;
    conn->at += (size_t)sent;
    conn->len -= (size_t)sent;
    if ((conn->len > 0) != was_writing)
        watch(EPOLL_CTL_MOD, conn->fd, was_writing ? EPOLLIN : EPOLLOUT, conn);
    return true;
}

/* Returns false if the program ends. */
static bool handle(void *what)
{
    struct signalfd_siginfo info;
    struct conn *conn = what;

    if (what == &signals)
        return sys_read(signals, &info, sizeof info) != sizeof info ||
               step_on_signal(&step, info.ssi_signo, NULL);
    if (what == &listener) {
        accept_all();
    } else if (!serve(conn)) {
        close(conn->fd);
        free(conn);
        conns--;
        pause_accepting(false);
    }
    return true;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS_MAX];
    bool goes_on = true;
    int code = step_read(&step, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    signals = step_signals(&step);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    listener = step_listen(&step, SOCK_NONBLOCK);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
    watch(EPOLL_CTL_ADD, signals, EPOLLIN, &signals);
    step_print_listening(step_port(&step, listener));
    while (goes_on) {
        int count = epoll_wait(epoll, events, EVENTS_MAX,
                               is_paused ? STEP_RETRY_MS : -1);

        if (count == 0)
            pause_accepting(false);
        for (int i = 0; i < count; i++)
            goes_on &= handle(events[i].data.ptr);
    }
    return step_finish(&step, conns);
}

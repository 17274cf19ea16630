/* echo_udp.c: returns every datagram to its sender; see echo_udp.h.
 *
 * What it teaches: a server without connections. There is nothing to accept, no
 * end of input, and no peer that must be protected from another one by a limit
 * per connection. One task per ring receives and sends. While the socket's send
 * buffer is full, that task waits, so datagrams wait in the socket that
 * receives, and the kernel drops what does not fit there. UDP allows that.
 *
 * A server must not return more bytes than it received: the sender's address
 * may be forged, and the answer would hit its owner. An echo is exactly as long
 * as the request.
 *
 * Read echo_udp_serve() first. */
#include "echo_udp.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "post.h"
#include "signals.h"
#include "sys.h"
#include "udp.h"

#define CREDIT 64u              /* datagrams that wait in the program */
#define RETRY_NS UINT64_C(100000000) /* after an error of a receive */

struct udp_worker {
    const struct service_options *options; /* borrowed */
    int fd;                                /* owned */
    pthread_t thread;
    struct loop loop;
    struct bufring bufring;
    struct udp udp;
    struct task serve;
    struct post_box box;
    struct post stop, print;
    atomic_bool prints; /* print is in the box */
    uint64_t datagrams, errors;
    int result;
};

static struct udp_worker workers[LIMIT_THREADS_MAX];
static unsigned count;
static int signal_fd;

/* One ring's datagrams, until the task is cancelled. */
static int echo_udp_serve(void *arg) /* task body */
{
    struct udp_worker *worker = arg;
    struct datagram in;
    int rc;

    while ((rc = udp_await_datagram(&worker->udp, &in)) != -ECANCELED) {
        if (rc < 0) {
            worker->errors++;
            if (await_sleep_ns(RETRY_NS) < 0) /* do not spin on an error */
                break;
            continue;
        }
        worker->datagrams++;
        if (in.full_len == in.len)
            rc = udp_await_send(worker->fd, in.data, in.len, in.from,
                                in.from_len);
        worker->errors += rc < 0; /* only this datagram is lost */
        udp_release(&worker->udp, &in);
        if (rc == -ECANCELED)
            break;
    }
    udp_await_end(&worker->udp);
    return 0;
}

static void echo_udp_on_stop(struct post *post)
{
    task_cancel(&container_of(post, struct udp_worker, stop)->serve);
}

static void echo_udp_on_print(struct post *post)
{
    struct udp_worker *worker = container_of(post, struct udp_worker, print);
    char text[512];
    int len;

    atomic_store(&worker->prints, false);
    len = snprintf(text, sizeof text,
                   "datagrams %llu\ntruncated %llu\nerrors %llu\nenobufs %llu\n"
                   "buffers_free %u\nenters %llu\noperations %llu\n",
                   (unsigned long long)worker->datagrams,
                   (unsigned long long)worker->udp.truncated,
                   (unsigned long long)worker->errors,
                   (unsigned long long)worker->bufring.empty_count,
                   bufring_free_count(&worker->bufring),
                   (unsigned long long)worker->loop.ring.counters.enters,
                   (unsigned long long)worker->loop.ring.counters.sqes);
    sys_print_error(text, (size_t)len);
}

static int take_posts(void *arg) /* task body */
{
    struct udp_worker *worker = arg;
    int rc;

    do
        rc = post_await_posts(&worker->box);
    while (rc >= 0);
    return rc;
}

static int take_signals(void *arg) /* task body */
{
    bool is_stopping = false;
    int number;

    (void)arg;
    while ((number = signals_await_signal(signal_fd)) > 0) {
        for (unsigned i = 0; i < count; i++) {
            struct udp_worker *worker = &workers[i];

            if (number != SIGUSR1 && !is_stopping)
                loop_post(&worker->box, &worker->stop);
            else if (number == SIGUSR1 &&
                     !atomic_exchange(&worker->prints, true))
                loop_post(&worker->box, &worker->print);
        }
        is_stopping |= number != SIGUSR1;
    }
    return number;
}

/* The first task of each ring. The first ring also takes the signals. */
static int run_worker(void *arg) /* task body */
{
    struct udp_worker *worker = arg;
    struct task posts = {0}, signals = {0};
    int rc = task_spawn(&worker->serve, "datagrams", echo_udp_serve, worker);

    if (rc < 0)
        return rc;
    rc = task_spawn(&posts, "posts", take_posts, worker);
    if (rc == 0 && worker == workers)
        rc = task_spawn(&signals, "signals", take_signals, NULL);
    if (rc < 0)
        task_cancel(&worker->serve);
    (void)task_join(&worker->serve);
    task_cancel(&signals);
    task_cancel(&posts);
    if (signals.state != TASK_NEW)
        (void)task_join(&signals);
    if (posts.state != TASK_NEW)
        (void)task_join(&posts);
    return rc;
}

/* The function of each thread. If it fails, it ends the others as a signal
 * would. */
static void *run_thread(void *arg)
{
    struct udp_worker *worker = arg;
    const struct limits *limits = &worker->options->limits;
    struct loop_options options = {
        .ring.sq_entries = limits->sq,
        .ring.cq_entries = limits->cq,
        .tasks_max = 8,
    };
    int rc = loop_init(&worker->loop, &options);

    if (rc == 0) {
        rc = bufring_init(&worker->bufring, &worker->loop.ring, limits->bufs,
                          UDP_BUF_LEN, 0);
        if (rc == 0) {
            udp_init(&worker->udp, worker->fd, &worker->bufring, CREDIT);
            rc = loop_run(&worker->loop, run_worker, worker);
            bufring_finish(&worker->bufring);
        }
        loop_finish(&worker->loop);
    }
    worker->result = rc;
    if (rc < 0)
        (void)kill(getpid(), SIGTERM);
    return NULL;
}

/* Opens a socket per thread, all at one address. Returns 0 or -errno. */
static int open_sockets(const struct service_options *options,
                        struct net_address *address)
{
    *address = options->address;
    for (unsigned i = 0; i < count; i++) {
        struct udp_worker *worker = &workers[i];
        int rc = net_bind_datagram(address, i > 0);

        if (rc < 0)
            return rc;
        worker->fd = rc;
        worker->options = options;
        worker->stop.fn = echo_udp_on_stop;
        worker->print.fn = echo_udp_on_print;
        if (i == 0 && count > 1) /* as in service_await_listeners */
            (void)net_share(worker->fd);
        rc = post_box_init(&worker->box);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Prints "echo: cannot ...: REASON". Returns the exit code. */
static int fail(const char *what, int rc)
{
    fprintf(stderr, "echo: cannot %s: %s (%s)\n", what, err_words(rc),
            err_name(rc));
    return COMMAND_FAILED;
}

/* Starts the other threads, runs the first ring, and waits for all. */
static int run_all(const struct net_address *address)
{
    char text[NET_TEXT_MAX];
    unsigned started = 1;
    int rc = 0;

    for (; started < count && rc == 0; started += rc == 0)
        rc = sys_thread_start(&workers[started].thread, run_thread,
                              &workers[started]);
    if (rc < 0) {
        (void)fail("start a thread", rc);
        (void)kill(getpid(), SIGTERM);
    } else {
        net_format(address, text);
        printf("listening on udp://%s\n", text);
        fflush(stdout);
    }
    (void)run_thread(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        (void)sys_thread_join(workers[i].thread);
    for (unsigned i = 0; i < count; i++)
        if (workers[i].result < 0)
            return command_no_ring("echo", workers[i].result);
    return rc < 0 ? COMMAND_FAILED : COMMAND_DONE;
}

int echo_udp_main(const struct service_options *options)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
    struct net_address address;
    int rc, code;

    count = options->limits.threads;
    for (unsigned i = 0; i < count; i++)
        workers[i].fd = -1;
    signal_fd = signals_open(numbers, 3);
    if (signal_fd < 0)
        return fail("take signals", signal_fd);
    rc = open_sockets(options, &address);
    code = rc < 0 ? fail("bind a UDP socket", rc) : run_all(&address);
    for (unsigned i = 0; i < count; i++) {
        post_box_finish(&workers[i].box);
        if (workers[i].fd >= 0)
            sys_close(workers[i].fd);
    }
    sys_close(signal_fd);
    return code;
}

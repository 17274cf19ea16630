/* load_worker.c: one thread of echo-client; see load.h.
 *
 * What it teaches: a clock that does not wait for answers. The timer of an open
 * loop fires when the next message is due. If it fires late, it handles all
 * messages that are due by then, each with its own time. */
#include <errno.h>
#include <stdio.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "load.h"
#include "sys.h"

#define TICK_NS (NS_PER_S / 10)
#define OPS_PER_CONN 3u /* a receive, a send, and the cancel of either */
#define OPS_MORE 16u
#define BUFS_MIN 64u
#define BUFS_MAX 4096u
#define BUF_LEN_SMALL 4096u
#define BUF_LEN_LARGE 16384u

atomic_bool load_has_failed;
static pthread_barrier_t all_connected;

void load_worker_prepare(unsigned threads)
{
    (void)pthread_barrier_init(&all_connected, NULL, threads);
}

uint64_t load_worker_due_ns(const struct load_worker *worker, uint64_t message)
{
    const struct load_options *options = worker->options;
    uint64_t number = message * options->threads + worker->index;
    uint64_t seconds = number / options->rate;

    return worker->start_ns + seconds * NS_PER_S +
           number % options->rate * NS_PER_S / options->rate;
}

/* Sends all messages that are due by now. */
static void load_worker_on_due(struct timer *timer)
{
    struct load_worker *worker =
        container_of(timer, struct load_worker, due_timer);
    uint64_t now_ns = loop_now_ns();
    uint64_t due_ns = load_worker_due_ns(worker, worker->due);

    while (due_ns <= now_ns && due_ns < worker->end_ns) {
        struct load_conn *conn = &worker->conns[worker->due % worker->count];

        worker->due++;
        if (conn->fd >= 0)
            load_conn_ask(conn);
        due_ns = load_worker_due_ns(worker, worker->due);
    }
    if (due_ns < worker->end_ns)
        (void)loop_call_later(timer, due_ns - now_ns);
}

static unsigned count_served(const struct load_worker *worker)
{
    unsigned served = 0;

    for (unsigned i = 0; i < worker->count; i++)
        served += worker->conns[i].answered > 0;
    return served;
}

/* The time is over. Connections that wait for an answer end when it comes. */
static void load_worker_on_end(struct timer *timer)
{
    struct load_worker *worker =
        container_of(timer, struct load_worker, end_timer);

    if (worker->options->rate > 0)
        load_worker_on_due(&worker->due_timer); /* the last ones */
    worker->served = count_served(worker);
    for (unsigned i = 0; i < worker->count; i++)
        if (load_conn_is_done(&worker->conns[i]))
            task_cancel(&worker->conns[i].task.task);
}

/* Ends the connections if another thread has failed, if no answer has come for
 * a long time although one is missing, or if answers are still missing long
 * after the end: an open loop may send more than the server can answer. */
static void load_worker_on_tick(struct timer *timer)
{
    struct load_worker *worker = container_of(timer, struct load_worker, tick);
    uint64_t now_ns = loop_now_ns();
    const uint64_t patience_ns = worker->options->patience_s * NS_PER_S;
    bool waits = false;

    for (unsigned i = 0; i < worker->count; i++)
        waits |= worker->conns[i].asked > worker->conns[i].answered;
    if (!waits || worker->quiet_answered != worker->latency.count) {
        worker->quiet_answered = worker->latency.count;
        worker->quiet_since_ns = now_ns;
    }
    if (now_ns - worker->quiet_since_ns > patience_ns ||
        (now_ns > worker->end_ns && now_ns - worker->end_ns > patience_ns)) {
        fprintf(stderr, "echo-client: %s for %u seconds\n",
                now_ns > worker->end_ns ? "answers are missing after the end"
                                        : "no answer",
                worker->options->patience_s);
        worker->result = -ETIME;
    }
    if (worker->result < 0 || atomic_load(&load_has_failed))
        group_cancel(&worker->group);
    else
        (void)loop_call_later(timer, TICK_NS);
}

/* Prints why not all could connect. Returns rc. */
static int complain(const struct load_worker *worker, unsigned done, int rc)
{
    char where[NET_TEXT_MAX];
    const char *advice = "does a server listen there?";

    if (rc == -EMFILE)
        advice = "ulimit -n allows no more";
    if (rc == -ETIME)
        advice = "the server accepts no more, and its backlog is full";
    net_format(&worker->options->address, where);
    fprintf(stderr, "echo-client: cannot connect to %s: %s (%s); %s", where,
            err_words(rc), err_name(rc), advice);
    fprintf(stderr, "; %u of %u were connected\n", done, worker->count);
    return rc;
}

static int load_worker_await_connected(struct load_worker *worker)
{
    unsigned done = 0;
    int rc = 0;

    for (; done < worker->count && rc == 0; done += rc == 0)
        rc = load_conn_await_connected(&worker->conns[done]);
    if (rc < 0) {
        complain(worker, done, rc);
        atomic_store(&load_has_failed, true);
    }
    (void)pthread_barrier_wait(&all_connected);
    return rc < 0 || !atomic_load(&load_has_failed) ? rc : -ECANCELED;
}

static void start_clocks(struct load_worker *worker)
{
    const struct load_options *options = worker->options;

    worker->start_ns = worker->quiet_since_ns = loop_now_ns();
    worker->end_ns = UINT64_MAX;
    worker->due_timer.fire = load_worker_on_due;
    worker->end_timer.fire = load_worker_on_end;
    worker->tick.fire = load_worker_on_tick;
    (void)loop_call_later(&worker->tick, TICK_NS);
    if (options->seconds > 0) {
        worker->end_ns = worker->start_ns + options->seconds * NS_PER_S;
        (void)loop_call_later(&worker->end_timer, options->seconds * NS_PER_S);
    }
    if (options->rate > 0)
        (void)loop_call_later(&worker->due_timer, 0);
}

/* The first task of a thread. Returns 0 or -errno. */
static int load_worker_measure(void *arg) /* task body */
{
    struct load_worker *worker = arg;
    int rc = load_worker_await_connected(worker);

    if (rc < 0) {
        for (unsigned i = 0; i < worker->count; i++)
            if (worker->conns[i].fd >= 0)
                await_close(worker->conns[i].fd);
        return rc;
    }
    start_clocks(worker);
    for (unsigned i = 0; i < worker->count && rc == 0; i++)
        rc = load_conn_start(&worker->conns[i]);
    if (rc < 0)
        group_cancel(&worker->group);
    rc = group_await_all(&worker->group);
    worker->ended_ns = loop_now_ns();
    loop_cancel_timer(&worker->due_timer);
    loop_cancel_timer(&worker->end_timer);
    loop_cancel_timer(&worker->tick);
    if (worker->ended_ns < worker->end_ns) /* --bytes came first */
        worker->served = count_served(worker);
    return rc;
}

/* Makes the thread's loop and its receive buffers, which all of its connections
 * may need at once. If the ring is smaller than requested, no connection may
 * keep a slot while it waits for its turn, so each receives one answer at a
 * time. In an open loop that would delay messages that are due.
 *
 * Returns 0        success
 *         -ENOSPC  the ring is too small for an open loop
 *         -errno   from loop_init or bufring_init */
static int open_loop(struct load_worker *worker)
{
    const struct load_options *options = worker->options;
    unsigned bufs = 2 * worker->count;
    struct loop_options loop_options = {
        .ring.sq_entries = 2 * worker->count + 8,
        .ring.cq_entries = OPS_PER_CONN * worker->count + OPS_MORE,
        .tasks_max = worker->count + 1,
    };
    bool has_large = options->path != NULL, is_tiny;
    int rc = loop_init(&worker->loop, &loop_options);

    if (rc < 0)
        return rc;
    for (unsigned i = 0; i < options->size_count; i++)
        has_large |= options->sizes[i] > BUF_LEN_SMALL;
    bufs = bufs < BUFS_MIN ? BUFS_MIN : bufs > BUFS_MAX ? BUFS_MAX : bufs;
    is_tiny = worker->loop.ring.cq_entries < loop_options.ring.cq_entries;
    if (is_tiny && options->rate > 0)
        rc = -ENOSPC;
    else
        rc = bufring_init(&worker->bufring, &worker->loop.ring, bufs,
                          has_large ? BUF_LEN_LARGE : BUF_LEN_SMALL, 0);
    if (rc < 0)
        loop_finish(&worker->loop);
    else if (is_tiny || options->address.storage.ss_family == AF_UNIX)
        worker->bufring.receive = BUFRING_SINGLE; /* Unix: see stream.h */
    return rc;
}

void *load_worker_run(void *arg)
{
    struct load_worker *worker = arg;
    int rc = open_loop(worker);

    if (rc < 0) {
        (void)command_no_ring("echo-client", rc);
        atomic_store(&load_has_failed, true);
        (void)pthread_barrier_wait(&all_connected); /* the others wait there */
        worker->result = rc;
        return NULL;
    }
    rc = loop_run(&worker->loop, load_worker_measure, worker);
    if (worker->result == 0)
        worker->result = rc;
    if (worker->result < 0)
        atomic_store(&load_has_failed, true);
    bufring_finish(&worker->bufring);
    loop_finish(&worker->loop);
    return NULL;
}

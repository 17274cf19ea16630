/* host.c: a server program from its options to its end; see host.h.
 * Introduced in phase 8. Needs: host.h, await.h, post.h, signals.h, sys.h.
 *
 * What it teaches: threads without sharing. Each has its own ring and all that
 * belongs to it; what one has to tell another it posts. */
#include "host.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "await.h"
#include "post.h"
#include "signals.h"
#include "sys.h"

#define THREADS_MAX 64
#define TASKS_BESIDE_CONNS 8 /* main's, the signals', the posts' */
#define CQ_MAX 65536u

/* A post that may be sent again before it has arrived: that is one message, as
 * with the signals that are its cause. */
struct message {
    struct post post;
    atomic_bool is_under_way;
};

/* One ring, its thread and its server. */
struct unit {
    const struct host_options *options; /* borrowed */
    struct limits limits;               /* as this ring can hold them */
    pthread_t thread;
    struct loop loop;
    struct server server;
    struct post_box box;
    struct message stop, print; /* from the first unit */
    struct message failed;      /* to the first unit */
    int listener;
    int result;
    enum host_step step;
};

static struct unit units[THREADS_MAX];
static unsigned unit_count;
static int signal_fd;
static struct net_address listening_at;

static void message_send(struct message *message, struct post_box *box)
{
    if (!atomic_exchange(&message->is_under_way, true))
        loop_post(box, &message->post);
}

static struct message *message_of(struct post *post)
{
    struct message *message = container_of(post, struct message, post);

    atomic_store(&message->is_under_way, false);
    return message;
}

static void on_stop(struct post *post)
{
    server_stop(&container_of(message_of(post), struct unit, stop)->server);
}

static void on_print(struct post *post)
{
    server_print_counters(
        &container_of(message_of(post), struct unit, print)->server);
}

static void stop_all(void)
{
    for (unsigned i = 0; i < unit_count; i++)
        message_send(&units[i].stop, &units[i].box);
}

static void print_all(void)
{
    for (unsigned i = 0; i < unit_count; i++)
        message_send(&units[i].print, &units[i].box);
}

static void on_failed(struct post *post)
{
    (void)message_of(post);
    stop_all();
}

static int take_posts(void *arg) /* task body */
{
    struct post_box *box = arg;
    int rc;

    do
        rc = await_posts(box);
    while (rc >= 0);
    return rc;
}

static int take_signals(void *arg) /* task body */
{
    int signal;

    (void)arg;
    while ((signal = await_signal(signal_fd)) > 0) {
        if (signal == SIGUSR1)
            print_all();
        else
            stop_all();
    }
    return signal;
}

static int fail(struct unit *unit, enum host_step step, int result)
{
    unit->step = step;
    unit->result = result;
    message_send(&unit->failed, &units[0].box);
    return result;
}

/* The sockets are made by the first unit, before the others exist: so an
 * address that is taken is noticed once, and port 0 is the same for all. */
static int await_listeners(struct unit *first)
{
    listening_at = first->options->address;
    for (unsigned i = 0; i < unit_count; i++) {
        int fd = await_listen(&listening_at, LIMIT_BACKLOG, unit_count > 1);

        if (fd < 0)
            return fd;
        units[i].listener = fd;
    }
    return 0;
}

/* Serves while two other tasks listen: one for what the first unit posts, and,
 * in the first unit, one for signals. */
static int await_service(struct unit *unit)
{
    struct task posts = {0}, signals = {0};
    int rc = task_spawn(&posts, "posts", take_posts, &unit->box);

    if (rc == 0 && unit == &units[0])
        rc = task_spawn(&signals, "signals", take_signals, NULL);
    if (rc < 0)
        fail(unit, HOST_RING, rc);
    else if ((rc = await_server(&unit->server, unit->listener)) < 0)
        fail(unit, HOST_ACCEPT, rc);
    unit->listener = -1;
    task_cancel(&signals);
    task_cancel(&posts);
    if (signals.state != TASK_NEW)
        task_join(&signals);
    if (posts.state != TASK_NEW)
        task_join(&posts);
    return rc;
}

/* The first task of every unit. */
static int run_unit(void *arg) /* task body */
{
    struct unit *unit = arg;
    const struct host_options *options = unit->options;
    struct server_options server_options = {
        .limits = &unit->limits,
        .name = options->name,
        .serve = options->serve,
        .state_len = options->state_len,
    };
    int rc = 0;

    if (options->await_open != NULL)
        rc = options->await_open(&server_options.context,
                                 (unsigned)(unit - units), options->arg);
    if (rc < 0)
        return fail(unit, HOST_CONTEXT, rc);
    rc = server_init(&unit->server, &server_options);
    rc = rc < 0 ? fail(unit, HOST_SERVER, rc) : await_service(unit);
    if (options->await_close != NULL)
        options->await_close(server_options.context);
    return rc;
}

/* A connection that holds one place among the operations in flight, and waits
 * for another, must not be able to wait for ever: there are never more
 * connections than have all their places. */
static void limit_conns(struct unit *unit)
{
    unsigned places = unit->loop.ring.cq_entries - LIMIT_PLACES_BESIDE_CONNS;
    unsigned conns_max = places / LIMIT_PLACES_PER_CONN;

    if (unit->limits.conns_max > conns_max)
        unit->limits.conns_max = conns_max;
}

static int open_loop(struct unit *unit)
{
    const struct limits *limits = &unit->options->limits;
    unsigned wanted = LIMIT_PLACES_PER_CONN * limits->conns_max +
                      LIMIT_PLACES_BESIDE_CONNS;
    struct loop_options options = {
        .ring.sq_entries = limits->sq,
        .ring.cq_entries = limits->cq,
        .tasks_max = limits->conns_max + TASKS_BESIDE_CONNS,
    };
    int rc;

    if (limits->cq == LIMIT_CQ && wanted > LIMIT_CQ) /* nobody said less */
        options.ring.cq_entries = wanted < CQ_MAX ? wanted : CQ_MAX;
    rc = loop_init(&unit->loop, &options);
    if (rc < 0)
        return fail(unit, HOST_RING, rc);
    unit->limits = *limits;
    limit_conns(unit);
    return 0;
}

static void *run_thread(void *arg)
{
    struct unit *unit = arg;

    if (open_loop(unit) == 0) {
        (void)loop_run(&unit->loop, run_unit, unit);
        server_finish(&unit->server);
        loop_finish(&unit->loop);
    }
    if (unit->listener >= 0)
        sys_close(unit->listener);
    return NULL;
}

/* The first unit's first task: everything that must be there before it serves,
 * and everything that must be gone when it no longer does. */
static int run_first(void *arg) /* task body */
{
    struct unit *first = arg;
    unsigned started = 1;
    int rc = await_listeners(first);

    if (rc < 0)
        return fail(first, HOST_LISTEN, rc);
    while (started < unit_count && rc == 0) {
        rc = sys_thread_start(&units[started].thread, run_thread,
                              &units[started]);
        started += rc == 0;
    }
    if (rc < 0)
        stop_all();
    else
        first->options->on_listening(&listening_at);
    rc = run_unit(first);
    stop_all();
    for (unsigned i = 1; i < started; i++)
        sys_thread_join(units[i].thread);
    return rc;
}

static int open_units(const struct host_options *options)
{
    const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
    int rc = 0;

    unit_count = options->limits.threads;
    assert(unit_count >= 1 && unit_count <= THREADS_MAX);
    signal_fd = signals_open(numbers, 3);
    if (signal_fd < 0)
        return signal_fd;
    sys_ignore_signal(SIGPIPE);
    for (unsigned i = 0; i < unit_count && rc == 0; i++) {
        struct unit *unit = &units[i];

        unit->options = options;
        unit->listener = -1;
        unit->stop.post.fn = on_stop;
        unit->print.post.fn = on_print;
        unit->failed.post.fn = on_failed;
        rc = post_box_init(&unit->box);
    }
    return rc;
}

static void close_units(void)
{
    for (unsigned i = 0; i < unit_count; i++)
        post_box_finish(&units[i].box);
    if (signal_fd >= 0)
        sys_close(signal_fd);
}

int host_run(const struct host_options *options, enum host_step *step)
{
    int rc = open_units(options);

    *step = HOST_RING;
    if (rc == 0)
        rc = open_loop(&units[0]);
    if (rc == 0) {
        rc = loop_run(&units[0].loop, run_first, &units[0]);
        server_finish(&units[0].server);
        loop_finish(&units[0].loop);
    }
    close_units();
    for (unsigned i = 0; i < unit_count; i++) {
        if (units[i].result < 0) {
            *step = units[i].step;
            return units[i].result;
        }
    }
    return rc;
}

const char *host_step_words(enum host_step step)
{
    static const char *const words[] = {
        [HOST_RING] = "cannot set up io_uring",
        [HOST_LISTEN] = "cannot listen",
        [HOST_SERVER] = "cannot make the connections",
        [HOST_CONTEXT] = "cannot start",
        [HOST_ACCEPT] = "cannot accept connections",
    };

    return words[step];
}

/* worker.c: one ring of a server program; see worker.h.
 * Introduced in phase 8. Needs: worker.h, capacity.h, handoff.h,
 * overflow.h, sys.h.
 *
 * What it teaches: threads share only atomics, and post everything else. */
#include "worker.h"

#include <assert.h>
#include <errno.h>

#include "capacity.h"
#include "handoff.h"
#include "overflow.h"
#include "sys.h"

#define TASKS_BESIDE_CONNS 8 /* main, signals, posts, and five spare tasks */

static void worker_on_stop(struct post *post)
{
    struct worker *worker =
        container_of(message_received(post), struct worker, stop);

    worker->must_stop = true;
    if (worker->is_serving)
        server_stop(&worker->server);
}

static void worker_on_print(struct post *post)
{
    struct worker *worker =
        container_of(message_received(post), struct worker, print);

    server_print_counters(&worker->server);
}

void worker_stop(struct worker *worker)
{
    message_send(&worker->stop, &worker->box);
}

void worker_print(struct worker *worker)
{
    message_send(&worker->print, &worker->box);
}

int worker_fail(struct worker *worker, enum service_step step, int result)
{
    if (worker->result == 0) {
        worker->step = step;
        worker->result = result;
    }
    return result;
}

int worker_init(struct worker *worker, const struct service_options *options,
                struct worker *workers, unsigned count,
                void (*on_ended)(struct post *post))
{
    worker->options = options;
    worker->workers = workers;
    worker->count = count;
    worker->listener = -1;
    worker->stop.post.fn = worker_on_stop;
    worker->print.post.fn = worker_on_print;
    worker->ended.post.fn = on_ended;
    handoff_init(worker);
    return post_box_init(&worker->box);
}

void worker_finish(struct worker *worker)
{
    if (worker->box.is_open && worker->listener >= 0)
        sys_close(worker->listener);
    post_box_finish(&worker->box);
}

/* Makes the loop, with a CQ and tasks for all connections. */
static int open_loop(struct worker *worker)
{
    struct limits *limits = &worker->limits;
    struct loop_options options = {
        .ring = {.sq_entries = limits->sq, .cq_entries = capacity_cq(limits),
                 .rules = worker->options->rules},
        .tasks_max = limits->conns_max * (1 + worker->options->tasks_more) +
                     TASKS_BESIDE_CONNS,
        .timers_max = limits->conns_max + TASKS_BESIDE_CONNS,
    };
    int rc = loop_init(&worker->loop, &options);
    unsigned fits = capacity_of_cq(worker->loop.ring.cq_entries);

    if (rc == 0 && limits->conns_max > fits)
        limits->conns_max = fits;
    return rc;
}

int worker_open(struct worker *worker)
{
    int rc;

    worker->limits = worker->options->limits;
    do
        rc = open_loop(worker);
    while (rc == -ENOMEM && capacity_shrink(&worker->limits));
    if (rc < 0)
        return worker_fail(worker, SERVICE_RING, rc);
    /* Ignore a failure: the watch only adds a message after an overflow. */
    (void)overflow_watch(&worker->loop.sched);
    return 0;
}

void worker_close(struct worker *worker)
{
    server_finish(&worker->server);
    overflow_unwatch();
    loop_finish(&worker->loop);
}

static int worker_await_context(struct worker *worker, void *context)
{
    const struct server_options options = {
        .limits = &worker->limits,
        .name = worker->options->name,
        .program = worker->options->program,
        .serve = worker->options->serve,
        .context = context,
        .peers = worker->count > 1 ? &worker->peers : NULL,
        .state_len = worker->options->state_len,
        .knows_peers = worker->options->knows_peers,
        .counters = worker->options->counters,
        .ring = (unsigned)(worker - worker->workers),
    };
    int rc, listener = worker->listener;

    do
        rc = server_init(&worker->server, &options);
    while (rc == -ENOMEM && capacity_shrink(&worker->limits));
    if (rc < 0)
        return worker_fail(worker, SERVICE_SERVER, rc);
    worker->is_serving = true;
    if (worker->must_stop)
        server_stop(&worker->server);
    /* Notify full workers, which may have looked for a slot here before
     * server_init. */
    worker->peers.on_room(&worker->server);
    worker->listener = -1;
    rc = server_await_end(&worker->server, listener);
    worker->is_serving = false;
    return rc < 0 ? worker_fail(worker, SERVICE_ACCEPT, rc) : rc;
}

int worker_await_serve(struct worker *worker)
{
    const struct service_options *options = worker->options;
    void *context = NULL;
    int rc = 0;

    if (options->await_open != NULL)
        rc = options->await_open(&context, (unsigned)(worker - worker->workers),
                                 &worker->limits);
    if (rc < 0)
        return worker_fail(worker, SERVICE_CONTEXT, rc);
    rc = worker_await_context(worker, context);
    if (options->await_close != NULL)
        options->await_close(context);
    return rc;
}

int worker_take_posts(void *arg) /* task body */
{
    struct worker *worker = arg;
    int rc;

    do
        rc = post_await_posts(&worker->box);
    while (rc >= 0);
    return rc;
}

/* The first task of a worker that has its own thread. Returns the same as
 * worker_await_serve. */
static int run_alone(void *arg) /* task body */
{
    struct worker *worker = arg;
    struct task posts = {0};
    int rc = task_spawn(&posts, "posts", worker_take_posts, worker);

    if (rc < 0)
        return worker_fail(worker, SERVICE_RING, rc);
    rc = worker_await_serve(worker);
    task_cancel(&posts);
    task_join(&posts);
    return rc;
}

static void *run_thread(void *arg)
{
    struct worker *worker = arg;

    if (worker_open(worker) == 0) {
        int rc = loop_run(&worker->loop, run_alone, worker);

        if (rc < 0)
            worker_fail(worker, SERVICE_RING, rc);
        worker_close(worker);
    }
    message_send(&worker->ended, &worker->workers[0].box);
    return NULL;
}

int worker_start(struct worker *worker)
{
    assert(worker != worker->workers); /* the first uses main's thread */
    return sys_thread_start(&worker->thread, run_thread, worker);
}

/* unit.c: one ring of a server program; see unit.h.
 * Introduced in phase 8. Needs: unit.h, overflow.h, sys.h.
 *
 * What it teaches: threads without sharing. Each has its own ring and all that
 * belongs to it; what one has to tell another it posts. */
#include "unit.h"

#include <assert.h>

#include "overflow.h"
#include "sys.h"

#define TASKS_BESIDE_CONNS 8 /* main's, the signals', the posts' */
#define CQ_MAX 65536u

static void message_send(struct message *message, struct post_box *box)
{
    if (!atomic_exchange(&message->is_under_way, true))
        loop_post(box, &message->post);
}

/* From here on it can be sent again. */
static struct message *message_received(struct post *post)
{
    struct message *message = container_of(post, struct message, post);

    atomic_store(&message->is_under_way, false);
    return message;
}

static void on_stop(struct post *post)
{
    struct unit *unit = container_of(message_received(post), struct unit, stop);

    unit->must_stop = true;
    if (unit->is_serving)
        server_stop(&unit->server);
}

static void on_print(struct post *post)
{
    struct unit *unit = container_of(message_received(post), struct unit,
                                     print);

    server_print_counters(&unit->server);
}

void unit_stop(struct unit *unit)
{
    message_send(&unit->stop, &unit->box);
}

void unit_print(struct unit *unit)
{
    message_send(&unit->print, &unit->box);
}

int unit_fail(struct unit *unit, enum host_step step, int result)
{
    if (unit->result == 0) {
        unit->step = step;
        unit->result = result;
    }
    return result;
}

int unit_init(struct unit *unit, const struct host_options *options,
              struct post_box *home, void (*on_ended)(struct post *post))
{
    unit->options = options;
    unit->listener = -1;
    unit->home = home;
    unit->stop.post.fn = on_stop;
    unit->print.post.fn = on_print;
    unit->ended.post.fn = on_ended;
    return post_box_init(&unit->box);
}

void unit_finish(struct unit *unit)
{
    if (unit->box.is_open && unit->listener >= 0)
        sys_close(unit->listener);
    post_box_finish(&unit->box);
}

/* A connection that holds one place among the operations in flight, and waits
 * for another, must not be able to wait for ever: there are never more
 * connections than have all their places. */
static void limit_conns(struct unit *unit)
{
    unsigned cq = unit->loop.ring.cq_entries, conns_max = 1;

    if (cq >= LIMIT_PLACES_BESIDE_CONNS + LIMIT_PLACES_PER_CONN)
        conns_max = (cq - LIMIT_PLACES_BESIDE_CONNS) / LIMIT_PLACES_PER_CONN;
    if (unit->limits.conns_max > conns_max)
        unit->limits.conns_max = conns_max;
}

int unit_open(struct unit *unit)
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
        return unit_fail(unit, HOST_RING, rc);
    (void)overflow_watch(&unit->loop.sched); /* else a fault without a name */
    unit->limits = *limits;
    limit_conns(unit);
    return 0;
}

void unit_close(struct unit *unit)
{
    server_finish(&unit->server);
    overflow_unwatch();
    loop_finish(&unit->loop);
}

static int await_service(struct unit *unit, void *context)
{
    struct server_options options = {
        .limits = &unit->limits,
        .name = unit->options->name,
        .serve = unit->options->serve,
        .context = context,
        .state_len = unit->options->state_len,
    };
    int rc = server_init(&unit->server, &options);
    int listener = unit->listener;

    if (rc < 0)
        return unit_fail(unit, HOST_SERVER, rc);
    unit->is_serving = true;
    if (unit->must_stop)
        server_stop(&unit->server);
    unit->listener = -1;
    rc = await_server(&unit->server, listener);
    unit->is_serving = false;
    return rc < 0 ? unit_fail(unit, HOST_ACCEPT, rc) : rc;
}

int await_unit(struct unit *unit)
{
    const struct host_options *options = unit->options;
    void *context = NULL;
    int rc = 0;

    if (options->await_open != NULL)
        rc = options->await_open(&context, unit->number, options->arg);
    if (rc < 0)
        return unit_fail(unit, HOST_CONTEXT, rc);
    rc = await_service(unit, context);
    if (options->await_close != NULL)
        options->await_close(context);
    return rc;
}

int unit_take_posts(void *arg) /* task body */
{
    struct unit *unit = arg;
    int rc;

    do
        rc = await_posts(&unit->box);
    while (rc >= 0);
    return rc;
}

/* The first task of a unit with a thread of its own. */
static int run_alone(void *arg) /* task body */
{
    struct unit *unit = arg;
    struct task posts = {0};
    int rc = task_spawn(&posts, "posts", unit_take_posts, unit);

    if (rc < 0)
        return unit_fail(unit, HOST_RING, rc);
    rc = await_unit(unit);
    task_cancel(&posts);
    task_join(&posts);
    return rc;
}

static void *run_thread(void *arg)
{
    struct unit *unit = arg;

    if (unit_open(unit) == 0) {
        int rc = loop_run(&unit->loop, run_alone, unit);

        if (rc < 0)
            unit_fail(unit, HOST_RING, rc);
        unit_close(unit);
    }
    message_send(&unit->ended, unit->home);
    return NULL;
}

int unit_start(struct unit *unit)
{
    assert(unit->home != &unit->box); /* the first has its thread already */
    return sys_thread_start(&unit->thread, run_thread, unit);
}

/* sim_actors.c: tasks that wait, race and cancel each other; see sim_actors.h.
 *
 * What it teaches: what may happen to a call that suspends. It has a result,
 * its deadline passes, or its task is cancelled. These three can come in any
 * order, and no order may lose a byte or end a wait too early. */
#include "sim_actors.h"

#include <errno.h>
#include <string.h>

#include "await.h"
#include "channel.h"
#include "queue.h"
#include "sim_check.h"
#include "sim_file.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_world.h"
#include "sys.h"
#include "sys_process.h"

#define ROUNDS_MAX 6u
#define PART_MAX 8u
#define CHANNEL_MAX 2u
#define OWED_MAX 2u
#define NS_PER_MS UINT64_C(1000000)

/* A task with a pipe to itself. Byte n that it writes is n. */
struct actor {
    struct task task;
    int fds[2];
    uint8_t written, read; /* counts, modulo 256 */
    bool is_cancelled;
    bool has_deadline;
    bool is_owed;        /* it was cancelled, and no call has returned that */
    unsigned owed_count; /* operations that have ended since */
};

static struct {
    struct actor actors[ACTORS_MAX];
    unsigned count;
    struct channel channel;
    int items[CHANNEL_MAX];
    int sent_sum, received_sum; /* of all items */
} stage;

/* An error is allowed only if its cause exists. */
static void check_cause(struct actor *actor, int result)
{
    check_that(result != -ECANCELED || actor->is_cancelled,
               "an-interruption-has-a-cause", "not cancelled, but the result:",
               result);
    check_that(result != -ETIME || actor->has_deadline,
               "an-interruption-has-a-cause", "no deadline, but the result:",
               result);
    if (result == -ECANCELED)
        actor->is_owed = false;
}

/* Checks that the actor gets a cancel soon. The operation in flight returns the
 * cancel, unless the operation has a result: then the next one returns it. An
 * operation in between may return a deadline. */
static void check_operation(struct actor *actor, int result)
{
    check_cause(actor, result);
    actor->owed_count += actor->is_owed;
    check_that(!actor->is_owed || actor->owed_count <= OWED_MAX,
               "a-cancel-is-delivered", "operations after a cancel:",
               actor->owed_count);
}

static void actor_await_time(struct actor *actor)
{
    uint64_t begin_ns = world_now_ns(), delay_ns = pick(4) * NS_PER_MS;
    bool is_timeout = pick(2) == 0;
    int rc = is_timeout ? await_timeout_ns(delay_ns)
                        : await_sleep_ns(delay_ns);

    check_operation(actor, rc);
    /* A sleep begins at the loop's time, which is slightly in the past. */
    if (rc == 0 && is_timeout)
        check_that(world_now_ns() >= begin_ns + delay_ns, "no-early-timeout",
                   "ns too early:",
                   (int64_t)(begin_ns + delay_ns - world_now_ns()));
}

/* Only the bytes that a write reports have been written. An interrupted write
 * has written none. */
static void actor_await_write(struct actor *actor)
{
    uint8_t part[PART_MAX];
    unsigned len = 1 + pick(PART_MAX);
    int rc;

    for (unsigned i = 0; i < len; i++)
        part[i] = (uint8_t)(actor->written + i);
    rc = await_write(actor->fds[1], part, len, AWAIT_STREAM);
    check_operation(actor, rc);
    if (rc > 0)
        actor->written = (uint8_t)(actor->written + rc);
}

/* The deadline races with the bytes. If it wins, the bytes stay in the pipe,
 * and the next read must return them. */
static void actor_await_read(struct actor *actor)
{
    uint8_t part[PART_MAX];
    int rc;

    actor->has_deadline = true;
    deadline_set_ns(pick(3) * NS_PER_MS);
    rc = await_read(actor->fds[0], part, sizeof part, AWAIT_STREAM);
    deadline_clear();
    check_operation(actor, rc);
    check_that(rc != 0, "bytes-are-a-prefix", "an end of file, with result",
               rc);
    for (int i = 0; i < rc; i++)
        check_that(part[i] == actor->read++, "bytes-are-a-prefix",
                   "there is a wrong byte:", part[i]);
}

/* The deadline races with a receiver. If it wins, the item was not sent. */
static void actor_await_send(struct actor *actor)
{
    int item = (int)pick(1000), rc;

    actor->has_deadline = true;
    deadline_set_ns(pick(3) * NS_PER_MS);
    rc = channel_await_send(&stage.channel, &item);
    deadline_clear();
    check_cause(actor, rc);
    stage.sent_sum += rc == 0 ? item : 0;
}

/* A receive that fails has taken no item: the sums at the end show it. */
static void actor_await_receive(struct actor *actor)
{
    int item = 0, rc;

    actor->has_deadline = true;
    deadline_set_ns(pick(3) * NS_PER_MS);
    rc = channel_await_receive(&stage.channel, &item);
    deadline_clear();
    check_cause(actor, rc);
    stage.received_sum += rc > 0 ? item : 0;
}

/* Each actor is a short random program. */
static int act(void *arg) /* task body */
{
    struct actor *actor = arg, *other;

    for (unsigned rounds = 1 + pick(ROUNDS_MAX); rounds > 0; rounds--) {
        switch (pick(8)) {
        case 0:
            check_operation(actor, await_nop());
            break;
        case 1:
        case 2:
            actor_await_time(actor);
            break;
        case 3:
            actor_await_write(actor);
            break;
        case 4:
            actor_await_read(actor);
            break;
        case 5:
            actor_await_send(actor);
            break;
        case 6:
            actor_await_receive(actor);
            break;
        default:
            other = &stage.actors[pick(stage.count)]; /* perhaps itself */
            other->is_cancelled = true;
            other->owed_count = other->is_owed ? other->owed_count : 0;
            other->is_owed = true;
            task_cancel(&other->task);
        }
    }
    return 0;
}

/* Ends when all actors have ended. The joins cannot be interrupted, so the
 * pipes are closed after their last use. */
int actors_await_all(void *arg) /* task body */
{
    int item;

    (void)arg; /* the stage is static, for all actors */
    memset(&stage, 0, sizeof stage);
    stage.count = 1 + pick(ACTORS_MAX);
    channel_init(&stage.channel, stage.items, sizeof *stage.items,
                 pick(CHANNEL_MAX + 1));
    for (unsigned i = 0; i < stage.count; i++) {
        struct actor *actor = &stage.actors[i];
        int rc = sys_pipe(actor->fds);

        check_that(rc == 0, "set-up", "a pipe:", rc);
        rc = task_spawn(&actor->task, "actor", act, actor);
        check_that(rc == 0, "set-up", "a task:", rc);
    }
    for (unsigned i = 0; i < stage.count; i++) {
        struct actor *actor = &stage.actors[i];

        (void)task_join(&actor->task);
        (void)await_close(actor->fds[0]);
        (void)await_close(actor->fds[1]);
    }
    channel_close(&stage.channel);
    while (channel_await_receive(&stage.channel, &item) > 0)
        stage.received_sum += item;
    check_that(stage.sent_sum == stage.received_sum, "every-item-arrives-once",
               "the sum of the items that were lost:",
               stage.sent_sum - stage.received_sum);
    return 0;
}

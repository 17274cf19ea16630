/* sim_ops.c: all operations in flight; see sim_ops.h. */
#include "sim_ops.h"

#include <assert.h>
#include <string.h>

#include "sim_file.h"
#include "sim_world.h"

#define OPS_MAX 512u

static struct {
    struct sim_op pool[OPS_MAX];
    struct sim_op *unused[OPS_MAX];
    struct sim_op *live[OPS_MAX]; /* in the order of their submits */
    unsigned live_count;
} ops;

static void offer_events(void)
{
    for (unsigned i = 0; i < ops.live_count; i++)
        op_offer(ops.live[i]);
}

void ops_begin(void)
{
    ops.live_count = 0;
    for (unsigned i = 0; i < OPS_MAX; i++)
        ops.unused[i] = &ops.pool[i];
    world_add_source(offer_events);
}

struct sim_op *ops_add(struct sim_ring *ring, const struct io_uring_sqe *sqe)
{
    struct sim_op *op;

    assert(ops.live_count < OPS_MAX);
    op = ops.unused[ops.live_count];
    *op = (struct sim_op){.sqe = *sqe, .ring = ring, .state = OP_LINKED,
                          .parts[0] = {(void *)(uintptr_t)sqe->addr, sqe->len},
                          .part_count = 1};
    ops.live[ops.live_count++] = op;
    return op;
}

void ops_remove(struct sim_op *op)
{
    unsigned i = 0;

    while (ops.live[i] != op)
        i++;
    memmove(&ops.live[i], &ops.live[i + 1],
            (--ops.live_count - i) * sizeof *ops.live);
    ops.unused[ops.live_count] = op;
    if (op->file != NULL)
        file_release(op->file);
}

struct sim_op *ops_oldest_fired(const struct sim_ring *ring)
{
    struct sim_op *oldest = NULL;

    for (unsigned i = 0; i < ops.live_count; i++) {
        struct sim_op *op = ops.live[i];

        if (op->ring == ring && op->state == OP_FIRED &&
            (oldest == NULL || op->fired_order < oldest->fired_order))
            oldest = op;
    }
    return oldest;
}

/* Returns true if a cancel can find the operation. */
static bool is_cancellable(const struct sim_op *op)
{
    return op->state != OP_LINKED && op->state != OP_NOTICE &&
           !op->has_result && op->sqe.opcode != IORING_OP_LINK_TIMEOUT;
}

struct sim_op *ops_find(const struct sim_op *op, uint64_t user_data)
{
    for (unsigned i = ops.live_count; i-- > 0;)
        if (ops.live[i] != op && ops.live[i]->ring == op->ring &&
            ops.live[i]->sqe.user_data == user_data &&
            is_cancellable(ops.live[i]))
            return ops.live[i];
    return NULL;
}

unsigned ops_count(const struct sim_ring *ring, bool is_named)
{
    unsigned count = 0;

    for (unsigned i = 0; i < ops.live_count; i++)
        count += ops.live[i]->ring == ring &&
                 (!is_named || ops.live[i]->sqe.user_data != 0);
    return count;
}

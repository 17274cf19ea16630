/* sim_op.h: an operation, from its SQE to its terminal CQE.
 *
 *              submit                         ring_work: in an enter
 *     [SQE] ------------> (issue) ----------------------------> [CQE]
 *                          |   ^                           ^
 *           not ready yet  v   |                           |
 *                        WAITING --- an event -------> FIRED
 *                        TIMER   --- the time -------->  ^
 *                        QUEUED --> RUNNING --- done ----+
 *                         (an io-wq worker)
 *
 * sim_cancel.h ends an operation early, and sim_chain.h has what happens behind
 * a link. */
#ifndef PHASE6_SIM_OP_H
#define PHASE6_SIM_OP_H

#include <liburing.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "sim_file.h"

struct sim_ring;

/* The values that run returns besides a result. */
#define OP_WAITS FILE_WAITS       /* not ready: wait for an event */
#define OP_SLEEPS (INT32_MIN + 1) /* wait until op->due_ns */

#define OP_PATH_MAX 64
#define OP_PARTS_MAX 16

enum op_state {
    OP_LINKED, /* after another operation of its chain */
    OP_WAITING,
    OP_TIMER,
    OP_QUEUED,
    OP_RUNNING,
    OP_NOTICE, /* a zero-copy send has its result, and still has its memory */
    OP_FIRED
};

struct sim_op {
    struct io_uring_sqe sqe; /* a copy: the SQE in the SQ is overwritten */
    struct sim_ring *ring;
    struct sim_file *file;   /* referenced; NULL */
    struct sim_op *next;     /* the rest of its chain */
    struct sim_op *limit;    /* its linked timeout; NULL: none is armed */
    struct sim_op *limited;  /* of a linked timeout: the operation that has it;
                                NULL: it has expired */
    enum op_state state;
    bool is_new;             /* FIRED: to be issued, after its predecessor */
    bool has_result;         /* FIRED: result is final */
    bool is_silent;          /* no CQE: its chain was broken silently */
    bool is_lent;            /* its memory has not been filled or read yet */
    bool is_interrupted;     /* RUNNING: a cancel has ended its waits */
    int result;
    uint32_t flags;          /* of the terminal CQE */
    uint64_t fired_order;
    uint64_t due_ns;         /* TIMER: the time; LINKED: how long it will be */
    uint64_t target;         /* of a linked timeout: the user_data to cancel */
    uint64_t hash;           /* of the memory that the kernel reads */
    size_t done;             /* bytes transferred by earlier attempts */

    /* Copied at submit: the program may reuse what it has passed. */
    struct iovec parts[OP_PARTS_MAX]; /* the memory that it fills or reads */
    unsigned part_count;
    char path[OP_PATH_MAX];
    struct open_how how;
};

enum op_memory { OP_NO_MEMORY, OP_FILLS, OP_READS };

/* The properties and the effect of an opcode. */
struct op_kind {
    const char *name;      /* NULL: not simulated */
    unsigned poll;         /* the event that it waits for; 0: none */
    enum op_memory memory;
    bool has_file;
    bool may_punt;         /* an io-wq worker may run it */
    bool must_punt;        /* only a worker runs it */
    bool may_poll_first;   /* it knows IORING_RECVSEND_POLL_FIRST */
    bool breaks_if_short;  /* a short result ends its chain */
    bool has_notice;       /* a second CQE: the memory is the program's again */
    void (*prepare)(struct sim_op *op); /* at submit; NULL: the operation's
                                           memory is addr and len */
    int (*run)(struct sim_op *op);
};

/* Copies an SQE. Fails with "simulated-operation" if its opcode or its flags
 * are not simulated. op_issue starts the operation. */
struct sim_op *op_take(struct sim_ring *ring, const struct io_uring_sqe *sqe);
void op_issue(struct sim_op *op);

/* Offers what can happen to the operation without an enter: see sim_world.h. */
void op_offer(struct sim_op *op);

/* Posts a CQE of a multishot operation, which continues. Returns false, and
 * posts nothing, if the CQ is full: the operation ends then. */
bool op_post_more(struct sim_op *op, int result, uint32_t flags);

/* Makes the operation complete with result during the next enter. */
void op_fire(struct sim_op *op, int result);

/* Makes the operation be issued, or be tried again, during the next enter. */
void op_issue_later(struct sim_op *op);
void op_retry_later(struct sim_op *op);

/* Returns the number of bytes of an operation's memory. */
size_t op_len(const struct sim_op *op);

/* Performs the work of FIRED operations, the oldest first, and perhaps not of
 * all of them. Returns true if a FIRED one is left. */
bool op_work(struct sim_ring *ring);

/* Returns the kind of an opcode. */
const struct op_kind *op_kind(unsigned opcode);

#endif

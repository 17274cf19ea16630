/* push_pop.c: the checker of phase 1's exercise push_pop.
 *
 * Most cases use a model of a ring: plain memory. The indices that the answer
 * moves are on pages that it cannot write. So its store traps at the instant at
 * which the kernel may act, and the handler acts as the fastest kernel would:
 * it reads the SQE, or overwrites the CQE. The last case uses a real ring. */
#include "push_pop.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define ENTRIES 4u
#define CQ_ENTRIES 8u /* as in a kernel's ring: each queue has its own mask */
#define OTHER_MASK (-1234) /* the res of CQEs that are not in their slot */
#define NO_MASK (-1235)
#define PAGE 4096u
#define NEAR_WRAP 0xfffffffeu

/* The mistake behind an index that is not the old one plus 1. */
#define NOT_MASKED "store the old index plus 1: only the slot is masked, and " \
                   "never the index itself"

static struct {
    struct raw_ring ring;
    char *trap; /* the page whose first store is awaited, or NULL */
    struct io_uring_sqe taken; /* by the kernel, when the tail moved */
    uint32_t taken_from;
    bool has_taken, has_overwritten;
} model;

static void *page(void)
{
    void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        judge_cannot("mmap", -1);
    return memory;
}

/* The kernel, at the store of an index. */
static void act(void)
{
    struct raw_ring *r = &model.ring;

    if (model.trap == (char *)r->sq_tail) {
        uint32_t slot = *r->sq_tail & r->sq_mask;

        model.taken_from = r->sq_array[slot];
        if (model.taken_from <= r->sq_mask)
            model.taken = r->sqes[model.taken_from];
        model.has_taken = true;
    } else {
        memset(r->cqes, 0xee, CQ_ENTRIES * sizeof *r->cqes);
        model.has_overwritten = true;
    }
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (model.trap != NULL && (char *)info->si_addr >= model.trap &&
        (char *)info->si_addr < model.trap + PAGE) {
        act();
        mprotect(model.trap, PAGE, PROT_READ | PROT_WRITE);
        model.trap = NULL;
        return; /* the store is made again, and works */
    }
    signal(number, SIG_DFL); /* a crash like any other */
}

/* Makes a model whose four indices are at begin, with old contents. */
static void make_model(uint32_t begin)
{
    struct raw_ring *r = &model.ring;
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO};

    *r = (struct raw_ring){
        .sq_head = page(), .sq_tail = page(), .sq_array = page(),
        .sqes = page(), .sq_mask = ENTRIES - 1,
        .cq_head = page(), .cq_tail = page(), .cqes = page(),
        .cq_mask = CQ_ENTRIES - 1,
    };
    *r->sq_head = *r->sq_tail = *r->cq_head = *r->cq_tail = begin;
    memset(r->sqes, 0xaa, PAGE);
    memset(r->cqes, 0xaa, CQ_ENTRIES * sizeof *r->cqes);
    memset(r->sq_array, 0x77, PAGE);
    sigaction(SIGSEGV, &action, NULL);
    judge_crash("an access outside the queues: the slot is index & mask");
}

static void await_store(_Atomic uint32_t *index)
{
    model.trap = (char *)index;
    mprotect(model.trap, PAGE, PROT_READ);
}

static void check_push(void)
{
    struct io_uring_sqe sqe = {.opcode = IORING_OP_READ, .fd = 7, .len = 99,
                               .user_data = 12345};

    make_model(6);
    await_store(model.ring.sq_tail);
    judge_run("raw_push: an SQ of 4 slots, head 6, tail 6");
    judge_expect("true, tail 7, and the SQE in place when the tail moves");
    judge_that(raw_push(&model.ring, &sqe),
               "the stub is unchanged, or the SQ was taken for full", "false");
    judge_that(model.has_taken, "the tail must move by 1: the kernel looks "
               "no further", "a tail that did not move");
    judge_result(*model.ring.sq_tail, 7, NOT_MASKED);
    judge_that(model.ring.sq_array[6] == 0x77777777, "the array was set "
               "outside its 4 slots: the SQ's slot is tail & sq_mask",
               "a new number behind the array");
    judge_that(model.taken_from <= model.ring.sq_mask,
               "the array was not set before the tail moved: the kernel finds "
               "the SQE through it", "an old index in the array");
    if (memcmp(&model.taken, &sqe, 8) != 0)
        judge_fail("the tail moved before the SQE was filled: the kernel may "
                   "read the slot at once", "an SQE with old contents");
    judge_bytes(&model.taken, &sqe, sizeof sqe,
                "copy all 64 bytes: the kernel also reads fields that you do "
                "not set");
}

static void check_full(void)
{
    struct io_uring_sqe sqe = {.user_data = 1};

    make_model(0);
    judge_run("raw_push: an SQ of 4 slots, head 0, 5 times");
    judge_expect("true 4 times, then false, and tail 4");
    for (unsigned i = 0; i < ENTRIES; i++) {
        judge_that(raw_push(&model.ring, &sqe),
                   "four SQEs fit into four slots: it is full if tail - head "
                   "is 4", "false too early");
        judge_result(*model.ring.sq_tail, i + 1, NOT_MASKED);
    }
    judge_that(!raw_push(&model.ring, &sqe) && *model.ring.sq_tail == 4,
               "a full SQ must refuse: the SQE would overwrite one that the "
               "kernel has not read", "true");
}

static void check_wrap(void)
{
    struct io_uring_sqe sqe = {0};
    struct io_uring_cqe cqe;

    make_model(NEAR_WRAP);
    judge_run("raw_push 4 times, head and tail 0xfffffffe");
    judge_expect("four SQEs in four slots, and tail 2");
    for (unsigned i = 0; i < ENTRIES; i++) {
        uint32_t slot = *model.ring.sq_tail & model.ring.sq_mask;

        sqe.user_data = i;
        judge_that(raw_push(&model.ring, &sqe),
                   "compare by subtraction: tail - head also holds after the "
                   "wrap", "false");
        judge_result((long)model.ring.sqes[model.ring.sq_array[slot] &
                     model.ring.sq_mask].user_data, i,
                     "the SQE is not in the slot of its index");
    }
    judge_result(*model.ring.sq_tail, 2, NOT_MASKED);
    judge_run("raw_pop, head 0xfffffffe, tail 0");
    judge_expect("true twice, then false");
    *model.ring.cq_tail = NEAR_WRAP + 2;
    judge_that(raw_pop(&model.ring, &cqe) && raw_pop(&model.ring, &cqe),
               "the CQ is empty only if head == tail: '<' is wrong after the "
               "wrap", "false");
    judge_result(*model.ring.cq_head, 0, NOT_MASKED);
    judge_that(!raw_pop(&model.ring, &cqe), "an empty CQ has no result",
               "true");
}

static void check_pop(void)
{
    struct io_uring_cqe cqe = {0};

    make_model(14);
    judge_run("raw_pop: an empty CQ of 8 slots, head 14, tail 14");
    judge_expect("false");
    judge_that(!raw_pop(&model.ring, &cqe) && *model.ring.cq_head == 14,
               "an empty CQ has no result: the slot has an old one", "true");
    judge_run("raw_pop: head 14, tail 15, and a CQE with res 77 in slot 6");
    judge_expect("true, head 15, and res 77");
    model.ring.cqes[6] = (struct io_uring_cqe){.user_data = 5, .res = 77};
    model.ring.cqes[2].res = OTHER_MASK; /* 14 & sq_mask */
    model.ring.cqes[14].res = NO_MASK;
    *model.ring.cq_tail = 15;
    await_store(model.ring.cq_head);
    judge_that(raw_pop(&model.ring, &cqe),
               "there is a CQE if the tail is beyond the head", "false");
    judge_that(model.has_overwritten, "the head must move by 1, or the kernel "
               "runs out of slots", "a head that did not move");
    judge_result(*model.ring.cq_head, 15, NOT_MASKED);
    judge_that(cqe.res != OTHER_MASK, "this slot is head & sq_mask: the CQ is "
               "longer than the SQ, so it has its own mask, cq_mask",
               "the CQE of slot 2");
    judge_that(cqe.res != NO_MASK, "an access outside the queues: the slot is "
               "index & mask", "the memory behind the CQ");
    if (cqe.res != 77)
        judge_fail("the head moved before the CQE was read: the kernel may "
                   "write the slot at once", "res %d", cqe.res);
    judge_result((long)cqe.user_data, 5, "copy the whole CQE");
}

/* Through the kernel: 1000 nops, as many at a time as fit. */
static void check_kernel(void)
{
    struct io_uring ring;
    struct raw_ring *r = &model.ring;
    uint64_t pushed = 0, popped = 0;
    struct io_uring_cqe cqe;

    watch_make_ring(&ring, ENTRIES, 0);
    *r = (struct raw_ring){
        .sq_head = (_Atomic uint32_t *)ring.sq.khead,
        .sq_tail = (_Atomic uint32_t *)ring.sq.ktail,
        .sq_array = ring.sq.array, .sqes = ring.sq.sqes,
        .sq_mask = *ring.sq.kring_mask,
        .cq_head = (_Atomic uint32_t *)ring.cq.khead,
        .cq_tail = (_Atomic uint32_t *)ring.cq.ktail,
        .cqes = ring.cq.cqes, .cq_mask = *ring.cq.kring_mask,
    };
    judge_run("1000 nops through a ring of the kernel");
    judge_expect("each result once, in order");
    judge_suspect("the kernel did not get an SQE, or a CQE was not reaped");
    while (popped < 1000) {
        struct io_uring_sqe nop = {.opcode = IORING_OP_NOP,
                                   .user_data = pushed};

        while (pushed < 1000 && raw_push(r, &nop))
            nop.user_data = ++pushed;
        syscall(SYS_io_uring_enter, ring.ring_fd, ENTRIES, 1,
                IORING_ENTER_GETEVENTS, NULL, 0);
        while (raw_pop(r, &cqe))
            judge_result((long)cqe.user_data, (long)popped++,
                         "a result is missing, or came twice");
    }
    judge_result(watch_submitted(), 1000, "the kernel took another number");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"a push is complete when the tail moves", check_push},
        {"a full SQ refuses", check_full},
        {"a pop is complete when the head moves", check_pop},
        {"indices wrap at 2^32", check_wrap},
        {"the kernel executes what is pushed", check_kernel},
    };

    return judge_main("push_pop", cases, sizeof cases / sizeof *cases);
}

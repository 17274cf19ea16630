/* own_submit.c: the checker of phase 7's exercise own_submit. */
#include "own_submit.h"

#include <errno.h>
#include <string.h>

#include "judge.h"
#include "ring_watch.h"

#define ENTRIES 4u
#define NO_SUCH_OPCODE 250

static struct io_uring ring;
static struct own_queue queue;

static void begin(void)
{
    watch_make_ring(&ring, ENTRIES, 0);
    memset(ring.sq.sqes, 0xaa, ENTRIES * sizeof *ring.sq.sqes);
    for (unsigned i = 0; i < ENTRIES; i++)
        ring.sq.array[i] = i;
    queue = (struct own_queue){
        .ring_fd = ring.ring_fd,
        .head = (_Atomic uint32_t *)ring.sq.khead,
        .tail = (_Atomic uint32_t *)ring.sq.ktail,
        .sqes = ring.sq.sqes,
        .mask = *ring.sq.kring_mask,
    };
    judge_crash("an access outside the queue: the slot is index & mask");
}

/* Hands out an SQE, and fills it. */
static void add(uint8_t opcode, uint64_t user_data)
{
    struct io_uring_sqe *sqe = own_next(&queue);

    if (sqe == NULL)
        judge_fail("the stub is unchanged, or the queue was taken for full: it "
                   "is full if next - head is its length", "NULL");
    judge_that(sqe >= ring.sq.sqes && sqe < ring.sq.sqes + ENTRIES,
               "the SQE is not in the queue: the slot is next & mask",
               "another address");
    judge_that(sqe->rw_flags == 0 && sqe->flags == 0 && sqe->off == 0,
               "the SQE has old contents, and the kernel reads them: zero it",
               "an SQE that is not zeroed");
    sqe->opcode = opcode;
    sqe->user_data = user_data;
}

/* Takes all results. Returns how many there were. */
static unsigned reap(uint64_t *first)
{
    struct io_uring_cqe *cqe;
    unsigned count = 0;

    while (io_uring_peek_cqe(&ring, &cqe) == 0) {
        if (count++ == 0)
            *first = cqe->user_data;
        io_uring_cqe_seen(&ring, cqe);
    }
    return count;
}

static void submit(int expected, const char *mistake)
{
    int came = own_submit(&queue);

    judge_result(came, expected, mistake);
}

static void check_three(void)
{
    uint64_t first = 0;

    begin();
    judge_run("own_next 3 times");
    judge_expect("three SQEs, and a shared tail that has not moved");
    for (unsigned i = 0; i < 3; i++)
        add(IORING_OP_NOP, 10 + i);
    judge_that(*queue.tail == 0, "the shared tail has moved before the SQE was "
               "filled: a kernel thread may read it now", "another tail");
    judge_run("own_submit, with 3 SQEs");
    judge_expect("3");
    submit(3, "the kernel takes tail - head SQEs");
    judge_result(reap(&first), 3, "three results");
    judge_run("own_submit, with none");
    judge_expect("0");
    submit(0, "nothing is left: tail - head is 0");
}

static void check_full(void)
{
    begin();
    judge_run("own_next 5 times, with 4 entries");
    judge_expect("NULL the fifth time");
    for (unsigned i = 0; i < ENTRIES; i++)
        add(IORING_OP_NOP, i);
    judge_that(own_next(&queue) == NULL, "a full queue has no SQE: the kernel "
               "has not taken the first", "an SQE");
    judge_expect("4, and room again");
    submit(ENTRIES, "the SQE that was refused does not count");
    add(IORING_OP_NOP, 9);
}

/* The kernel stops behind an SQE that it refuses. */
static void check_rest(void)
{
    uint64_t first = 0;

    begin();
    judge_run("own_submit, with a nop, an unknown opcode, and two nops");
    judge_expect("2: the kernel stops at what it refuses");
    add(IORING_OP_NOP, 1);
    add(NO_SUCH_OPCODE, 2);
    add(IORING_OP_NOP, 3);
    add(IORING_OP_NOP, 4);
    submit(2, "the result is the number that the kernel took");
    (void)reap(&first);
    judge_run("own_submit again, with one more nop");
    judge_expect("3: the two that were left, and the new one");
    add(IORING_OP_NOP, 5);
    submit(3, "two SQEs were left in the queue: submit tail - head, and not "
           "the number of new ones");
    judge_result(reap(&first), 3, "three results");
    judge_result((long)first, 3, "the SQE that was left comes first");
}

static void check_error(void)
{
    begin();
    judge_run("own_submit on a descriptor that is not a ring");
    judge_expect("-EBADF");
    add(IORING_OP_NOP, 1);
    queue.ring_fd = -1;
    submit(-EBADF, "syscall returns -1, and the reason is in errno");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"three SQEs are handed out and submitted", check_three},
        {"a full queue has no SQE", check_full},
        {"what the kernel left is submitted later", check_rest},
        {"a failed enter is reported", check_error},
    };

    return judge_main("own_submit", cases, sizeof cases / sizeof *cases);
}

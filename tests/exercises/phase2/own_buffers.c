/* own_buffers.c: the checker of phase 2's exercise own_buffers.
 *
 * It looks at every SQE before the kernel gets it, and knows which pipes it has
 * fed. So it sees a buffer with two owners on every run, before a byte is
 * wrong. */
#include "own_buffers.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"
#include "ring_watch.h"

#define COUNT 12u
#define NONE COUNT

static struct io_uring ring;
static char pool[OWN_BUFFERS_COUNT][OWN_BUFFERS_LEN];
static int ins[COUNT], outs[COUNT];
static unsigned owner[OWN_BUFFERS_COUNT]; /* a number in flight, or NONE */
static unsigned looked_at;                /* entries of watch */
static _Atomic bool is_fed[COUNT];
static unsigned used[COUNT], use_count;

/* Three of the first four pipes stay empty for long. */
static const unsigned feeding[COUNT] = {3, 4, 5, 1, 6, 0, 7, 8, 2, 9, 11, 10};

static void message_of(unsigned number, char *text)
{
    memset(text, 0, OWN_BUFFERS_LEN);
    snprintf(text, OWN_BUFFERS_LEN, "message of pipe %u", number);
}

static void feed(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < COUNT; i++) {
        unsigned wanted = OWN_BUFFERS_COUNT + i;
        char text[OWN_BUFFERS_LEN];

        watch_until_submitted(wanted < COUNT ? wanted : COUNT);
        message_of(feeding[i], text);
        atomic_store(&is_fed[feeding[i]], true);
        judge_write(outs[feeding[i]], text, strlen(text));
    }
}

static unsigned number_of(int fd)
{
    for (unsigned i = 0; i < COUNT; i++)
        if (ins[i] == fd)
            return i;
    judge_fail("a read has a descriptor that is not a pipe of the list",
               "descriptor %d", fd);
}

static void look_at(const struct io_uring_sqe *sqe)
{
    unsigned number = number_of(sqe->fd);
    uintptr_t begin = (uintptr_t)pool, at = (uintptr_t)sqe->addr;
    unsigned buffer = (unsigned)((at - begin) / OWN_BUFFERS_LEN);

    if (at < begin || buffer >= OWN_BUFFERS_COUNT)
        judge_fail("a read uses memory that is not a buffer of the pool",
                   "a read of pipe %u into other memory", number);
    if (owner[buffer] != NONE) {
        unsigned old = owner[buffer];

        judge_fail(atomic_load(&is_fed[old])
                       ? "the buffer was reused before use() had its bytes"
                       : "the buffer was reused while the kernel owns it: its "
                         "read has not completed",
                   "a read of pipe %u into buffer %u, which the read of pipe "
                   "%u has", number, buffer, old);
    }
    owner[buffer] = number;
}

static void on_submit(void)
{
    while (looked_at < watch->entry_count)
        look_at(&watch->entries[looked_at++]);
}

/* Returns the mistake behind a wrong call of use. If no CQE was marked as seen,
 * each wait returned the same one, and that is the mistake. */
static const char *use_is(const char *wrong)
{
    return use_count > 1 && watch_reaped() == 0
               ? "no CQE was marked as seen, so each wait returned the same one"
               : wrong;
}

static void on_use(unsigned number, const char *bytes, int result)
{
    char text[OWN_BUFFERS_LEN];

    use_count++;
    if (number >= COUNT || used[number]++ > 0)
        judge_fail(use_is("use() gets the number of each pipe once"),
                   "use(%u, ...)", number);
    message_of(number, text);
    judge_result(result, (long)strlen(text), use_is(
                     result == OWN_BUFFERS_LEN
                     ? "use() gets cqe->res, the number of bytes that came, "
                       "and not the length of the buffer"
                     : "use() got the result of another pipe: user_data shows "
                       "which"));
    judge_bytes(bytes, text, strlen(text), use_is(
                "use() got the bytes of another pipe: user_data shows which"));
    for (unsigned i = 0; i < OWN_BUFFERS_COUNT; i++)
        if (owner[i] == number)
            owner[i] = NONE;
}

static void check_window(void)
{
    watch_make_ring(&ring, 16, 0);
    for (unsigned i = 0; i < COUNT; i++) {
        int ends[2];

        judge_pipe(ends);
        ins[i] = ends[0];
        outs[i] = ends[1];
    }
    for (unsigned i = 0; i < OWN_BUFFERS_COUNT; i++)
        owner[i] = NONE;
    watch->on_submit = on_submit;
    judge_run("read_pipes on 12 pipes, with 4 buffers; pipe 3 is fed first");
    judge_expect("4 reads in flight, each with its own buffer");
    judge_suspect("the window is not full: when one read has completed, start "
                  "the next, and do not wait for the others");
    judge_thread(feed, NULL);
    watch_forbid_reads();
    judge_result(read_pipes(&ring, ins, COUNT, pool, on_use), 0,
                 "the ring did not fail");
    for (unsigned i = 0; i < COUNT; i++)
        if (used[i] == 0)
            judge_fail("a pipe was not read", "no use() of pipe %u", i);
    watch_is_settled();
}

static void check_few(void)
{
    judge_run("read_pipes on no pipe");
    judge_expect("0");
    judge_suspect("it waits although nothing is in flight");
    watch_make_ring(&ring, 16, 0);
    judge_result(read_pipes(&ring, ins, 0, pool, on_use), 0,
                 "nothing to read is no failure");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"each read in flight has its own buffer", check_window},
        {"no pipe is no work", check_few},
    };

    return judge_main("own_buffers", cases, sizeof cases / sizeof *cases);
}

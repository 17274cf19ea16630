/* any_order.c: the checker of phase 2's exercise any_order. */
#include "any_order.h"

#include <errno.h>
#include <stdio.h>

#include "judge.h"
#include "ring_watch.h"

#define COUNT 8u

static struct io_uring ring;
static int ins[COUNT], outs[COUNT];
static char bufs[COUNT][ANY_ORDER_LEN];
static int results[COUNT];
static unsigned broken; /* whose descriptor cannot be read; COUNT: none */

/* Number i gets i + 1 bytes. Feeds the last first, when all are in flight. */
static void feed_backwards(void *arg)
{
    unsigned posted = broken < COUNT;

    (void)arg;
    watch_until_submitted(COUNT);
    for (unsigned i = COUNT; i-- > 0;) {
        if (i == broken)
            continue;
        judge_write(outs[i], "abcdefgh", i + 1);
        watch_until_posted(++posted);
    }
}

/* Called before each submit. */
static void on_submit(void)
{
    uint64_t first = watch->entries[0].user_data;

    for (unsigned i = 1; i < watch->entry_count; i++)
        if (watch->entries[i].user_data != first)
            return;
    if (watch->entry_count < COUNT)
        return;
    judge_fail(first == 0 ? "no read has a user_data, so no CQE shows its "
                            "read: io_uring_sqe_set_data64 sets it"
                          : "all reads have the same user_data, as with the "
                            "address &i, which does not change: store i "
                            "itself with io_uring_sqe_set_data64",
               "8 SQEs with user_data %#llx", (unsigned long long)first);
}

static void run(unsigned the_broken)
{
    int rc;

    broken = the_broken;
    watch_make_ring(&ring, COUNT, 0);
    for (unsigned i = 0; i < COUNT; i++) {
        int ends[2];

        judge_pipe(ends);
        outs[i] = ends[1];
        ins[i] = i == broken ? ends[1] : ends[0];
        results[i] = -1000;
    }
    judge_suspect("it waits for a result while reads are not submitted: submit "
                  "all, then wait");
    judge_crash("an index is not the number of a read: results and bufs have "
                "count items, and user_data is what you stored in the SQE");
    watch->on_submit = on_submit;
    judge_thread(feed_backwards, NULL);
    watch_forbid_reads();
    rc = read_each(&ring, ins, bufs, results, COUNT);
    judge_result(rc, 0, "a read that fails is a result, and not a failure of "
                 "the call");
    if (watch->submits != 1)
        judge_fail("fill all SQEs first: one call submits them all",
                   "%u calls that submit", watch->submits);
}

static void check_order(void)
{
    judge_run("read_each on 8 pipes; the last one gets its bytes first");
    judge_expect("results[i] is i + 1, from one submit");
    run(COUNT);
    judge_that(watch_reaped() > 0, "no CQE was marked as seen, so each wait "
               "returned the same one", "a head of the CQ that did not move");
    for (unsigned i = 0; i < COUNT; i++)
        if (results[i] != (int)i + 1)
            judge_fail(results[i] == -1000
                           ? "a result is missing: wait for all CQEs, and "
                             "store each at the index in its user_data"
                           : "a CQE does not belong to the oldest read: its "
                             "user_data shows to which",
                       "results[%u] is %d", i, results[i]);
    judge_bytes(bufs[COUNT - 1], "abcdefgh", COUNT,
                "fds[i] belongs into bufs[i]");
    watch_is_settled();
}

static void check_failure(void)
{
    judge_run("read_each on 8 pipes; number 3 is open for writing only");
    judge_expect("results[3] is -EBADF, and the others are right");
    run(3);
    judge_result(results[3], -EBADF, "the result of a failed read is its "
                 "cqe->res");
    for (unsigned i = 0; i < COUNT; i++)
        if (i != 3)
            judge_result(results[i], (int)i + 1, "one failed read must not "
                         "change the results of the others");
    watch_is_settled();
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"results find their reads in any order", check_order},
        {"a read that fails does so alone", check_failure},
    };

    return judge_main("any_order", cases, sizeof cases / sizeof *cases);
}

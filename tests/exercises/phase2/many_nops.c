/* many_nops.c: the checker of phase 2's exercise many_nops. */
#include "many_nops.h"

#include "judge.h"
#include "ring_watch.h"

#define ENTRIES 4u
#define MANY 100u

static struct io_uring ring;
static unsigned calls[MANY], call_count;

static void on_done(uint64_t number)
{
    if (number >= MANY)
        judge_fail("user_data is not a number of a nop", "done(%llu)",
                   (unsigned long long)number);
    calls[number]++;
    call_count++;
    judge_that(call_count <= watch_posted(),
               "done was called before the CQE was there: a submit is not a "
               "completion", "done before the CQE");
}

static void run(unsigned count)
{
    watch_make_ring(&ring, ENTRIES, 0);
    judge_run("many_nops on an SQ of 4 entries, with count %u", count);
    judge_expect("done once for each number");
    judge_suspect("it waits for a CQE although no nop is in flight, or it does "
                  "not submit");
    judge_crash("io_uring_get_sqe returns NULL if the SQ is full: submit, then "
                "try again");
    judge_result(many_nops(&ring, count, on_done), 0,
                 "a full SQ is not a failure: submit, and go on");
    for (unsigned i = 0; i < count; i++)
        if (calls[i] != 1)
            judge_fail(calls[i] == 0
                           ? "a nop was dropped: when the SQ is full, submit "
                             "and then fill the SQE"
                           : "a nop was run twice, or reported twice",
                       "done was called %u times with %u", calls[i], i);
    watch_is_settled();
}

static void check_few(void)
{
    run(3);
}

static void check_many(void)
{
    run(MANY);
    judge_expect("at most 50 submits");
    if (watch->submits > 50)
        judge_fail("one submit per nop is one system call per nop: fill the SQ "
                   "before you submit", "%u submits", watch->submits);
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"three nops fit into the SQ", check_few},
        {"a hundred nops go through four entries", check_many},
    };

    return judge_main("many_nops", cases, sizeof cases / sizeof *cases);
}

/* many_nops.c: the checker of phase 2's exercise many_nops.
 *
 * It notices an answer that reads a CQE after it has marked it as seen: the
 * slot gets new contents at that instant. */
#include "many_nops.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define ENTRIES 4u
#define MANY 100u

#define CQ_ENTRIES (2 * ENTRIES)
#define SCRIBBLE 0xeeu /* fills the slots of CQEs that were seen */

static struct io_uring ring;
static unsigned calls[MANY], call_count;
static unsigned looked_at; /* entries of watch */
static unsigned late; /* submits, while results waited in the CQ */

/* The page with the head of the CQ. While it is read-only, the answer's store
 * to it traps, and the handler overwrites the slot, as the kernel may. */
static char *trap;

static void protect(int protection)
{
    long page = sysconf(_SC_PAGESIZE);

    trap = (char *)((uintptr_t)ring.cq.khead & ~((uintptr_t)page - 1));
    (void)mprotect(trap, (size_t)page, protection);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (info->si_addr == (void *)ring.cq.khead) {
        protect(PROT_READ | PROT_WRITE);
        memset(&ring.cq.cqes[*ring.cq.khead & *ring.cq.kring_mask], SCRIBBLE,
               sizeof *ring.cq.cqes);
    } else if (trap != NULL && (char *)info->si_addr >= trap &&
               (char *)info->si_addr < trap + sysconf(_SC_PAGESIZE)) {
        protect(PROT_READ | PROT_WRITE); /* an index of the SQ */
    } else {
        signal(number, SIG_DFL); /* a crash like any other */
    }
}

static void on_submit(void)
{
    unsigned more = watch->entry_count - looked_at;

    looked_at = watch->entry_count;
    if (watch_waiting() > 0 && more > 0)
        late++;
    if (watch_waiting() + more > CQ_ENTRIES)
        judge_fail(watch_reaped() == 0
                       ? "the CQ has no room for the results of this submit: "
                         "take results between submits"
                       : "the CQ has no room for the results of this submit: "
                         "after a submit take all that are there, not only one",
                   "%u results in a CQ of %u, and a submit of %u more",
                   watch_waiting(), CQ_ENTRIES, more);
}

static void on_submitted(void)
{
    protect(PROT_READ);
}

static void on_done(uint64_t number)
{
    if (number == SCRIBBLE * 0x0101010101010101u)
        judge_fail("the CQE was read after io_uring_cqe_seen: from then on the "
                   "slot is the kernel's", "a slot with new contents");
    if (number >= MANY)
        judge_fail("user_data is not a number of a nop", "done(%llu)",
                   (unsigned long long)number);
    if (calls[number]++ > 0 && watch_reaped() == 0)
        judge_fail("no CQE was marked as seen, so each look at the CQ returns "
                   "the same one", "done(%llu) twice",
                   (unsigned long long)number);
    call_count++;
    judge_that(call_count <= watch_posted(),
               "done was called before the CQE was there: a submit is not a "
               "completion", "done before the CQE");
    protect(PROT_READ);
}

static void run(unsigned count)
{
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO};

    watch_make_ring(&ring, ENTRIES, 0);
    sigaction(SIGSEGV, &action, NULL);
    watch->on_submit = on_submit;
    watch->on_submitted = on_submitted;
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
        judge_fail(late > watch->submits / 2
                       ? "the SQ is filled, but results are left in the CQ: "
                         "take all that are there, then four nops fit again"
                       : "one submit per nop is one system call per nop: fill "
                         "the SQ before you submit",
                   "%u submits", watch->submits);
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"three nops fit into the SQ", check_few},
        {"a hundred nops go through four entries", check_many},
    };

    return judge_main("many_nops", cases, sizeof cases / sizeof *cases);
}

/* wait_ms.c: the checker of phase 4's exercise wait_ms. */
#include "wait_ms.h"

#include <inttypes.h>
#include <limits.h>

#include "judge.h"

#define MS UINT64_C(1000000)
#define NOW (UINT64_C(50) * 1000 * MS)

static void ask(bool has_more, uint64_t next_ns, int expected,
                const char *mistake)
{
    int came;

    judge_run("wait_ms(%s, %" PRIu64 ", %" PRIu64 ")",
              has_more ? "true" : "false", next_ns, NOW);
    judge_expect("%d", expected);
    came = wait_ms(has_more, next_ns, NOW);
    if (came != expected)
        judge_fail(came == -2 ? "the stub is unchanged: it returns -2"
                              : mistake, "%d", came);
}

static void check_times(void)
{
    ask(false, NOW + 5 * MS, 5, "5 ms are 5 ms");
    ask(false, NOW + 1, 1, "rounded down: the host returns before the timer is "
        "due, finds nothing, and spins until it is");
    ask(false, NOW + 2 * MS + 400000, 3, "rounded down: the host returns "
        "before the timer is due");
}

static void check_due(void)
{
    ask(false, NOW, 0, "the timer is due now");
    ask(false, NOW - 3 * MS, 0, "the timer is overdue: the difference of "
        "unsigned times is huge, so compare first");
}

static void check_more(void)
{
    ask(true, NOW + 5 * MS, 0, "the loop has more to do: the host must not "
        "wait");
    ask(true, WAIT_MS_NEVER, 0, "the loop has more to do, with or without a "
        "timer");
}

static void check_never(void)
{
    ask(false, WAIT_MS_NEVER, -1, "without a timer the host waits for its "
        "descriptors, for ever: -1");
}

static void check_far(void)
{
    ask(false, NOW + (UINT64_C(1) << 32) * MS + 7 * MS, INT_MAX, "the number "
        "does not fit into an int: the cast makes a short wait of a long one");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"times are rounded up", check_times},
        {"a timer that is due needs no wait", check_due},
        {"a loop that has more to do needs no wait", check_more},
        {"without a timer the wait has no end", check_never},
        {"a timer that is far away is a long wait", check_far},
    };

    return judge_main("wait_ms", cases, sizeof cases / sizeof *cases);
}

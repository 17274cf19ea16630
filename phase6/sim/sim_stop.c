/* sim_stop.c: SIGTERM for a server; see sim_stop.h. */
#include "sim_stop.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_pipe.h"
#include "sim_world.h"

#define NS_PER_MS UINT64_C(1000000)

/* The time that the stop may take in addition to the limits of the server,
 * because each of its steps takes some time. */
#define SLACK_MS 1000u

static struct {
    bool (*are_done)(void);
    unsigned stop_after; /* events; then SIGTERM may come at any time */
    unsigned signals;    /* sent so far */
    uint64_t first_ns;   /* when the first one was sent, without leaps */
} stop;

static void send_signal(void *unused)
{
    (void)unused;
    if (stop.signals++ == 0)
        stop.first_ns = world_now_ns() - world_leapt_ns();
    pipe_raise(SIGTERM);
}

static void offer_signals(void)
{
    if (stop.stop_after > 0)
        stop.stop_after--;
    if (stop.signals == 0 && (stop.stop_after == 0 || stop.are_done()))
        world_offer(send_signal, NULL);
    else if (stop.signals == 1 && knob_is_on(KNOB_STOP) && pick(256) == 0)
        world_offer(send_signal, NULL);
}

void stop_begin(bool (*are_done)(void))
{
    stop.are_done = are_done;
    stop.stop_after = knob_is_on(KNOB_STOP) ? pick(300) : UINT32_MAX;
    stop.signals = 0;
    world_add_source(offer_signals);
}

void stop_check(int code, unsigned max_ms)
{
    uint64_t took_ns = world_now_ns() - world_leapt_ns() - stop.first_ns;

    check_that(code == 0, "the-program-ends-well", "its exit code is", code);
    check_that(stop.signals > 0, "the-program-ends-well",
               "it ended without a signal; code", 0);
    check_that(took_ns <= (max_ms + SLACK_MS) * NS_PER_MS,
               "the-stop-is-bounded", "ms from SIGTERM to the end:",
               (int64_t)(took_ns / NS_PER_MS));
}

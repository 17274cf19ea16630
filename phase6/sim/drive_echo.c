/* drive_echo.c: phase8/echo with one thread; see sim_run.h.
 *
 * What it teaches: a whole program can be a function. The object file of
 * echo.c is linked as it is, with main renamed, so everything is under test:
 * its options, its signals, its shutdown. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#include "server_limits.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_peers.h"
#include "sim_pick.h"
#include "sim_pipe.h"
#include "sim_run.h"
#include "sim_world.h"

#define CONNS_MAX 4u
#define DRAIN_MS 3000u
#define NS_PER_MS UINT64_C(1000000)

/* The time that a stop may take in addition to the server's limits, because
 * each step of the server takes some time. */
#define STOP_SLACK_MS 1000u

int echo_main(int argc, char **argv); /* main of phase8/echo.c */

static struct {
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

/* Offers SIGTERM when all peers are done, or earlier. Rarely offers a second
 * one. */
static void offer_signals(void)
{
    if (stop.stop_after > 0)
        stop.stop_after--;
    if (stop.signals == 0 && (stop.stop_after == 0 || peers_are_done()))
        world_offer(send_signal, NULL);
    else if (stop.signals == 1 && knob_is_on(KNOB_STOP) && pick(256) == 0)
        world_offer(send_signal, NULL);
}

static void check_stop(void)
{
    uint64_t max_ms = DRAIN_MS + LIMIT_LAST_MS + STOP_SLACK_MS;
    uint64_t took_ns = world_now_ns() - world_leapt_ns() - stop.first_ns;

    check_that(stop.signals > 0, "the-program-ends-well",
               "it ended without a signal; code", 0);
    check_that(took_ns <= max_ms * NS_PER_MS, "the-stop-is-bounded",
               "ms from SIGTERM to the end:", (int64_t)(took_ns / NS_PER_MS));
}

static void drive(void)
{
    char conns[16], bufs[16], cq[16], drain[16];
    char *argv[] = {"echo", "--max-conns", conns, "--bufs", bufs, "--sq",
                    knob_is_on(KNOB_SQ_TWO) ? "2" : "16", "--cq", cq,
                    "--idle-ms", "9000", "--send-ms", "7000", "--drain-ms",
                    drain, NULL};
    int code;

    snprintf(conns, sizeof conns, "%u", 1 + pick(CONNS_MAX));
    snprintf(bufs, sizeof bufs, "%u",
             1u << (knob_is_on(KNOB_FEW_BUFS) ? pick(3) : 5));
    snprintf(cq, sizeof cq, "%u", knob_is_on(KNOB_SMALL_CQ) ? 16 : 64);
    snprintf(drain, sizeof drain, "%u", DRAIN_MS);
    stop.stop_after = knob_is_on(KNOB_STOP) ? pick(300) : UINT32_MAX;
    stop.signals = 0;
    peers_begin(6);
    world_add_source(offer_signals);
    code = echo_main((int)(sizeof argv / sizeof *argv) - 1, argv);
    check_that(code == 0, "the-program-ends-well", "its exit code is", code);
    check_stop();
    peers_check_end();
}

const struct sim_driver drive_echo = {
    .name = "echo",
    .what = "phase8/echo with one thread",
    .run = drive,
};

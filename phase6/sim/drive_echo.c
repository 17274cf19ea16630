/* drive_echo.c: phase8/echo with one thread; see sim_run.h.
 *
 * What it teaches: a whole program can be a function. The object file of
 * echo.c is linked as it is, with main renamed, so everything is under test:
 * its options, its signals, its shutdown. */
#include <stdio.h>

#include "server_limits.h"
#include "sim_knobs.h"
#include "sim_peers.h"
#include "sim_pick.h"
#include "sim_run.h"
#include "sim_stop.h"

#define CONNS_MAX 4u
#define DRAIN_MS 3000u

int echo_main(int argc, char **argv); /* main of phase8/echo.c */

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
    stop_begin(peers_are_done);
    peers_begin(6);
    code = echo_main((int)(sizeof argv / sizeof *argv) - 1, argv);
    stop_check(code, DRAIN_MS + LIMIT_LAST_MS);
    peers_check_end();
}

const struct sim_driver drive_echo = {
    .name = "echo",
    .what = "phase8/echo with one thread",
    .run = drive,
};

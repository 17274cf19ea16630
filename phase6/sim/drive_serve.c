/* drive_serve.c: phase10/serve with one thread; see sim_run.h.
 *
 * What it teaches: a server controls neither its clients nor the program that
 * changes its files. Their events are picked one by one, so in some run a file
 * is cut between its open and its read, and in another run between the head and
 * the body of the answer. */
#include <stdio.h>

#include "server_limits.h"
#include "sim_clients.h"
#include "sim_editor.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_reply.h"
#include "sim_run.h"
#include "sim_stop.h"
#include "sim_tree.h"

#define CONNS_MAX 4u
#define DRAIN_MS 3000u

int serve_main(int argc, char **argv); /* main of phase10/serve.c */

/* The kernel enforces the sandbox, so the tests on the real kernel check it. */
static void drive(void)
{
    char conns[16], bufs[16], cq[16], drain[16];
    char *argv[] = {"serve", "--root", TREE_ROOT, "--no-sandbox",
                    "--cache-bytes", "256K", "--max-conns", conns, "--bufs",
                    bufs, "--sq", knob_is_on(KNOB_SQ_TWO) ? "2" : "16", "--cq",
                    cq, "--header-ms", "8000", "--idle-ms", "9000", "--send-ms",
                    "7000", "--drain-ms", drain, NULL};
    int code;

    snprintf(conns, sizeof conns, "%u", 1 + pick(CONNS_MAX));
    snprintf(bufs, sizeof bufs, "%u",
             1u << (knob_is_on(KNOB_FEW_BUFS) ? pick(3) : 5));
    snprintf(cq, sizeof cq, "%u", knob_is_on(KNOB_SMALL_CQ) ? 32 : 64);
    snprintf(drain, sizeof drain, "%u", DRAIN_MS);
    tree_begin();
    reply_begin();
    stop_begin(clients_are_done);
    editor_begin();
    clients_begin(6);
    code = serve_main((int)(sizeof argv / sizeof *argv) - 1, argv);
    stop_check(code, DRAIN_MS + LIMIT_LAST_MS);
    clients_check_end();
}

const struct sim_driver drive_serve = {
    .name = "serve",
    .what = "phase10/serve with one thread",
    .run = drive,
};

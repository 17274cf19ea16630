/* guest.h: what moves into a host: a loop, a bridge, and files to be read.
 *
 * The bridges of this phase differ in the host and in nothing else. All
 * that they share stands here, so that each of them shows its host and the few
 * lines that let a ring in. */
#ifndef PHASE4_GUEST_H
#define PHASE4_GUEST_H

#include <stdint.h>

#include "bridge.h"
#include "loop.h"
#include "options.h"
#include "reader.h"
#include "task.h"

#define GUEST_TICK_MS 1 /* the host's own work: once a millisecond */

struct guest {
    struct bridge bridge; /* what the host talks to */
    struct loop loop;
    struct options options;
    struct reader_job job;
    struct task task;
    uint64_t ticks, ticks_in_flight; /* all, and those with I/O under way */
    uint32_t most_in_flight;         /* at a tick */
    uint64_t last_tick_ns, gap_ns;   /* the longest between two ticks */
};

/* Reads the command line, makes the loop, ties it with a bridge, and has a task
 * ready that reads the files. host is words for --help: "an epoll loop".
 *
 * Returns -1 if the host is to run, else the program's exit code: what is to be
 * said has been said then. */
int guest_begin(struct guest *guest, const char *program, const char *host,
                int argc, char **argv);

/* The host's ticker calls this, each time. */
void guest_tick(struct guest *guest);

/* After the host: rc is 0, or the -errno with which it could not go on. The
 * host must not watch the bridge any more. Returns the program's exit code. */
int guest_end(struct guest *guest, int rc);

#endif

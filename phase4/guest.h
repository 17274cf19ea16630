/* guest.h: the code that all bridge programs share: a loop, a bridge that
 * connects the loop to a host, and tasks that read files.
 *
 * The programs differ only in the host. So the source of each program contains
 * only its host, and the few lines that connect the host to the ring. */
#ifndef PHASE4_GUEST_H
#define PHASE4_GUEST_H

#include <stdint.h>

#include "bridge.h"
#include "loop.h"
#include "options.h"
#include "reader.h"
#include "task.h"

#define GUEST_TICK_MS 1 /* interval of the host's own work */

struct guest {
    struct bridge bridge; /* driven by the host */
    struct loop loop;
    struct options options;
    struct reader_job job;
    struct task task;
    uint64_t ticks, ticks_in_flight; /* all, and those with I/O in flight */
    uint32_t most_in_flight;         /* largest number in flight at a tick */
    uint64_t last_tick_ns, gap_ns;   /* gap_ns: longest time between ticks */
};

/* Reads the command line, creates the loop and its bridge, and spawns a task
 * that reads the files. host describes the host in --help: "an epoll loop".
 *
 * Returns  -1    the host should run
 *          >= 0  the program's exit code, after printing a message */
int guest_begin(struct guest *guest, const char *program, const char *host,
                int argc, char **argv);

/* Counts a tick. The host's ticker calls it at each tick. */
void guest_tick(struct guest *guest);

/* Prints the report of --report, and finishes the bridge and the loop. The host
 * must have stopped watching the bridge. rc is 0, or the -errno with which the
 * host failed. Returns the program's exit code. */
int guest_end(struct guest *guest, int rc);

#endif

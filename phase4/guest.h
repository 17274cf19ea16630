/* guest.h: the part that the bridge programs share: a loop, a bridge, and files
 * to be read.
 *
 * The programs differ only in the host. So the file of each program shows its
 * host, and the few lines that let a ring in. */
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
    struct bridge bridge; /* the host calls its functions */
    struct loop loop;
    struct options options;
    struct reader_job job;
    struct task task;
    uint64_t ticks, ticks_in_flight; /* all, and those with I/O in flight */
    uint32_t most_in_flight;         /* at a tick */
    uint64_t last_tick_ns, gap_ns;   /* the longest between two ticks */
};

/* Reads the command line, makes the loop, ties it with a bridge, and spawns a
 * task that reads the files. host is text for --help: "an epoll loop".
 *
 * Returns -1 if the host should run, else the program's exit code, after
 * printing a message. */
int guest_begin(struct guest *guest, const char *program, const char *host,
                int argc, char **argv);

/* The host's ticker calls this at each tick. */
void guest_tick(struct guest *guest);

/* Call it after the host. rc is 0, or the -errno that ended the host. The host
 * must no longer watch the bridge. Returns the program's exit code. */
int guest_end(struct guest *guest, int rc);

#endif

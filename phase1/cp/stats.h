/* stats.h: what was done, how fast, and at what cost. */
#ifndef PHASE1_CP_STATS_H
#define PHASE1_CP_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "cp_options.h"

struct stats {
    uint64_t start_ns;
    uint64_t files, bytes;              /* copied; holes are not bytes */
    uint64_t sqes, enters;              /* of all rings */
    uint64_t direct_reads;              /* past the page cache */
    uint64_t short_reads, short_writes; /* resumed where they stopped */
    uint64_t retries;                   /* after EINTR, EAGAIN, ENOMEM, EBUSY */

    bool show_progress; /* asked for, or stderr is a terminal */
    bool on_terminal;   /* one line, written over; else a line each time */
    bool shown;
    uint64_t total;   /* bytes that one source has; 0 where it is not known */
    uint64_t next_ns; /* when to show it again */
};

void stats_init(struct stats *stats, const struct cp_options *options);

/* So many bytes more have been written. Shows the progress when it is time. */
void stats_add_bytes(struct stats *stats, uint64_t count);

/* Ends the line of progress, if there is one: before a message, and at the
 * end. */
void stats_end_progress(struct stats *stats);

/* --stats: one line on stderr. */
void stats_print(const struct stats *stats, const struct cp_options *options);

#endif

/* stats.h: counts the files, bytes and operations of a run, and prints progress
 * and results. */
#ifndef PHASE1_CP_STATS_H
#define PHASE1_CP_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "cp_options.h"

struct stats {
    uint64_t start_ns;
    uint64_t files, bytes;              /* copied, without holes */
    uint64_t sqes, enters;              /* of all rings */
    uint64_t direct_reads;              /* with O_DIRECT */
    uint64_t short_reads, short_writes; /* resumed where they stopped */
    uint64_t retries;                   /* after EINTR, EAGAIN, ENOMEM, EBUSY */

    bool requested;     /* --progress */
    bool show_progress; /* --progress, or stderr is a terminal */
    bool on_terminal;   /* overwrite one line; otherwise add lines */
    bool shown;
    uint64_t total;   /* bytes to copy; 0 if unknown */
    uint64_t next_ns; /* time of the next line */
};

void stats_init(struct stats *stats, const struct cp_options *options);

/* Counts bytes that were written. Prints a progress line if one is due. */
void stats_add_bytes(struct stats *stats, uint64_t count);

/* Ends the progress line, if there is one. Call it before printing a
 * message. */
void stats_end_progress(struct stats *stats);

/* Prints the last progress line, and ends it. With --progress, prints this line
 * even if the copy was so short that no line was due. Call it at the end of the
 * run. */
void stats_finish_progress(struct stats *stats);

/* With --stats, prints one line on stderr. */
void stats_print(const struct stats *stats, const struct cp_options *options);

#endif

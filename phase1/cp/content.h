/* content.h: the bytes of one open file into another.
 *
 * An engine copies a range of bytes that the source says it has. content.c
 * chooses the ranges, between the holes, and finds the end for itself: what
 * stat said is a hint (0 in /proc, too much in /sys, old in a log). */
#ifndef PHASE1_CP_CONTENT_H
#define PHASE1_CP_CONTENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "cp.h"

#define DATA_ALIGN 4096 /* of buffers, and of offsets with O_DIRECT */

enum data_blame { DATA_SOURCE, DATA_TARGET, DATA_RING };

struct cp_data {
    struct cp *cp;         /* borrowed */
    int in, out;           /* borrowed */
    bool in_direct, out_direct; /* O_DIRECT: in whole DATA_ALIGN only */
    enum data_blame blame; /* of a failure: whose it was, */
    uint64_t offset;       /* and where */
};

/* Copies all of data->in to data->out, which is empty, and gives it its length.
 * source is what fstat says of in.
 *
 * Returns 0; -EINTR when asked to stop; -ESTALE when the source has become
 * shorter meanwhile; or -errno, with blame and offset set. */
int data_copy(struct cp_data *data, const struct stat *source);

/* Notes whose failure it was, and where. Returns result. */
int data_failed(struct cp_data *data, enum data_blame blame, uint64_t offset,
                int result);

/* An engine: copies the bytes from begin up to end, or as many as the source
 * has; *reached is where it came to. Returns 0 or -errno. */
typedef int data_engine(struct cp_data *data, uint64_t begin, uint64_t end,
                        uint64_t *reached);

/* pump.c. pump_init makes the ring, once, before the first copy; returns 0
 * or -errno. */
int pump_init(struct cp *cp);
data_engine pump_copy;

/* plain.c */
data_engine plain_copy_rw, plain_copy_file_range, plain_splice;

/* From here on through the page cache: for the bytes at the end that fill no
 * whole DATA_ALIGN. */
void data_end_direct_in(struct cp_data *data);
void data_end_direct_out(struct cp_data *data);

#endif

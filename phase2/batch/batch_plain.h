/* batch_plain.h: reads files on FUSE with system calls.
 * Introduced in phase 2. Needs: counts.h, window.h.
 *
 * The files of FUSE are served by another process, which may report a wrong
 * size. A read through the ring relies on that size: see file_suits_ring in
 * file.h. read(2) asks the server, and reads to the real end. It blocks, so it
 * is used for these files only. */
#ifndef PHASE2_BATCH_PLAIN_H
#define PHASE2_BATCH_PLAIN_H

#include <stdbool.h>

#include "counts.h"
#include "window.h"

/* Returns false if no FUSE file system is mounted. Then the caller need not
 * check each file, which costs three system calls. */
bool batch_plain_is_possible(struct counts *counts);

/* Returns true if path is a file on FUSE. */
bool batch_plain_suits(const char *path, struct counts *counts);

/* Opens the entry's file. Returns a descriptor or -errno as open(2). */
int batch_plain_open(const struct entry *e, struct counts *counts);

/* Reads into the rest of the entry's memory. Returns the number of bytes, 0 at
 * the end, or -errno as readv(2). */
int batch_plain_read(const struct window *w, struct entry *e,
                     struct counts *counts);

void batch_plain_close(struct entry *e, struct counts *counts);

#endif

/* batch_plain.h: reads files on FUSE with system calls.
 * Introduced in phase 2. Needs: counts.h, window.h.
 *
 * Another process, the server, provides the files of a FUSE file system, and
 * may report a wrong file size. A read through the ring relies on that size;
 * see file_suits_ring in file.h. read(2) requests the data from the server, and
 * finds the real end. But read(2) blocks, so batch uses it only for files on
 * FUSE. */
#ifndef PHASE2_BATCH_PLAIN_H
#define PHASE2_BATCH_PLAIN_H

#include <stdbool.h>

#include "counts.h"
#include "window.h"

/* Returns false if no FUSE file system is mounted. The caller then need not
 * call batch_plain_suits for each file, which makes three system calls. */
bool batch_plain_is_possible(struct counts *counts);

/* Returns true if path is a file on FUSE, or if no descriptor is free to check
 * that. */
bool batch_plain_suits(const char *path, struct counts *counts);

/* Opens the entry's file. Returns a descriptor or -errno from open(2). */
int batch_plain_open(const struct entry *e, struct counts *counts);

/* Reads into the unused part of the entry's memory. Returns the number of
 * bytes, 0 at the end of the file, or -errno from readv(2). */
int batch_plain_read(const struct window *w, struct entry *e,
                     struct counts *counts);

void batch_plain_close(struct entry *e, struct counts *counts);

#endif

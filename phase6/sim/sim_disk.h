/* sim_disk.h: regular files of the simulated kernel. */
#ifndef PHASE6_SIM_DISK_H
#define PHASE6_SIM_DISK_H

#include <stdint.h>

#include "sim_file.h"

#define DISK_FILE_MAX 8192u

struct disk_file {
    struct sim_file file;
    unsigned char bytes[DISK_FILE_MAX];
    uint64_t len;
    uint64_t space; /* bytes that can be written; then -ENOSPC */
    int error;      /* the -errno of every further operation, or 0 */
    uint64_t inode; /* unique in a run */
    uint64_t changed_ns; /* the wall clock of the last change */
};

/* Forgets all files. */
void disk_begin(void);

/* Makes an empty file. disk_open gives it a descriptor, and returns that. */
struct disk_file *disk_create(void);
int disk_open(struct disk_file *file);

/* Notes a change of the file now, as precisely as Linux does: a few changes can
 * have the same time. */
void disk_touch(struct disk_file *file);

#endif

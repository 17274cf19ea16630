/* optional.h: operations that a file system may lack.
 *
 * Network file systems, FUSE file systems, and those of other operating systems
 * may lack operations such as chmod, ftruncate, or fsync of a directory. Two
 * rules follow:
 *
 *  - If the user did not request the operation, succeed without it.
 *  - If the user requested it, keep the data, print a message, and exit
 *    with 1. */
#ifndef PHASE1_CP_OPTIONAL_H
#define PHASE1_CP_OPTIONAL_H

#include <stdbool.h>

/* Returns true if result, a -errno, means that the file system does not have
 * the operation. */
bool optional_is_missing(int result);

/* Sync a directory, so that its new names are on the disk. Succeed if the file
 * system has no fsync of directories. The fd of optional_sync_directory must be
 * readable. optional_sync_names accepts an fd that was opened with O_PATH.
 *
 * Return  0        the names are on the disk, or the file system cannot sync a
 *                  directory
 *         -EACCES  we may not read the directory, and so cannot sync it
 *         -errno   from fsync(2) */
int optional_sync_directory(int fd);
int optional_sync_names(int dir);

#endif

/* resource.h: opens a file below a root, by its name.
 * Introduced in phase 10. Needs: validator.h.
 *
 * The kernel keeps each open below the root: openat2(2) with RESOLVE_BENEATH
 * does not open a file outside the root, even if files are moved at the same
 * time. The type and the size are read from the open file, because its name may
 * already refer to another file. The same statx(2) returns the values for the
 * file's entity tag. */
#ifndef ONE_RING_RESOURCE_H
#define ONE_RING_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "validator.h"

#define RESOURCE_NOTE_MAX 508u

struct cache_entry;

/* Data that the caller keeps with a copy in the cache, for example lines of the
 * response head. The caller writes the note for the first request, and reads it
 * for later requests. A new copy has a zeroed note. */
struct resource_note {
    uint16_t len;   /* of text; 0: not written yet */
    uint8_t coding; /* an enum coding: text is for this coding */
    uint8_t absent; /* bit i: no sibling (a .gz file) with coding i exists */
    char text[RESOURCE_NOTE_MAX];
};

/* An open file, or its copy in the cache. */
struct resource {
    uint64_t size;
    int64_t modified_s;        /* seconds since 1970 */
    struct validator validator;
    bool is_directory;         /* directories cannot be read */
    const char *content;       /* borrowed: the first block of the copy (see
                                  cache_segments); NULL if there is no copy */
    struct resource_note *note; /* borrowed; NULL: no content */
    int fd;                    /* owned; -1 if there is content */
    struct cache_entry *entry; /* borrowed; NULL: no content */
};

/* Opens path, which ends with a NUL, below the directory root; "" is the root
 * itself. Adds resolve to the RESOLVE_ flags of openat2(2). Suspends. Never
 * waits for the writer of a FIFO. If another process has a lease on the file
 * (Samba and the NFS server take leases), waits until that process has released
 * the lease. On success the caller closes out->fd.
 *
 * Returns  0                   success
 *          -ENOENT, -ENOTDIR   there is no such file
 *          -EACCES             no permission to read the file
 *          -EXDEV              the path leads out of the root
 *          -ELOOP              the path has too many symbolic links, or one
 *                              that resolve forbids
 *          -ENXIO              neither a regular file nor a directory
 *          -EAGAIN             files were renamed during each of three attempts
 *          -EMFILE, -ENFILE, -ENOMEM  no fd or memory is free
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from openat2(2), statx(2) */
int resource_await_open(int root, const char *path, uint64_t resolve,
                        struct resource *out);

/* Fills *out for the open file fd, for example after its size has changed.
 * Returns 0, or an error of resource_await_open. fd stays open, even on
 * failure. */
int resource_await_describe(int fd, struct resource *out);

#endif

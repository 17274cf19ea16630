/* small.h: copies one small file with a chain of linked SQEs.
 *
 *   small_begin --> READING --> WRITING --> copied
 *          |           |           |
 *          |           +-----------+--> UNDOING --> again
 *          +--> not for the batch
 *
 * The source is opened and read with plain system calls. If the read would wait
 * for the disk, it is submitted to the ring instead. The copy is created and
 * written by a chain of linked SQEs. The chain opens the copy as a direct
 * descriptor, which is an index into the ring's table of files. We choose the
 * index, so the write can be queued before the open is complete. */
#ifndef PHASE1_CP_SMALL_H
#define PHASE1_CP_SMALL_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "cp.h"
#include "rings.h"

#define SMALL_LEN (64 * 1024)     /* a small file is shorter than this */
#define SMALL_NAME (2 * PATH_MAX) /* size of a name's buffer */

/* The operations of a copy. A tag encodes a job and one of its operations. */
enum small_step {
    SMALL_READ,
    SMALL_OPEN,
    SMALL_WRITE,
    SMALL_SYNC,
    SMALL_CLOSE,
    SMALL_RENAME,
    SMALL_STEPS,
};

enum small_phase { SMALL_READING, SMALL_WRITING, SMALL_UNDOING };

enum small_state {
    SMALL_UNDER_WAY,
    SMALL_COPIED,
    SMALL_AGAIN, /* everything is undone: call copy_file */
};

struct small {
    unsigned number; /* index of the job, and of its direct descriptor */
    enum small_phase phase;
    unsigned pending; /* operations that are not complete */
    int results[SMALL_STEPS];

    bool is_private;
    int fd; /* the source's fd while it is read, otherwise -1 */
    size_t len;
    struct stat info; /* stat of the source */
    struct cp_name source, target; /* the strings are in the buffers below */
    const char *new_name;          /* name under which the copy is created */
    char source_text[SMALL_NAME], target_text[SMALL_NAME];
    char temp_text[SMALL_NAME];
    char bytes[SMALL_LEN];
};

/* Starts a copy. Returns SMALL_UNDER_WAY, or SMALL_AGAIN if the file does not
 * suit the batch. */
enum small_state small_begin(struct small *small, const struct cp *cp,
                             struct cp_ring *ring);

/* Starts the next step. Call it when pending is 0. Returns the new state. */
enum small_state small_advance(struct small *small, const struct cp *cp,
                               struct cp_ring *ring);

#endif

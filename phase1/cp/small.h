/* small.h: copies one small file by a chain of linked entries.
 *
 *   small_begin --> READING --> WRITING --> copied
 *          |           |           |
 *          |           +-----------+--> UNDOING --> again
 *          +--> not for the batch
 *
 * The source is opened and read by plain system calls, unless the read would
 * wait for the disk: then it goes to the ring. The copy is a chain of linked
 * entries. It is opened as a direct descriptor, an index into a table of the
 * ring. We choose the index, so the write can be queued before the open is
 * complete. */
#ifndef PHASE1_CP_SMALL_H
#define PHASE1_CP_SMALL_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "cp.h"
#include "rings.h"

#define SMALL_LEN (64 * 1024)     /* a small file is shorter than this */
#define SMALL_NAME (2 * PATH_MAX) /* with its NUL */

/* The operations. The number of one is part of its tag. */
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
    SMALL_AGAIN, /* all is undone: call copy_file */
};

struct small {
    unsigned number; /* of the job: in tags, and in the table of files */
    enum small_phase phase;
    unsigned pending; /* operations without a CQE so far */
    int results[SMALL_STEPS];

    bool is_private;
    int fd; /* of the source, while it is read; else -1 */
    size_t len;
    struct stat info; /* of the source */
    struct cp_name source, target; /* into the texts below */
    const char *new_name;          /* under which the copy is created */
    char source_text[SMALL_NAME], target_text[SMALL_NAME];
    char temp_text[SMALL_NAME];
    char bytes[SMALL_LEN];
};

/* Starts a copy. Returns SMALL_UNDER_WAY, or SMALL_AGAIN if the file does not
 * suit the batch. */
enum small_state small_begin(struct small *small, const struct cp *cp,
                             struct cp_ring *ring);

/* Takes the next step. Call it when pending has become 0. */
enum small_state small_advance(struct small *small, const struct cp *cp,
                               struct cp_ring *ring);

#endif

/* small.h: one small file on its way through the batch.
 *
 *   small_begin --> READING --> WRITING --> copied
 *          |           |           |
 *          |           +-----------+--> UNDOING --> again
 *          +--> not for the batch
 *
 * The source is opened and read by plain system calls as far as they do not
 * wait; where the disk has to be waited for, the read goes to the ring. The
 * copy is a chain of linked entries. Its file is a direct descriptor, a place
 * in a table of the ring: so the write can be queued before the open has told
 * which file it is for. */
#ifndef PHASE1_CP_SMALL_H
#define PHASE1_CP_SMALL_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "cp.h"
#include "rings.h"

#define SMALL_LEN (64 * 1024)     /* a small file is shorter than this */
#define SMALL_NAME (2 * PATH_MAX) /* with its NUL */

/* The operations; their number is a part of the tag. */
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
    SMALL_AGAIN, /* nothing of it is left: it is copy_file's */
};

struct small {
    unsigned number; /* of the place: in tags, and in the table of files */
    enum small_phase phase;
    unsigned pending; /* operations whose CQE is still to come */
    int results[SMALL_STEPS];

    bool is_private;
    int fd; /* of the source, while it is read; else -1 */
    size_t len;
    struct stat info; /* of the source */
    struct cp_name source, target; /* into the texts below */
    const char *new_name;          /* as which the copy is made */
    char source_text[SMALL_NAME], target_text[SMALL_NAME];
    char temp_text[SMALL_NAME];
    char bytes[SMALL_LEN];
};

/* Begins to copy. Returns SMALL_UNDER_WAY, or SMALL_AGAIN: not for here. */
enum small_state small_begin(struct small *small, const struct cp *cp,
                             struct cp_ring *ring);

/* Goes on, when nothing is pending any more. */
enum small_state small_advance(struct small *small, const struct cp *cp,
                               struct cp_ring *ring);

#endif

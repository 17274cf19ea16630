/* validator.h: the entity tag of a file, and how two tags are compared.
 * Introduced in phase 10. Needs: view.h.
 *
 *     "1a2f-18c3f2a9d4e5f607-400"      strong: the same tag, the same bytes
 *     W/"1a2f-18c3f2a9d4e5f607-400"    weak: probably the same bytes
 *      `-inode `-time in ns   `-size, all in hexadecimal
 *
 * An entity tag (ETag) is a text that changes when the file changes. A client
 * that has a copy sends the tag of the copy, and gets the file if the tag has
 * changed.
 *
 * The time is the file's ctime, which the kernel sets whenever the content or
 * the name changes. No program can set it. The mtime alone is not enough,
 * because a rollback, rsync -t or a reproducible build can give new bytes an
 * old mtime.
 *
 * A file system stores the time of the kernel's last tick, so two changes
 * within a tick may have the same ctime. A tag is weak if it was made so soon
 * after the ctime that another change could still get the same ctime.
 *
 * No function here suspends or allocates. Source: RFC 9110, section 8.8. */
#ifndef ONE_RING_VALIDATOR_H
#define ONE_RING_VALIDATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view.h"

/* The longest tag: W/, two quotes, three numbers, two dashes. */
#define VALIDATOR_MAX (2 + 2 + 3 * 16 + 2)

/* A tag is weak for this long after a change. VALIDATOR_TICK_NS is two ticks of
 * the slowest kernel clock, which has 100 ticks per second. VALIDATOR_SECOND_NS
 * is two seconds, for a file system that stores whole seconds. */
#define VALIDATOR_TICK_NS INT64_C(20000000)
#define VALIDATOR_SECOND_NS INT64_C(2000000000)

/* The attributes of a file, from statx(2). If is_settled is true, a change of
 * the content changes at least one of them. The times are in ns since 1970,
 * modulo 2^64. That is enough, because times are only subtracted and compared
 * for equality. */
struct validator {
    uint64_t inode;
    uint64_t changed_ns;  /* ctime */
    uint64_t modified_ns; /* mtime */
    bool is_settled;      /* a later change gets a different ctime */
};

/* The parts of a file's tag. */
enum validator_kind {
    VALIDATOR_CTIME, /* inode, ctime, size: no change goes unnoticed */
    /* mtime, size: two machines whose copies of the file have the same mtime
     * and size send the same tag. But a rollback may go unnoticed. */
    VALIDATOR_MTIME,
};

/* Returns true if a change after now_ns gets a ctime other than changed_ns.
 * Returns false for a ctime in the future: the clock must have been set
 * back. */
bool validator_is_settled(uint64_t changed_ns, uint64_t now_ns);

/* Writes the tag of a file of size bytes, without a NUL. Returns its length, at
 * most VALIDATOR_MAX. */
size_t validator_write(char out[VALIDATOR_MAX],
                       const struct validator *validator, uint64_t size,
                       enum validator_kind kind);

/* Returns true if both are the same tag and neither is weak (RFC 9110, section
 * 8.8.3.2). */
bool validator_equal_strong(struct view a, struct view b);

/* Returns true if both are the same tag, weak or not. If-None-Match compares in
 * this way, because a proxy that compresses a response makes its tag weak. */
bool validator_equal_weak(struct view a, struct view b);

/* Removes the first tag from a comma-separated list, and stores it in *tag. A
 * comma inside quotes is a part of the tag. Skips elements that are not tags.
 * Pass a copy of the field value, because this changes *list.
 *
 * Returns  true   *tag is the next tag, with its quotes and its W/
 *          false  there is no other tag */
bool validator_next(struct view *list, struct view *tag);

#endif

/* head_end.h: finds the end of a request's head.
 *
 * An exercise of phase 9; see phase9/exercises/README.md. */
#ifndef HEAD_END_H
#define HEAD_END_H

#include <stddef.h>

/* What a search has found so far. Zeroed for a new head. */
struct head_end {
    size_t seen;      /* bytes that were looked at */
    unsigned matched; /* of the four bytes at the end of a head */
};

/* Looks for CR LF CR LF in buf[0..len). After -EAGAIN it is called again, with
 * the same bytes followed by more. buf may then be at another address. Looks at
 * no byte twice, except for the last three.
 *
 * Returns > 0      the length of the head, with its CR LF CR LF
 *         -EAGAIN  the end has not arrived */
long head_end(struct head_end *state, const char *buf, size_t len);

#endif

/* plain.h: the operations of mode batch, for the modes that share them.
 * Introduced in phase 2. Needs: window.h. */
#ifndef PHASE2_PLAIN_H
#define PHASE2_PLAIN_H

#include "window.h"

/* The members of struct mode with these names; see mode.h. */
void plain_start(struct window *w, struct entry *e);
void plain_read(struct window *w, struct entry *e);
void plain_close(struct window *w, struct entry *e);
void plain_write(struct window *w, const struct entry *first,
                 const struct iovec *list, unsigned count);

#endif

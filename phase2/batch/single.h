/* single.h: the operations of mode batch, which other modes share.
 * Introduced in phase 2. Needs: window.h. */
#ifndef PHASE2_SINGLE_H
#define PHASE2_SINGLE_H

#include "window.h"

/* These are members of struct mode; see mode.h. */
void single_start(struct window *w, struct entry *e);
void single_read(struct window *w, struct entry *e);
void single_close(struct window *w, struct entry *e);
void single_write(struct window *w, const struct entry *first,
                  const struct iovec *list, unsigned count);

#endif

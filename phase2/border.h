/* border.h: numbers that come in, and text that goes out, for all programs.
 * Introduced in phase 2. Needs: nothing. */
#ifndef PHASE2_BORDER_H
#define PHASE2_BORDER_H

#include <stdint.h>

/* The number that text is, all of it, if it lies in [min, max]; else 0. min is
 * at least 1. */
uint64_t border_number(const char *text, uint64_t min, uint64_t max);

/* Writes out what stdio still holds. Returns code; or failed, after a message
 * on stderr under that name, where stdout has not taken all. */
int border_finish(const char *name, int code, int failed);

#endif

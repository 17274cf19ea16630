/* load_text.h: the bytes that echo-client sends on each connection.
 *
 * What it teaches: a load generator that also checks needs bytes in which a
 * mistake shows. The bytes of all messages of a connection are one stretch of a
 * table without a pattern, from another offset for each connection. So an echo
 * of the bytes of another connection, or of older ones, is noticed. Several
 * messages follow each other in the table, so one send can take them all. */
#ifndef PHASE8_LOAD_TEXT_H
#define PHASE8_LOAD_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "load_options.h"

/* Fills the table, or with --http the requests. Call it once, before the
 * threads start. Borrows options. */
void load_text_init(const struct load_options *options);

/* Returns the length in bytes of a connection's message of this index. */
unsigned load_text_len(uint64_t message);

/* Returns the bytes that a connection sends at this offset, counted over all of
 * its messages. Sets *len to how many of them are in one piece: at least
 * LOAD_SIZE_MAX of an echo, and at least one request with --http. */
const char *load_text_at(unsigned conn, uint64_t offset, size_t *len);

#endif

/* negotiate.h: the content codings that a client accepts, best first.
 * Introduced in phase 10. Needs: view.h.
 *
 *     Accept-Encoding: gzip;q=0.8, br, *;q=0   -->   br, gzip
 *
 *     negotiate_init(&n);
 *     for each Accept-Encoding field:  negotiate_add(&n, value);
 *     count = negotiate_order(&n, order);
 *
 * A content coding is a compression format. The coding "identity" means that
 * the content is not compressed.
 *
 * Rules
 *  - An element of the list names a coding, and may give it a weight (q) from 0
 *    to 1. The default weight is 1. Weight 0 refuses a coding. "*" stands for
 *    each coding that no element names. "x-gzip" is gzip.
 *  - If no element names "*" or a coding of this server, only identity is
 *    acceptable.
 *  - Identity is acceptable unless its weight is 0. If no element names
 *    identity, the weight of "*" counts. If no element names identity or "*",
 *    any other acceptable coding is better.
 *  - If weights are equal, the coding that compresses better is first.
 *  - An element that breaks the grammar is ignored. If a coding is named twice,
 *    the smaller weight counts. At worst, the response is sent uncompressed,
 *    which every client can read.
 *
 * No function here suspends or allocates. Source: RFC 9110, section 12.5.3. */
#ifndef ONE_RING_NEGOTIATE_H
#define ONE_RING_NEGOTIATE_H

#include <stdint.h>

#include "view.h"

/* The codings. If two have equal weights, the one that is later in this list is
 * preferred. */
enum coding {
    CODING_IDENTITY, /* the bytes of the file itself */
    CODING_GZIP,
    CODING_ZSTD,
    CODING_BR,
    CODING_COUNT
};

/* The weights in the fields that were added. */
struct negotiation {
    int16_t weights[CODING_COUNT]; /* thousandths; -1: not named */
    int16_t any;                   /* the weight of "*"; -1: none */
};

/* Initializes a negotiation without fields. */
void negotiate_init(struct negotiation *negotiation);

/* Adds the value of a field. Several fields are one list (section 5.3). */
void negotiate_add(struct negotiation *negotiation, struct view value);

/* Writes the acceptable codings to order, the best first. Returns their number,
 * 0 to CODING_COUNT. */
unsigned negotiate_order(const struct negotiation *negotiation,
                         enum coding order[CODING_COUNT]);

/* Returns true if the value of an Accept field names type, with a weight other
 * than 0. A range such as "text/<any>" does not count. A browser names
 * text/html if it will show the response as a page, but not if it loads a
 * script or an image (section 12.5.1). */
bool negotiate_names(struct view value, struct view type);

/* Returns the coding's name in Content-Encoding. */
struct view coding_name(enum coding coding);

/* Returns the suffix of the name of a file with that coding, ".gz" for example.
 * It is empty for CODING_IDENTITY. */
struct view coding_suffix(enum coding coding);

#endif

/* range.h: the part of a file that a Range field requests.
 * Introduced in phase 10. Needs: view.h.
 *
 *     file of 1000 bytes      0        500      999
 *                             [---------+---------]
 *     bytes=500-599                     [-]
 *     bytes=500-, bytes=-500            [---------]    one number is left out
 *     bytes=500-5000                    [---------]    the end is after 999
 *     bytes=1000-, bytes=-0                             416: no such byte
 *
 * A value with another unit, with several ranges, or with invalid text is
 * ignored: the client gets the whole file. For an empty file, every range is
 * ignored. A client that requests several ranges also accepts the whole file.
 * With one range per response, a client cannot make the server send the same
 * byte many times in it.
 *
 * No function here suspends or allocates. Source: RFC 9110, section 14. */
#ifndef ONE_RING_RANGE_H
#define ONE_RING_RANGE_H

#include <stdint.h>

#include "view.h"

/* A part of a file. The whole file is {0, size}. */
struct range {
    uint64_t at;  /* offset of its first byte */
    uint64_t len; /* bytes */
};

/* Reads the value of a Range field for a file of size bytes. Numbers of any
 * length are accepted.
 *
 * Returns  206  *range is a part of the file, with at least one byte
 *          416  no byte of the file is in the range; *range is the whole file
 *          200  the value is ignored; *range is the whole file */
int range_parse(struct view value, uint64_t size, struct range *range);

#endif

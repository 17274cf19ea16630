/* condition.h: evaluates the conditions of a request for a file.
 * Introduced in phase 10. Needs: date.h, http_fields.h, validator.h, view.h.
 *
 *     If-Match ---------------.                         (1) no tag equal: 412
 *       or If-Unmodified-Since '--> If-None-Match ------ (2) a tag equal: 304
 *                                     or If-Modified-Since       |
 *                                                                v
 *                                      Range, If-Range --- (3) 206 --> 200
 *
 * The order is that of RFC 9110, section 13.2.2. A tag takes precedence over a
 * date: if a request has If-None-Match, If-Modified-Since is ignored. A date is
 * ignored if it is invalid or if its field is repeated. For If-Match and
 * If-Range, a weak tag never matches, because the client may combine the answer
 * with bytes that it has already. A repeated Range field is ignored.
 *
 * No function here suspends or allocates. */
#ifndef ONE_RING_CONDITION_H
#define ONE_RING_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

#include "http_fields.h"
#include "view.h"

/* The properties of a file that conditions compare. */
struct condition_file {
    struct view tag;    /* its ETag; (NULL, 0): none */
    int64_t modified_s; /* its Last-Modified, if has_modified */
    bool has_modified;
};

/* Returns true if the request may have a condition or a range. Otherwise the
 * answer is 200. This is a fast test of the length and two characters of each
 * field's name, and most requests need no other test. */
bool condition_is_asked(const struct http_fields *fields);

/* Decides how to answer a GET or HEAD request for a file that exists. now_s is
 * the wall clock.
 *
 * Returns  200  send the whole file
 *          206  send the part that Range requests; never for a HEAD
 *          304  the client has the file
 *          412  If-Match or If-Unmodified-Since is false */
int condition_decide(const struct http_fields *fields, bool is_head,
                     const struct condition_file *file, int64_t now_s);

#endif

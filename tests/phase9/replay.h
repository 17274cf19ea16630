/* replay.h: a client's stream through the parser, in chunks, told as text.
 *
 * Test support of phase 9. Needs: http.h, http_scan.h, body.h.
 *
 * The result of parsing must not depend on how the bytes were cut. So a stream
 * is replayed under a schedule of chunks, and what the parser saw becomes a
 * text: two schedules are equal if their texts are.
 *
 *     GET /x?q 1.1 keep {Host=a} ""        a request
 *     POST / 1.1 close {...} "body" {T=1}  one with trailers
 *     400 @17 more than one Host           the stream ended in an error
 *     incomplete head @30                  it ended within a message
 *
 * Each stream is replayed with each of http_scans that the CPU supports: the
 * state machine alone, and each scan. Their texts must be equal, too.
 *
 * Before every call the bytes that are not consumed yet are moved so that they
 * end where an unreadable page begins, and what is consumed is overwritten: a
 * byte read beyond the end, or where the buffer was before, shows. */
#ifndef TESTS_PHASE9_REPLAY_H
#define TESTS_PHASE9_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "http_limits.h"

enum { REPLAY_TEXT_MAX = 1 << 18 }; /* bytes of a stream or of its text */

/* How a stream is cut: a first chunk, then chunks of one length, 0 being all
 * that is left; or, with a seed, chunks of random lengths. */
struct schedule {
    size_t first;
    size_t step;
    uint64_t seed;
};

/* Replays input[0..len) and returns the text, which is valid until the call
 * after the next: so two can be compared. */
const char *replay(const char *input, size_t len,
                   const struct http_limits *limits, struct schedule schedule);

#endif

/* replay.h: feeds a stream to the parser in chunks, and writes the result as
 * text.
 *
 * Test support of phase 9. Needs: http.h, http_scan.h, body.h.
 *
 * The result must not depend on how the bytes were cut. replay feeds a stream
 * in the chunks of a schedule. Two schedules have the same result if their
 * texts are equal.
 *
 *     GET /x?q 1.1 keep {Host=a} ""        a request
 *     POST / 1.1 close {...} "body" {T=1}  one with trailers
 *     400 @17 more than one Host           the stream ended in an error
 *     incomplete head @30                  the stream ended in a message
 *
 * Each stream is replayed with each of http_scans that the CPU supports: the
 * state machine alone, and each scan. Their texts must be equal, too.
 *
 * Before each call of the parser, replay moves the unconsumed bytes so that
 * they end where an unreadable page begins. It overwrites the consumed bytes.
 * So the test fails if the parser reads beyond the end, or where the buffer was
 * before. */
#ifndef TESTS_PHASE9_REPLAY_H
#define TESTS_PHASE9_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "http_limits.h"

enum { REPLAY_TEXT_MAX = 1 << 18 }; /* bytes of a stream or of its text */

/* How a stream is cut: a first chunk, then chunks of one length, where 0 is all
 * that is left; or, with a seed, chunks of random lengths. */
struct schedule {
    size_t first;
    size_t step;
    uint64_t seed;
};

/* Replays input[0..len) and returns the text, which is valid until the
 * next call but one, so that a test can compare two. */
const char *replay(const char *input, size_t len,
                   const struct http_limits *limits, struct schedule schedule);

#endif

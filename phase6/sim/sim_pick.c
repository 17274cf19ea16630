/* sim_pick.c: every choice of the simulated kernel; see sim_pick.h.
 *
 * What it teaches: three ways to try orders of events. Random seeds sample the
 * runs of a large program. With bytes as choices, a fuzzer can change one run
 * into a similar one. Counting through the choices, like the digits of a
 * number, visits every run of a small program:
 *
 *     choices  0 0 0    the last digit that can grow, grows;
 *     limits   2 1 3    the digits after it are forgotten
 *     next     0 0 1 */
#include "sim_pick.h"

#include <assert.h>

#define DEPTH_MAX 4096u /* choices of one run, if all runs are tried */

static struct {
    bool is_all;
    uint64_t state;
    uint64_t fingerprint;
    const unsigned char *bytes; /* the next choices */
    size_t bytes_left;
    unsigned depth; /* choices made in this run */
    unsigned known; /* choices that pick_next has fixed */
    unsigned choice[DEPTH_MAX], limit[DEPTH_MAX];
} picks;

/* SplitMix64: each state gives a different, well mixed number. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void pick_random(uint64_t seed)
{
    picks.is_all = false;
    picks.state = mix(seed + 1);
    picks.bytes_left = 0;
    picks.fingerprint = 0;
}

/* After the last byte, choices are random. A choice of 0 would not do: 0 lets
 * each fault happen that the run has, so nothing would ever succeed. */
void pick_bytes(const unsigned char *bytes, size_t len)
{
    pick_random(0);
    picks.bytes = bytes;
    picks.bytes_left = len;
}

void pick_all(void)
{
    picks.is_all = true;
    picks.depth = picks.known = 0;
    picks.fingerprint = 0;
}

bool pick_next(void)
{
    unsigned depth = picks.depth;

    while (depth > 0 && picks.choice[depth - 1] + 1 == picks.limit[depth - 1])
        depth--;
    if (depth == 0)
        return false;
    picks.choice[depth - 1]++;
    picks.known = depth;
    picks.depth = 0;
    picks.fingerprint = 0;
    return true;
}

unsigned pick(unsigned n)
{
    unsigned chosen = 0;

    assert(n > 0);
    if (picks.is_all && n > 1) {
        assert(picks.depth < DEPTH_MAX); /* the program is too large */
        if (picks.depth >= picks.known)
            picks.choice[picks.depth] = 0;
        picks.limit[picks.depth] = n;
        chosen = picks.choice[picks.depth++];
        assert(chosen < n);
    } else if (n > 1 && picks.bytes_left > 0) {
        /* As few bytes as can name n choices: one, for nearly all. */
        for (unsigned max = n - 1; max > 0 && picks.bytes_left > 0; max >>= 8) {
            chosen = chosen << 8 | *picks.bytes++;
            picks.bytes_left--;
        }
        chosen %= n;
    } else if (n > 1) {
        picks.state += UINT64_C(0x9e3779b97f4a7c15);
        chosen = (unsigned)(mix(picks.state) % n);
    }
    pick_note(chosen);
    return chosen;
}

void pick_note(uint64_t event)
{
    picks.fingerprint = mix(picks.fingerprint + event + 1);
}

uint64_t pick_fingerprint(void)
{
    return picks.fingerprint;
}

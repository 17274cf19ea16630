/* quota.c: how many connections each address has; see quota.h.
 * Introduced in phase 10. Needs: quota.h, sys.h.
 *
 * What it teaches: a count that may be too high, and is never too low, is
 * enough for a limit. Such a count does not need a lock, and uses a fixed
 * amount of memory. */
#include "quota.h"

#include <stdatomic.h>
#include <string.h>

#include "sys.h"

#define ROWS 2
#define ROW_LEN 32768u /* a power of two */

static atomic_uint counts[ROWS][ROW_LEN];
static _Atomic uint64_t secret; /* 0: not chosen yet */

/* Mixes the bits of x, so that each bit of the result depends on all bits of x
 * (the finalizer of MurmurHash3, by Austin Appleby). */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    x *= UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

/* Returns the secret. The first thread that needs it computes it from the clock
 * in ns and from the address of a local variable, which the kernel chooses at
 * random. */
static uint64_t get_secret(void)
{
    uint64_t is = atomic_load(&secret), none = 0;

    if (is != 0)
        return is;
    is = mix(sys_wall_ns() ^ mix((uintptr_t)&is)) | 1;
    return atomic_compare_exchange_strong(&secret, &none, is) ? is : none;
}

/* Finds the peer's two counters. */
static void find(const struct peer *peer, atomic_uint *found[ROWS])
{
    uint64_t address = 0, hash = get_secret();

    memcpy(&address, peer->bytes, peer->family == PEER_IPV4 ? 4 : 8);
    hash = mix(hash ^ mix(address + peer->family));
    for (unsigned row = 0; row < ROWS; row++)
        found[row] = &counts[row][(hash >> 16 * row) % ROW_LEN];
}

static unsigned least(atomic_uint *found[ROWS])
{
    unsigned a = atomic_load(found[0]), b = atomic_load(found[1]);

    return a < b ? a : b;
}

bool quota_has_room(const struct peer *peer, unsigned max)
{
    atomic_uint *found[ROWS];

    if (peer->family == PEER_UNIX)
        return true;
    find(peer, found);
    return least(found) < max;
}

bool quota_take(const struct peer *peer, unsigned max)
{
    atomic_uint *found[ROWS];

    if (peer->family == PEER_UNIX)
        return true;
    find(peer, found);
    /* Count first, then compare. So if two threads count at the same time, at
     * least one of them sees both counts. */
    for (unsigned row = 0; row < ROWS; row++)
        atomic_fetch_add(found[row], 1);
    if (least(found) <= max)
        return true;
    quota_release(peer);
    return false;
}

void quota_release(const struct peer *peer)
{
    atomic_uint *found[ROWS];

    if (peer->family == PEER_UNIX)
        return;
    find(peer, found);
    for (unsigned row = 0; row < ROWS; row++)
        atomic_fetch_sub(found[row], 1);
}

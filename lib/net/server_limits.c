/* server_limits.c: the limits' options; see server_limits.h.
 * Introduced in phase 8. Needs: server_limits.h.
 *
 * What it teaches: a table replaces a switch with nine cases. */
#include "server_limits.h"

#include <errno.h>
#include <stdlib.h>

#define MS_MAX 86400000u /* a day */

const char limits_help[] =
    "  --threads N      rings, one a thread (1; at most 64)\n"
    "  --max-conns N    connections a ring at a time (1024; at most 65536)\n"
    "  --bufs N         receive buffers a ring, made 2^n (256; at most 32768)\n"
    "  --sq N, --cq N   entries of the rings (512, 4096)\n"
    "  --header-ms N    for a whole request head (10000)\n"
    "  --idle-ms N      for a connection with nothing to do (60000)\n"
    "  --send-ms N      until the peer has taken a part (30000)\n"
    "  --drain-ms N     after SIGTERM, for what is under way (5000)\n";

int limits_set(struct limits *limits, int code, const char *text)
{
    const struct {
        unsigned *limit;
        unsigned min, max;
    } options[LIMITS_OPTION_COUNT] = { /* in the order of LIMITS_OPTIONS */
        {&limits->sq, 2, 32768},
        {&limits->cq, 16, 65536},
        {&limits->bufs, 1, 32768},
        {&limits->conns_max, 1, 65536},
        {&limits->threads, 1, 64},
        {&limits->header_ms, 1, MS_MAX},
        {&limits->idle_ms, 1, MS_MAX},
        {&limits->send_ms, 1, MS_MAX},
        {&limits->drain_ms, 1, MS_MAX},
    };
    int index = code - LIMITS_OPTION_FIRST;
    unsigned long value;
    char *end;

    if (index < 0 || index >= LIMITS_OPTION_COUNT)
        return -EINVAL;
    if (text[0] < '0' || text[0] > '9') /* strtoul would take "-1" and " 1" */
        return -EINVAL;
    value = strtoul(text, &end, 10);
    if (*end != '\0' || value < options[index].min ||
        value > options[index].max)
        return -EINVAL;
    *options[index].limit = (unsigned)value;
    return 0;
}

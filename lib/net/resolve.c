/* resolve.c: the addresses of a host; see resolve.h.
 * Introduced in phase 8. Needs: resolve.h, sys_net.h.
 *
 * What it teaches: a blocking call gets only its arguments and the memory for
 * its result. Both are in the frame of the waiting task, and nothing else is
 * shared with the thread. */
#include "resolve.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "sys_net.h"

#define FOUND_MAX 12

static_assert(offsetof(struct sockaddr_in, sin_port) ==
                  offsetof(struct sockaddr_in6, sin6_port),
              "a port is at the same place in both");

struct lookup {
    const char *host; /* borrowed */
    unsigned count;
    struct sockaddr_storage found[FOUND_MAX];
    socklen_t lens[FOUND_MAX];
};

/* Runs in a thread of the pool. */
static int resolve_in_thread(void *arg)
{
    struct lookup *lookup = arg;

    return sys_look_up(lookup->host, lookup->found, lookup->lens, FOUND_MAX,
                       &lookup->count);
}

/* Copies the addresses to out. While addresses of both families are left, the
 * families alternate. Within a family, the order stays the same. */
static void alternate(const struct lookup *lookup, unsigned port,
                      struct addresses *out)
{
    bool is_used[FOUND_MAX] = {false};
    int family = AF_UNSPEC;
    struct sockaddr_in6 *at;

    out->count = 0;
    while (out->count < RESOLVE_MAX && out->count < lookup->count) {
        unsigned pick = FOUND_MAX;

        for (unsigned i = lookup->count; i-- > 0;)
            if (!is_used[i] && (pick == FOUND_MAX ||
                                lookup->found[i].ss_family != family ||
                                lookup->found[pick].ss_family == family))
                pick = i;
        is_used[pick] = true;
        family = lookup->found[pick].ss_family;
        out->list[out->count] = (struct net_address){
            .storage = lookup->found[pick], .len = lookup->lens[pick]};
        at = (void *)&out->list[out->count++].storage;
        at->sin6_port = htons((uint16_t)port); /* the same as sin_port */
    }
}

int resolve_await_host(struct threadpool *pool, const char *host, unsigned port,
                  struct addresses *out)
{
    struct lookup lookup = {.host = host};
    int rc = net_parse(&out->list[0], host, port);

    out->count = 1;
    if (rc != -EINVAL || pool == NULL)
        return rc;
    if (strlen(host) > 255)
        return -ENAMETOOLONG;
    rc = threadpool_await_call(pool, resolve_in_thread, &lookup);
    if (rc < 0)
        return rc;
    if (lookup.count == 0)
        return -ENOENT;
    alternate(&lookup, port, out);
    return 0;
}

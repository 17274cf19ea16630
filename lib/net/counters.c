/* counters.c: the counters of a server, for its operator; see counters.h.
 * Introduced in phase 8. Needs: counters.h, server.h, sys.h.
 *
 * What it teaches: a program that prints its counters can be checked from
 * outside. Tests read the printed counters to check that nothing leaks. */
#include "counters.h"

#include <assert.h>
#include <stdio.h>

#include "server.h"
#include "sys.h"

/* The longest text. All counters are printed with a single write, so that the
 * lines of two rings do not mix. */
#define TEXT_MAX 1536

struct text {
    size_t len;
    char bytes[TEXT_MAX];
};

/* read_server stores the values in this order. */
const struct counter server_counters[SERVER_COUNTERS] = {
    {"connections", "Connections that are open.", true},
    {"dormant", "Open connections that have no task.", true},
    {"accepted", "Connections that were accepted.", false},
    {"closed", "Connections that have ended.", false},
    {"dropped", "Connections that were closed without being served.", false},
    {"accepts_paused", "Times that accepting was paused or delayed.", false},
    {"evicted", "Connections that were ended for a client that waited.", false},
    {"over_quota", "Connections beyond the limit per client address.", false},
    {"too_slow", "Connections whose peer took the data too slowly.", false},
    {"emfile", "Times that no file descriptor was free.", false},
    {"enobufs", "Times that no receive buffer was free.", false},
    {"buffers_free", "Receive buffers that are free.", true},
    {"operations_in_flight", "Operations that have not completed.", true},
    {"tasks", "Tasks that are alive.", true},
    {"cq_overflows", "Enters that found that the CQ had overflowed.", false},
    {"stale_completions", "Completions that matched no operation.", false},
    {"no_worker", "Operations for which the kernel had no worker.", false},
    {"enters", "Calls of io_uring_enter.", false},
    {"operations", "Operations that were submitted.", false},
};

static void read_server(const struct server *server, uint64_t *values)
{
    const struct loop *loop = loop_current();
    const struct bufring *bufring = &server->bufring;
    const uint64_t read[SERVER_COUNTERS] = {
        server->alive,
        server->dormant,
        server->accepted,
        server->closed,
        server->acceptor.dropped,
        server->acceptor.pauses,
        server->evicted,
        server->acceptor.refused + server->over_quota,
        server->too_slow,
        server->acceptor.emfile,
        bufring->empty_count,
        bufring_free_count(bufring),
        loop_in_flight(loop),
        loop->sched.count,
        loop->ring.counters.overflows,
        loop->stale_cqes,
        loop->no_worker_count,
        loop->ring.counters.enters,
        loop->ring.counters.sqes,
    };

    for (unsigned i = 0; i < SERVER_COUNTERS; i++)
        values[i] = read[i];
}

static void print(struct text *text, const char *name, uint64_t value)
{
    size_t room = sizeof text->bytes - text->len;
    int len = snprintf(text->bytes + text->len, room, "%s %llu\n", name,
                       (unsigned long long)value);

    assert(len > 0 && (size_t)len < room);
    text->len += (size_t)len;
}

/* Stores all counters in values. Returns how many of them are the program's. */
static unsigned read_all(const struct server *server,
                         uint64_t values[COUNTERS_MAX])
{
    const struct counters_more *more = server->options.counters;

    read_server(server, values);
    if (more == NULL)
        return 0;
    assert(SERVER_COUNTERS + more->count <= COUNTERS_MAX);
    more->read(server->context, values + SERVER_COUNTERS);
    return more->count;
}

void server_publish_counters(const struct server *server)
{
    const struct counters_more *more = server->options.counters;
    uint64_t values[COUNTERS_MAX];
    struct counters_page *page;
    unsigned count;

    if (more == NULL)
        return;
    page = &more->pages[server->options.ring];
    count = SERVER_COUNTERS + read_all(server, values);
    for (unsigned i = 0; i < count; i++)
        atomic_store_explicit(&page->values[i], values[i],
                              memory_order_relaxed);
}

void server_print_counters(const struct server *server)
{
    uint64_t values[COUNTERS_MAX];
    unsigned count = read_all(server, values);
    struct text text = {0};

    /* The program's counters come first, so that the last line is the same
     * counter in every program. */
    for (unsigned i = 0; i < count; i++)
        print(&text, server->options.counters->counters[i].name,
              values[SERVER_COUNTERS + i]);
    for (unsigned i = 0; i < SERVER_COUNTERS; i++)
        print(&text, server_counters[i].name, values[i]);
    sys_print_error(text.bytes, text.len);
}

uint64_t counters_sum(const struct counters_page *pages, unsigned count,
                      unsigned index)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += atomic_load_explicit(&pages[i].values[index],
                                    memory_order_relaxed);
    return sum;
}

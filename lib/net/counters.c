/* counters.c: prints a server's counters, one per line; see server.h.
 * Introduced in phase 8. Needs: server.h, sys.h.
 *
 * What it teaches: a program that prints its counters can be checked from
 * outside. Tests read these lines to check that nothing leaks. */
#include "server.h"

#include <assert.h>
#include <stdio.h>

#include "sys.h"

/* The longest text. All counters are printed with a single write, so that the
 * lines of two rings do not mix. */
#define TEXT_MAX 1024

struct text {
    size_t len;
    char bytes[TEXT_MAX];
};

static void add(struct text *text, const char *name, uint64_t value)
{
    size_t room = sizeof text->bytes - text->len;
    int len = snprintf(text->bytes + text->len, room, "%s %llu\n", name,
                       (unsigned long long)value);

    assert(len > 0 && (size_t)len < room);
    text->len += (size_t)len;
}

void server_print_counters(const struct server *server)
{
    const struct loop *loop = loop_current();
    const struct bufring *bufring = &server->bufring;
    struct text text = {0};

    add(&text, "connections", server->alive);
    add(&text, "dormant", server->dormant);
    add(&text, "accepted", server->accepted);
    add(&text, "closed", server->closed);
    add(&text, "dropped", server->acceptor.dropped);
    add(&text, "accepts_paused", server->acceptor.pauses);
    add(&text, "evicted", server->evicted);
    add(&text, "emfile", server->acceptor.emfile);
    add(&text, "enobufs", bufring->empty_count);
    add(&text, "buffers_free", bufring_free_count(bufring));
    add(&text, "operations_in_flight", loop_in_flight(loop));
    add(&text, "tasks", loop->sched.count);
    add(&text, "cq_overflows", loop->ring.counters.overflows);
    add(&text, "stale_completions", loop->stale_cqes);
    add(&text, "no_worker", loop->no_worker_count);
    add(&text, "enters", loop->ring.counters.enters);
    add(&text, "operations", loop->ring.counters.sqes);
    sys_print_error(text.bytes, text.len);
}

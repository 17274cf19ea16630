/* counters.c: what a server has done and holds, as lines; see server.h.
 * Introduced in phase 8. Needs: server.h, sys.h.
 *
 * What it teaches: a program that can be asked what it holds need not be taken
 * at its word. Tests read these lines to see that nothing leaks. */
#include "server.h"

#include <stdio.h>

#include "sys.h"

#define LINE_MAX_LEN 64

static void print_counter(const char *name, uint64_t value)
{
    char line[LINE_MAX_LEN];
    int len = snprintf(line, sizeof line, "%s %llu\n", name,
                       (unsigned long long)value);

    if (len > 0 && (size_t)len < sizeof line)
        sys_print_error(line, (size_t)len);
}

void server_print_counters(const struct server *server)
{
    const struct loop *loop = loop_current();
    const struct bufring *bufring = &server->bufring;

    print_counter("connections", server->alive);
    print_counter("accepted", server->accepted);
    print_counter("closed", server->closed);
    print_counter("dropped", server->acceptor.dropped);
    print_counter("accepts_paused", server->acceptor.pauses);
    print_counter("emfile", server->acceptor.emfile);
    print_counter("enobufs", bufring->empty_count);
    print_counter("buffers_free", bufring->count - bufring->mine_count);
    print_counter("operations_in_flight", loop_in_flight(loop));
    print_counter("tasks", loop->sched.count);
    print_counter("cq_overflows", loop->ring.counters.overflows);
    print_counter("stale_completions", loop->stale_cqes);
    print_counter("enters", loop->ring.counters.enters);
    print_counter("operations", loop->ring.counters.sqes);
}

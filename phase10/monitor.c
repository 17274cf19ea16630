/* monitor.c: answers for programs that watch the server; see monitor.h. */
#include "monitor.h"

#include <assert.h>
#include <stdio.h>

#include "answer.h"
#include "traffic.h"

/* Appends one counter. Returns the new length of the text. */
static size_t add(char *text, size_t len, const struct counter *counter,
                  uint64_t value)
{
    const char *suffix = counter->is_gauge ? "" : "_total";
    const char *type = counter->is_gauge ? "gauge" : "counter";
    int added = snprintf(text + len, MONITOR_TEXT_MAX - len,
                         "# HELP serve_%s%s %s\n"
                         "# TYPE serve_%s%s %s\n"
                         "serve_%s%s %llu\n",
                         counter->name, suffix, counter->help,
                         counter->name, suffix, type,
                         counter->name, suffix, (unsigned long long)value);

    assert(added > 0 && (size_t)added < MONITOR_TEXT_MAX - len);
    return len + (size_t)added;
}

/* Writes the counters of all rings. Other rings may count while this reads. */
static struct view metrics_of(struct site *site)
{
    const struct monitor *monitor = site->monitor;
    char *text = site->metrics;
    size_t len = 0;

    for (unsigned i = 0; i < SERVER_COUNTERS + TRAFFIC_COUNTERS; i++)
        len = add(text, len,
                  i < SERVER_COUNTERS ? &server_counters[i]
                                      : &traffic_counters[i - SERVER_COUNTERS],
                  counters_sum(monitor->pages, monitor->rings, i));
    return (struct view){text, len};
}

int monitor_await_answer(struct answer *answer, bool keep)
{
    const struct http_request *request = answer->request;
    const struct monitor *monitor = answer->site->monitor;
    struct view path = http_view(request, request->path);
    int rc;

    if (request->method != HTTP_GET && request->method != HTTP_HEAD)
        return 1;
    if (monitor->metrics != NULL &&
        view_equal(path, view_of(monitor->metrics))) {
        /* Make room before the text is written. If this task waited later,
         * another task would write its metrics over the text of this one. */
        rc = outbox_await_room(&answer->outbox);
        if (rc < 0)
            return rc;
        server_publish_counters(answer->conn->server);
        return answer_await_text(answer, 200, metrics_of(answer->site), keep);
    }
    if (!monitor->has_health ||
        !view_equal(path, view_of(MONITOR_HEALTH)))
        return 1;
    if (conn_should_end(answer->conn))
        return answer_await_text(answer, 503, view_of("stopping\n"), keep);
    return answer_await_text(answer, 200, view_of("ok\n"), keep);
}

/* linger.c: the end of a connection whose peer may still send; see linger.h. */
#include "linger.h"

#include <sys/socket.h>

#include "await.h"

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void linger_await_end(struct inbox *inbox, const struct linger_limits *limits)
{
    const uint64_t total_ns = limits->total_ms * NS_PER_MS;
    const uint64_t start_ns = loop_now_ns();
    uint64_t elapsed_ns = 0, seen = 0, due_ns;
    size_t len;
    int rc;

    deadline_set_ns(total_ns);
    rc = await_shutdown(inbox->in->fd, SHUT_WR);
    while (rc >= 0 && elapsed_ns < total_ns) {
        (void)inbox_bytes(inbox, &len);
        inbox_drop(inbox, len);
        seen += len;
        due_ns = seen * NS_PER_S / limits->bytes_per_s;
        if (due_ns > elapsed_ns) {
            deadline_clear();
            rc = await_sleep_ns(least(due_ns, total_ns) - elapsed_ns);
        } else {
            deadline_set_ns(least(limits->silence_ms * NS_PER_MS,
                                  total_ns - elapsed_ns));
            rc = inbox_await_more(inbox);
            if (rc == 0)
                return;
        }
        elapsed_ns = loop_now_ns() - start_ns;
    }
}

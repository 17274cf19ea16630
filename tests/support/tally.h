/* tally.h: compares what a server holds before and after a test.
 *
 * Test support. Needs: daemon.h, suite.h.
 *
 *     struct tally before = tally_take(&server);
 *
 *     ... odd requests, failed files, clients that leave early ...
 *     tally_check(&server, &before, "a GET of a FIFO");
 *
 * A tally counts descriptors, free buffers and memory. Call both functions
 * while no client is connected. A unit test that uses lib in its own process
 * calls fds_open() (fds.h) instead, and the pools check their counts when they
 * are finished. */
#ifndef TESTS_TALLY_H
#define TESTS_TALLY_H

#include <stdio.h>
#include <unistd.h>

#include "daemon.h"
#include "suite.h"

/* Memory that the server may touch for the first time. This is not a leak. */
#define TALLY_SLACK_KIB 2048

struct tally {
    int fds;
    long buffers_free;
    long rss_kib;
};

static inline struct tally tally_take(struct daemon *daemon)
{
    daemon_await_counter(daemon, "connections", 0);
    return (struct tally){
        .fds = daemon_fd_count(daemon),
        .buffers_free = daemon_counter(daemon, "buffers_free"),
        .rss_kib = daemon_rss_kib(daemon),
    };
}

/* Waits until the server holds as much as before. If it still holds more or
 * less, fails with a message that names what the test has done. */
static inline void tally_check(struct daemon *daemon,
                               const struct tally *before, const char *done)
{
    struct tally now;

    for (int tries = 0; tries < 2000; tries++) {
        now = tally_take(daemon);
        if (now.fds == before->fds && now.buffers_free == before->buffers_free)
            break;
        usleep(1000);
    }
    ck_assert_msg(now.fds == before->fds, "%s: %d descriptors, before %d",
                  done, now.fds, before->fds);
    ck_assert_msg(now.buffers_free == before->buffers_free,
                  "%s: %ld buffers are free, before %ld", done,
                  now.buffers_free, before->buffers_free);
    ck_assert_msg(now.rss_kib <= before->rss_kib + TALLY_SLACK_KIB,
                  "%s: %ld KiB of memory, before %ld", done, now.rss_kib,
                  before->rss_kib);
}

#endif

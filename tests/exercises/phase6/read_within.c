/* read_within.c: the checker of phase 6's exercise read_within.
 *
 * In the last case the bytes come just before the cancel is submitted. So the
 * read has them, and the cancel finds nothing. */
#include "read_within.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "judge.h"
#include "ring_watch.h"

#define LONG_MS 60000u
#define SHORT_MS 300u

static struct io_uring ring;
static char buf[64];
static int ends[2];
static unsigned sent; /* bytes, by feed_at_cancel */

static void begin(void)
{
    watch_make_ring(&ring, 8, 0);
    judge_pipe(ends);
    judge_suspect("the wait did not end");
}

static int bytes_left(void)
{
    int left = 0;

    ioctl(ends[0], FIONREAD, &left);
    return left;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void feed(void *arg)
{
    (void)arg;
    watch_until_submitted(1);
    judge_write(ends[1], "hello", 5);
}

static void check_in_time(void)
{
    begin();
    judge_run("read_within(ring, pipe, buf, 64, 60000), and 5 bytes at once");
    judge_expect("5");
    judge_suspect("the bytes are there, and the wait goes on: for which CQE?");
    judge_thread(feed, NULL);
    watch_forbid_reads();
    judge_result(read_within(&ring, ends[0], buf, sizeof buf, LONG_MS), 5,
                 "the result is that of the read");
    judge_bytes(buf, "hello", 5, "the bytes are in another place");
    watch_is_settled();
}

static void check_late(void)
{
    uint64_t began_ms, took_ms;
    int came;

    begin();
    judge_run("read_within(ring, pipe, buf, 64, 300), and no bytes");
    judge_expect("-ETIME after 300 ms, and nothing in flight");
    judge_suspect("the limit did not end the wait: after -ETIME cancel the "
                  "read, and wait for two CQEs");
    watch_forbid_reads();
    began_ms = now_ms();
    came = read_within(&ring, ends[0], buf, sizeof buf, SHORT_MS);
    took_ms = now_ms() - began_ms;
    if (came == -ENOSYS)
        judge_result(came, 0, "");
    if (watch_reaped() < watch_submitted() && watch_waiting() == 0)
        judge_fail("the read is still in flight, and the kernel owns buf: "
                   "cancel it, and wait for its CQE", "%u SQEs, but %u CQEs",
                   watch_submitted(), watch_reaped());
    watch_is_settled();
    judge_result(came, -ETIME, came == -ENOENT || came == 0
                     ? "this is the result of the cancel: user_data tells the "
                       "two CQEs apart"
                     : "no bytes came in time, and that is -ETIME");
    if (took_ms + 1 < SHORT_MS)
        judge_fail("the wait ended before its time", "%u ms",
                   (unsigned)took_ms);
    judge_expect("later bytes stay in the pipe");
    judge_write(ends[1], "later", 5);
    judge_result(bytes_left(), 5, "a read is still in flight, and took the "
                 "bytes that came later");
}

static void feed_at_cancel(void)
{
    const struct io_uring_sqe *sqe = &watch->entries[watch->entry_count - 1];

    if (sqe->opcode != IORING_OP_ASYNC_CANCEL || sent > 0)
        return;
    judge_write(ends[1], "hello", 5);
    sent = 5;
}

static void check_bytes_with_the_end(void)
{
    int came;

    begin();
    watch->on_submit = feed_at_cancel;
    judge_run("read_within(ring, pipe, buf, 64, 300); 5 bytes come with the "
              "end of the time");
    judge_expect("5, or -ETIME and the bytes still in the pipe");
    watch_forbid_reads();
    came = read_within(&ring, ends[0], buf, sizeof buf, SHORT_MS);
    judge_that(came != -ENOENT, "this is the result of the cancel, which found "
               "no read: user_data tells the two CQEs apart", "-ENOENT");
    if ((came > 0 ? came : 0) + bytes_left() != (int)sent)
        judge_fail("the read got bytes before the cancel, and they are lost: "
                   "return the read's own result", "%d, and %d bytes in the "
                   "pipe", came, bytes_left());
    watch_is_settled();
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"bytes that come in time are read", check_in_time},
        {"the limit ends the read", check_late},
        {"bytes that come with the end are not lost", check_bytes_with_the_end},
    };

    return judge_main("read_within", cases, sizeof cases / sizeof *cases);
}

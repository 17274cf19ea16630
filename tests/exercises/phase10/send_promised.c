/* send_promised.c: the checker of phase 10's exercise send_promised.
 *
 * The socket's buffer is small, and a second thread reads what comes. One case
 * makes the file shorter when the first send is submitted. */
#include "send_promised.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define LEN 200000u

static struct io_uring ring;
static char bytes[LEN];
static char arrived[2 * LEN];
static _Atomic unsigned arrived_len;
static _Atomic bool has_ended;
static int ends[2], file;

static void receive(void *arg)
{
    ssize_t len;

    (void)arg;
    while ((len = recv(ends[0], arrived + arrived_len,
                       sizeof arrived - arrived_len, 0)) > 0)
        arrived_len += (unsigned)len;
    has_ended = true;
}

static void begin(void)
{
    int small = 4096;

    watch_make_ring(&ring, 4, 0);
    judge_fill(bytes, sizeof bytes, 3);
    file = judge_file(bytes, LEN);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        judge_cannot("socketpair", -errno);
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    judge_suspect("it does not end: what if a read returns 0?");
}

/* Runs the answer, and returns when the reader has everything. */
static int run(uint64_t promised)
{
    int rc;

    judge_thread(receive, NULL);
    watch_forbid_reads();
    rc = send_promised(&ring, file, ends[1], promised);
    if (rc == -ENOSYS)
        judge_result(rc, 0, "");
    shutdown(ends[1], SHUT_RDWR);
    while (!has_ended)
        usleep(100);
    judge_that(watch_submitted() >= 2, "the bytes did not go through the ring",
               "fewer than two SQEs");
    return rc;
}

static void expect_arrived(unsigned len, const char *less, const char *more)
{
    if (arrived_len < len)
        judge_fail(less, "%u bytes", arrived_len);
    if (arrived_len > len)
        judge_fail(more, "%u bytes", arrived_len);
    judge_bytes(arrived, bytes, len, "these are not the bytes of the file");
    watch_is_settled();
}

static void check_exact(void)
{
    begin();
    judge_run("a file of 200,000 bytes, and a promise of 200,000");
    judge_expect("0, and 200,000 bytes");
    judge_result(run(LEN), 0, "the promise can be kept");
    expect_arrived(LEN, "a send may be short: send the rest of the block",
                   "bytes were sent twice");
}

static void check_longer(void)
{
    begin();
    judge_run("a file of 200,000 bytes, and a promise of 50,001");
    judge_expect("0, and 50,001 bytes");
    judge_result(run(50001), 0, "the promise can be kept");
    expect_arrived(50001, "bytes are missing", "the file is longer than the "
                   "promise: the client takes the rest for the next response");
}

static void check_shorter(void)
{
    int rc;

    begin();
    judge_run("a file of 200,000 bytes, and a promise of 300,000");
    judge_expect("-ENODATA, and no byte but those of the file");
    rc = run(300000);
    if (arrived_len > LEN)
        judge_fail("bytes that are not the file's were sent in place of those "
                   "that are missing", "%u bytes", arrived_len);
    judge_that(rc != 0, "the promise was not kept: the client waits for the "
               "rest, and takes the next response for it", "0");
    judge_result(rc, -ENODATA, "a read that returns 0 is no data");
    expect_arrived(LEN, "the bytes that are there are sent",
                   "bytes that are not the file's were sent");
}

static void shorten(void)
{
    const struct io_uring_sqe *sqe = &watch->entries[watch->entry_count - 1];

    if (sqe->opcode != IORING_OP_READ && ftruncate(file, 100) < 0)
        judge_cannot("ftruncate", -errno);
}

static void check_truncated(void)
{
    int rc;

    begin();
    watch->on_submit = shorten;
    judge_run("a file that becomes shorter while it is sent");
    judge_expect("-ENODATA");
    rc = run(LEN);
    judge_result(rc, -ENODATA, "look at each read: the length at the beginning "
                 "is only a hint");
    judge_bytes(arrived, bytes, arrived_len, "bytes that are not the file's "
                "were sent");
}

static void check_gone(void)
{
    int rc;

    begin();
    close(ends[0]);
    judge_run("a peer that has gone away");
    judge_expect("-EPIPE");
    judge_crash("the peer is gone, and SIGPIPE ended the process: use "
                "io_uring_prep_send with MSG_NOSIGNAL, and not a write");
    rc = send_promised(&ring, file, ends[1], LEN);
    judge_result(rc, -EPIPE, "the result of the send is -EPIPE");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"all promised bytes are sent", check_exact},
        {"a longer file changes nothing", check_longer},
        {"a shorter file breaks the promise", check_shorter},
        {"a file that becomes shorter breaks the promise", check_truncated},
        {"a peer that has gone away is an error", check_gone},
    };

    return judge_main("send_promised", cases, sizeof cases / sizeof *cases);
}

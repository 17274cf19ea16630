/* write_vectors.c: the checker of phase 5's exercise write_vectors.
 *
 * The writes go to a socket with a small buffer, so they are short. */
#include "write_vectors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define COUNT 40u
#define LEN 5003u
#define TOTAL (COUNT / 2 * LEN) /* every second vector is empty */

static struct io_uring ring;
static char bytes[2 * TOTAL], arrived[2 * TOTAL];
static _Atomic unsigned arrived_len;
static _Atomic bool has_ended;
static int ends[2];
static struct iovec vectors[COUNT];

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
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        judge_cannot("socketpair", -errno);
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    judge_fill(bytes, sizeof bytes, 5);
    for (unsigned i = 0; i < COUNT; i++)
        vectors[i] = (struct iovec){bytes + i / 2 * LEN, i % 2 == 0 ? 0 : LEN};
    judge_suspect("it writes again and again: what if a vector is empty?");
}

static void check_all(void)
{
    int rc;

    begin();
    judge_run("write_vectors of 20 buffers with 5,003 bytes and 20 empty ones, "
              "to a socket with a small buffer");
    judge_expect("0, and 100,060 bytes in order");
    judge_thread(receive, NULL);
    rc = write_vectors(&ring, ends[1], vectors, COUNT);
    if (rc == -ENOSYS)
        judge_result(rc, 0, "");
    shutdown(ends[1], SHUT_RDWR);
    while (!has_ended)
        usleep(100);
    judge_that(watch_submitted() > 0, "no SQE was submitted", "no SQE");
    judge_result(rc, 0, "no write failed");
    judge_expect("one write for many vectors");
    judge_that(watch->entries[0].opcode != IORING_OP_WRITEV ||
               watch->entries[0].len > 1, "one vectored write takes many "
               "vectors: pass all that are left", "a write of one vector");
    judge_expect("100,060 bytes in order");
    if (arrived_len != TOTAL)
        judge_fail(arrived_len < TOTAL
                       ? "a write may be short: write what is left"
                       : "bytes were written twice: drop the vectors that were "
                         "written, and move the one in the middle: its begin "
                         "and its length",
                   "%u bytes", arrived_len);
    judge_bytes(arrived, bytes, TOTAL, "the bytes are in another order: a "
                "write may stop in the middle of a vector");
    watch_is_settled();
}

static void check_empty(void)
{
    begin();
    judge_run("write_vectors of 3 empty vectors");
    judge_expect("0");
    for (unsigned i = 0; i < 3; i++)
        vectors[i].iov_len = 0;
    judge_result(write_vectors(&ring, ends[1], vectors, 3), 0,
                 "nothing to write is no failure");
}

static void check_error(void)
{
    begin();
    judge_run("write_vectors to a descriptor that is open for reading");
    judge_expect("-EBADF");
    judge_result(write_vectors(&ring, open("/proc/self/exe", O_RDONLY),
                               vectors, COUNT), -EBADF,
                 "the failure is cqe->res: look at it before you add it");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"empty vectors need no write", check_empty},
        {"a failed write is reported", check_error},
        {"all bytes of all vectors are written", check_all},
    };

    return judge_main("write_vectors", cases, sizeof cases / sizeof *cases);
}

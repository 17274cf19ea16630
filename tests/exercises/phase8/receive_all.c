/* receive_all.c: the checker of phase 8's exercise receive_all.
 *
 * With a pool of one buffer, each call of use() sends more bytes before it
 * looks at its own. If the answer has returned the buffer too early, the kernel
 * fills it now, on every run. */
#include "receive_all.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define TOTAL 400u
#define STEP 8u /* bytes that a call of use sends */

static struct io_uring ring;
static struct pool pool;
static int ends[2];
static char buffers[4][RECEIVE_LEN];
static char bytes[TOTAL];
static unsigned sent, received;
static unsigned uses; /* calls of use(), each with a buffer */

static void send_some(unsigned len)
{
    if (sent == TOTAL)
        return;
    judge_write(ends[1], bytes + sent, len);
    sent += len;
    if (sent == TOTAL)
        shutdown(ends[1], SHUT_WR);
}

/* A receive that begins now needs a buffer. */
static void on_submit(void)
{
    unsigned returned = pool.shared->tail - pool.count;

    if (uses - returned == pool.count)
        judge_fail("no buffer was returned: after use(), "
                   "io_uring_buf_ring_add and io_uring_buf_ring_advance do it",
                   "a receive, and a pool without buffers");
}

static void on_use(const char *data, unsigned len)
{
    uses++;
    send_some(STEP);
    judge_that(received + len <= TOTAL, "more bytes than were sent: is a "
               "buffer used twice?", "too many bytes");
    judge_bytes(data, bytes + received, len, "these are not the bytes of this "
                "result: was the buffer returned before use() had them, or is "
                "it another buffer?");
    received += len;
}

static void make_pool(unsigned count)
{
    struct io_uring_buf_reg reg = {.ring_entries = count,
                                   .bgid = RECEIVE_GROUP};
    int rc;

    pool = (struct pool){
        .shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        .buffers = buffers, .count = count,
    };
    reg.ring_addr = (uintptr_t)pool.shared;
    rc = io_uring_register_buf_ring(&ring, &reg, 0);
    if (rc < 0)
        judge_cannot("io_uring_register_buf_ring (Linux 5.19)", rc);
    io_uring_buf_ring_init(pool.shared);
    for (unsigned i = 0; i < count; i++)
        io_uring_buf_ring_add(pool.shared, buffers[i], RECEIVE_LEN,
                              (unsigned short)i, (int)count - 1, (int)i);
    io_uring_buf_ring_advance(pool.shared, (int)count);
}

/* Expects that the kernel has all buffers: as many receives find one. */
static void check_buffers_back(void)
{
    unsigned tail = pool.shared->tail, taken = 0;

    for (unsigned i = 0; i < pool.count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
        struct io_uring_cqe *cqe;
        int pair[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
            judge_cannot("socketpair", -errno);
        judge_write(pair[1], "x", 1);
        io_uring_prep_recv(sqe, pair[0], NULL, 0, 0);
        sqe->flags |= IOSQE_BUFFER_SELECT;
        sqe->buf_group = RECEIVE_GROUP;
        io_uring_submit(&ring);
        io_uring_wait_cqe(&ring, &cqe);
        taken += cqe->res == 1;
        io_uring_cqe_seen(&ring, cqe);
    }
    judge_expect("all buffers are the kernel's at the end");
    if (taken < pool.count)
        judge_fail("a buffer was not returned", "%u of %u buffers, %u returned",
                   taken, pool.count, tail - pool.count);
}

static void run(unsigned count)
{
    int rc;

    watch_make_ring(&ring, 8, 0);
    make_pool(count);
    judge_fill(bytes, sizeof bytes, count);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        judge_cannot("socketpair", -errno);
    judge_run("receive_all of 400 bytes, with %u buffers of 16 bytes", count);
    judge_expect("400 bytes in order, then 0");
    judge_suspect("the receive has ended: its last CQE had no F_MORE. Arm it "
                  "again");
    send_some(40);
    watch->on_submit = on_submit;
    watch_forbid_reads();
    rc = receive_all(&ring, ends[0], &pool, on_use);
    judge_that(rc != -ENOBUFS, "the pool was empty for a moment: return the "
               "buffers, and arm the receive again", "-ENOBUFS");
    judge_result(rc, 0, "the end of the input is 0");
    if (received != TOTAL)
        judge_fail("bytes are missing: go on until res is 0", "%u bytes",
                   received);
    judge_that(watch_waiting() == 0, "a CQE was not marked as seen",
               "a result in the CQ");
    watch->on_submit = NULL;
    check_buffers_back();
}

static void check_one(void)
{
    run(1);
}

static void check_four(void)
{
    run(4);
    if (watch->entry_count > 20)
        judge_fail("one multishot receive brings many results: arm it only "
                   "after a CQE without F_MORE", "%u SQEs",
                   watch->entry_count);
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"four buffers carry all bytes", check_four},
        {"one buffer is returned after its use", check_one},
    };

    return judge_main("receive_all", cases, sizeof cases / sizeof *cases);
}

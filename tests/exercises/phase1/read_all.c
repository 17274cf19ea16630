/* read_all.c: the checker of phase 1's exercise read_all. */
#include "read_all.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define LEN 300u
#define PIECES 3u

#define ADDED "the error is in cqe->res: look at a result before you add it, " \
              "because -errno is not a number of bytes"
#define DROPPED "a negative cqe->res is a failure, and not the end: return it"

static struct io_uring ring;
static char bytes[1000], buf[1000];
static int ends[2];

/* The call, with everything around it that each case has. */
static int run(int fd, unsigned len, uint64_t offset)
{
    int result;

    memset(buf, '?', sizeof buf);
    if (offset == READ_ALL_STREAM)
        judge_run("read_all(ring, pipe, buf, %u, READ_ALL_STREAM)", len);
    else
        judge_run("read_all(ring, file, buf, %u, %u)", len, (unsigned)offset);
    watch_forbid_reads();
    result = read_all(&ring, fd, buf, len, offset);
    if (result == -ENOSYS)
        judge_result(result, 0, "");
    judge_that(watch_submitted() > 0, "no SQE was submitted", "no read");
    watch_is_settled();
    return result;
}

static void begin(void)
{
    judge_fill(bytes, sizeof bytes, 7);
    watch_make_ring(&ring, 4, 0);
}

static void check_file(void)
{
    begin();
    judge_expect("100, and the bytes from position 600");
    judge_result(run(judge_file(bytes, 1000), 100, 600), 100,
                 "the file has 100 bytes at this position");
    judge_bytes(buf, bytes + 600, 100, "the read did not begin at offset");
}

/* Writes each piece when the answer has submitted a read for it. */
static void feed_pieces(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < PIECES; i++) {
        watch_until_submitted(i + 1);
        judge_write(ends[1], bytes + i * LEN / PIECES, LEN / PIECES);
    }
}

static void check_pieces(void)
{
    int result;

    begin();
    judge_pipe(ends);
    judge_thread(feed_pieces, NULL);
    judge_expect("300, after three reads of 100 bytes each");
    judge_suspect("it waits for bytes that do not come: stop when you have "
                  "len bytes");
    result = run(ends[0], LEN, READ_ALL_STREAM);
    judge_result(result, LEN, "a short read is not the end: read on, until a "
                 "read returns 0 or the bytes are there");
    for (unsigned i = 0; i < watch->entry_count; i++) {
        unsigned rest = LEN - i * LEN / PIECES;
        const struct io_uring_sqe *sqe = &watch->entries[i];

        if (sqe->off != READ_ALL_STREAM)
            judge_fail("a stream has no offset: each read of it gets "
                       "READ_ALL_STREAM, and READ_ALL_STREAM + done is "
                       "another number", "read %u has the offset %llu", i + 1,
                       (unsigned long long)sqe->off);
        if (sqe->opcode == IORING_OP_READ && sqe->len > rest)
            judge_fail("request only the bytes that are left, len - done: a "
                       "longer read writes behind the buffer",
                       "read %u requested %u bytes, with room for %u", i + 1,
                       sqe->len, rest);
    }
    judge_bytes(buf, bytes, LEN, "read on behind the bytes that you have, at "
                "buf + done");
}

static void check_end(void)
{
    int result;

    begin();
    judge_expect("10: the file has 10 bytes");
    judge_suspect("it reads on behind the end: a result of 0 is the end");
    result = run(judge_file(bytes, 10), 20, 0);
    judge_result(result, 10, result > 10
                     ? "the second read began at offset again: a read at an "
                       "offset moves no position"
                     : "the bytes in front of the end count");
    judge_bytes(buf, bytes, 10, "these are not the bytes of the file");
    judge_that(buf[10] == '?', "a byte behind the end was written", "another "
               "byte behind the tenth");
}

static void expect_error(int fd, uint64_t offset, int error)
{
    int result;

    judge_suspect(ADDED);
    judge_crash(ADDED);
    result = run(fd, 100, offset);
    judge_result(result, error, result >= 0 ? DROPPED : ADDED);
}

static void check_error(void)
{
    begin();
    judge_expect("-EISDIR: a directory cannot be read");
    expect_error(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0, -EISDIR);
}

/* The other end of this socket is closed, with a byte that it did not read. So
 * the bytes are followed by an error, and not by the end. */
static int reset_socket(void)
{
    int sockets[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
        judge_cannot("socketpair", -errno);
    judge_write(sockets[0], "?", 1);
    judge_write(sockets[1], bytes, 10);
    close(sockets[1]);
    return sockets[0];
}

static void check_late_error(void)
{
    begin();
    judge_expect("-ECONNRESET, the result of the second read");
    expect_error(reset_socket(), READ_ALL_STREAM, -ECONNRESET);
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"bytes in the middle of a file are read", check_file},
        {"three pieces of a pipe are put together", check_pieces},
        {"a file that ends early is read to its end", check_end},
        {"a failed read is reported", check_error},
        {"a read that fails after others is reported", check_late_error},
    };

    return judge_main("read_all", cases, sizeof cases / sizeof *cases);
}

/* lab-splice.c: moves bytes without copying them through our memory.
 * Introduced in phase 2. Needs: lab.h.
 *
 * What it teaches: splice moves pages between a file and a pipe. tee gives a
 * second pipe the same pages. No byte is copied to our memory and back. One of
 * the two ends of a splice must be a pipe, and a pipe is small: 16 pages, which
 * is 64 KiB if a page has 4 KiB. So every splice of a long file is short, and
 * would break a link. The loop here uses no links. It continues after the bytes
 * that each splice has moved.
 *
 *      file --splice--> pipe --tee--> second pipe --splice--> copy 2
 *                        +--------------------------splice--> copy 1      */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"

enum { LEN = 200000 };

/* One end of a splice; offset is -1 if fd is a pipe. */
struct end {
    int fd;
    int64_t offset;
};

static int splice_once(struct io_uring *ring, struct end in, struct end out,
                       unsigned len)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_splice(sqe, in.fd, in.offset, out.fd, out.offset, len, 0);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

/* Moves len bytes from a pipe into a file. Returns 0 or -EIO. */
static int drain(struct io_uring *ring, int in, int out, int64_t offset,
                 int len)
{
    for (int done = 0; done < len;) {
        int moved = splice_once(ring, (struct end){in, -1},
                                (struct end){out, offset + done},
                                (unsigned)(len - done));

        if (moved <= 0)
            return -EIO;
        done += moved;
    }
    return 0;
}

/* Copies the file `in` to both files of `out`. Returns the number of splices
 * from `in`, or -errno. */
static int copy_twice(struct io_uring *ring, int in, const int out[2])
{
    int one[2], two[2], pipe_len, count = 0;
    struct io_uring_sqe *sqe;

    lab_pipe(one);
    lab_pipe(two);
    pipe_len = fcntl(one[0], F_GETPIPE_SZ);
    for (int64_t offset = 0;; count++) {
        int len = splice_once(ring, (struct end){in, offset},
                              (struct end){one[1], -1}, LEN);

        if (count == 0)
            lab_result("one splice of 200000 bytes",
                       pipe_len < LEN ? pipe_len : LEN, len);
        if (len <= 0)
            return len < 0 ? len : count;
        sqe = io_uring_get_sqe(ring);
        io_uring_prep_tee(sqe, one[0], two[1], (unsigned)len, 0);
        io_uring_sqe_set_data64(sqe, 1);
        if (lab_run(ring, 1) != len ||
            drain(ring, one[0], out[0], offset, len) < 0 ||
            drain(ring, two[0], out[1], offset, len) < 0)
            return -EIO;
        offset += len;
    }
}

static bool is_same(int fd, const char *content)
{
    static char copy[LEN + 1];

    return pread(fd, copy, sizeof copy, 0) == LEN &&
           memcmp(copy, content, LEN) == 0;
}

int main(int argc, char **argv)
{
    static char content[LEN];
    struct io_uring ring;
    int in, out[2], per_splice, count;
    int code = lab_options(argc, argv, "lab-splice",
                           "How do splice and tee move bytes?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    for (int i = 0; i < LEN; i++)
        content[i] = (char)(i * 7 + i / 251); /* all pages differ */
    in = lab_file(content, LEN);
    out[0] = lab_file("", 0);
    out[1] = lab_file("", 0);
    lab_print("a file of 200000 bytes, through two pipes, to two copies");
    count = copy_twice(&ring, in, out);
    per_splice = 16 * (int)sysconf(_SC_PAGESIZE);
    lab_result("splices out of the file", (LEN + per_splice - 1) / per_splice,
               count);
    lab_truth("copy 1 is right", true, is_same(out[0], content));
    lab_truth("copy 2 is right", true, is_same(out[1], content));
    io_uring_queue_exit(&ring);
    return lab_end();
}

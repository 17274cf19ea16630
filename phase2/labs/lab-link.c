/* lab-link.c: the effect of a short read on the operation linked to it.
 * Introduced in phase 2. Needs: lab.h.
 *
 * What it teaches: a link means "run the next operation if this one transferred
 * all the bytes that it requested". A file of 5 bytes cannot fill a read of 16:
 *
 *      LINK      the write is cancelled: the copy lacks the end of the file
 *      HARDLINK  the write runs with 16 bytes: the copy ends in garbage
 *
 * Both copies are wrong. A copy program must check the read's result before it
 * queues the write, or know the length and request exactly that many bytes. On
 * a socket a short receive is normal and does not break a link, unless
 * MSG_WAITALL requests the full length. Some operations on files do not break a
 * link even if they fail: phase6/labs/lab-link-failure.c. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

enum { FIRST = 1, SECOND = 2 };

struct copy {
    const char *name;
    unsigned link;
    unsigned len;
    int write_result;
    const char *content; /* expected in the copy */
};

/* Submits two operations and takes their completions. results[i] is the result
 * of the operation with user_data i. */
static void take_both(struct io_uring *ring, int results[3])
{
    io_uring_submit(ring);
    for (int i = 0; i < 2; i++) {
        struct io_uring_cqe *cqe;

        if (io_uring_wait_cqe(ring, &cqe) < 0)
            return;
        results[cqe->user_data] = cqe->res;
        io_uring_cqe_seen(ring, cqe);
    }
}

static void copy(struct io_uring *ring, const struct copy *c)
{
    char buf[] = "ZZZZZZZZZZZZZZZZ", content[17] = "";
    int in = lab_file("hello", 5), out = lab_file("", 0), results[3] = {0};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    lab_print(c->name);
    io_uring_prep_read(sqe, in, buf, c->len, 0);
    io_uring_sqe_set_data64(sqe, FIRST);
    sqe->flags |= c->link;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_write(sqe, out, buf, c->len, 0);
    io_uring_sqe_set_data64(sqe, SECOND);
    take_both(ring, results);
    lab_result("the read", 5, results[FIRST]);
    lab_result("the write", c->write_result, results[SECOND]);
    if (pread(out, content, 16, 0) >= 0)
        lab_text("the copy", c->content, content);
    close(in);
    close(out);
}

static void receive(struct io_uring *ring, const char *name, int flags,
                    int expected)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    int pair[2], results[3] = {0};
    char buf[16];

    lab_print(name);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
        write(pair[1], "hello", 5) != 5)
        return;
    close(pair[1]); /* EOF follows, so MSG_WAITALL ends early */
    io_uring_prep_recv(sqe, pair[0], buf, sizeof buf, flags);
    io_uring_sqe_set_data64(sqe, FIRST);
    sqe->flags |= IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, SECOND);
    take_both(ring, results);
    lab_result("the receive", 5, results[FIRST]);
    lab_result("the nop behind it", expected, results[SECOND]);
    close(pair[0]);
}

int main(int argc, char **argv)
{
    const struct copy copies[] = {
        {"file, LINK, 16 bytes requested", IOSQE_IO_LINK, 16, -ECANCELED, ""},
        {"file, HARDLINK, 16 bytes requested", IOSQE_IO_HARDLINK, 16, 16,
         "helloZZZZZZZZZZZ"},
        {"file, LINK, 5 bytes requested", IOSQE_IO_LINK, 5, 5, "hello"},
    };
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-link",
                           "What does a short read do to a link?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        copy(&ring, &copies[i]);
    receive(&ring, "socket, LINK, 16 bytes requested", 0, 0);
    receive(&ring, "socket, LINK, 16 bytes with MSG_WAITALL", MSG_WAITALL,
            -ECANCELED);
    io_uring_queue_exit(&ring);
    return lab_end();
}

/* scripts_net.c: multishots, provided buffers, FIN and RST. */
#include <errno.h>
#include <sys/socket.h>

#include "conform.h"
#include "err.h"
#include "sys.h"
#include "sys_net.h"

static void accept_all(unsigned data, int listener)
{
    io_uring_prep_multishot_accept(script_sqe(data), listener, NULL, NULL, 0);
}

static struct io_uring_sqe *receive_all(unsigned data, int fd)
{
    struct io_uring_sqe *sqe = script_sqe(data);

    io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    return sqe;
}

static struct io_uring_sqe *receive_one(unsigned data, int fd, unsigned first)
{
    struct io_uring_sqe *sqe = script_sqe(data);

    io_uring_prep_recv(sqe, fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->ioprio |= (unsigned short)first;
    return sqe;
}

static void receive(unsigned data, int fd)
{
    io_uring_prep_recv(script_sqe(data), fd, script_buf, 16, 0);
    script_see(1);
}

static void three_clients(void)
{
    accept_all(1, stage_listen());
    script_see(0);
    for (unsigned peer = 0; peer < 3; peer++) {
        stage_connect(peer);
        script_see(1);
    }
    io_uring_prep_cancel64(script_sqe(2), 1, 0);
    script_see(2);
}

static void clients_in_the_backlog(void)
{
    int listener = stage_listen();

    stage_connect(0);
    stage_connect(1);
    accept_all(1, listener);
    script_see(2);
}

static void buffer_per_part(void)
{
    int fd = script_connection();

    script_buffers(4);
    receive_all(1, fd);
    script_see(0);
    stage_send(0, "abcdef");
    script_see(2);
    stage_send(0, "g");
    script_see(1);
    stage_finish(0);
    script_see(1);
}

static void no_buffer_left(void)
{
    int fd = script_connection();

    script_buffers(2);
    stage_send(0, "abcdefghijkl");
    receive_all(1, fd);
    script_see(3);
    script_add_buffer(0);
    receive_one(2, fd, 0);
    script_see(1);
}

static void no_buffer_no_bytes(void)
{
    int fd = script_connection();

    script_buffers(1);
    stage_send(0, "abcd");
    receive_one(1, fd, 0);
    script_see(1);
    receive_one(2, fd, 0);
    script_see(1);
    receive_one(3, fd, IORING_RECVSEND_POLL_FIRST);
    script_see(0);
    stage_send(0, "x");
    script_see(1);
}

static void end_keeps_the_buffer(void)
{
    int fd = script_connection();

    script_buffers(1);
    stage_finish(0);
    receive_one(1, fd, 0);
    script_see(1);
    receive_one(2, fd, 0);
    script_see(1);
}

static void cancelled_multishot(void)
{
    int fd = script_connection();

    script_buffers(2);
    receive_all(1, fd);
    script_see(0);
    stage_send(0, "ab");
    script_see(1);
    io_uring_prep_cancel64(script_sqe(2), 1, 0);
    script_see(2);
    receive_one(3, fd, 0);
    stage_send(0, "cd");
    script_see(1);
}

static void full_cq(void)
{
    int fd = script_connection();

    script_buffers(2);
    receive_all(1, fd);
    for (unsigned data = 2; data < 10; data++)
        io_uring_prep_nop(script_sqe(data));
    ring_enter(&script_ring, 0, 0); /* the CQ is full now */
    stage_send(0, "ab");
    stage_settle();
    ring_enter(&script_ring, 0, 0);
    script_see(9);
}

static void limited_multishot(void)
{
    int fd = script_connection();
    struct io_uring_sqe *sqe;

    script_buffers(4);
    stage_send(0, "abcdefghij");
    sqe = receive_all(1, fd);
    sqe->file_index = 6; /* optlen */
    script_see(2);
    receive(2, fd);
}

static void reset_behind_bytes(void)
{
    int fd = script_connection();

    stage_send(0, "ab");
    stage_reset(0);
    receive(1, fd);
    receive(2, fd);
    receive(3, fd);
}

static void reset_of_a_waiting_receive(void)
{
    int fd = script_connection();

    io_uring_prep_recv(script_sqe(1), fd, script_buf, 16, 0);
    script_see(0);
    stage_reset(0);
    script_see(1);
}

static void send_after_a_reset(void)
{
    int fd = script_connection();

    stage_reset(0);
    for (unsigned data = 1; data < 3; data++) {
        io_uring_prep_send(script_sqe(data), fd, "ab", 2, MSG_NOSIGNAL);
        script_see(1);
    }
}

static void half_close(void)
{
    int fd = script_connection();

    stage_finish(0);
    receive(1, fd);
    io_uring_prep_send(script_sqe(2), fd, "ab", 2, MSG_NOSIGNAL);
    script_see(1);
    script_say("the peer receives %d", stage_receive(0));
    sys_close(fd);
    script_say("the peer receives %d", stage_receive(0));
}

static void unread_bytes(void)
{
    int fd = script_connection();

    stage_send(0, "ab");
    sys_close(fd);
    script_say("the peer receives %s", err_name(stage_receive(0)));
}

static void linger(void)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int fd = script_connection();

    sys_set_linger(fd, &reset);
    sys_close(fd);
    script_say("the peer receives %s", err_name(stage_receive(0)));
}

static void shut_down_behind_bytes(void)
{
    int fd = script_connection();

    stage_send(0, "ab");
    sys_shutdown(fd, SHUT_RD);
    receive(1, fd);
    receive(2, fd);
}

static void shut_down_wakes(void)
{
    int fd = script_connection();

    script_buffers(2);
    receive_all(1, fd);
    script_see(0);
    sys_shutdown(fd, SHUT_RD);
    script_see(1);
}

static void full_socket(void)
{
    static char much[1 << 16];
    int fd = script_connection(), sends = 0;
    struct io_uring_cqe cqe;

    for (cqe.res = 1; cqe.res > 0 && sends < 1000; sends++) {
        io_uring_prep_send(script_sqe(1), fd, much, sizeof much,
                           MSG_DONTWAIT | MSG_NOSIGNAL);
        while (!ring_next(&script_ring, &cqe))
            ring_enter(&script_ring, 1, UINT64_C(1000000000));
    }
    script_say("in the end %s", err_name(cqe.res));
    io_uring_prep_send(script_sqe(2), fd, much, sizeof much, MSG_NOSIGNAL);
    script_see(0);
    io_uring_prep_cancel64(script_sqe(3), 2, 0);
    script_see(2);
}

static void closed_listener(void)
{
    int listener = stage_listen();

    stage_connect(0);
    sys_close(listener);
    script_say("the peer receives %s", err_name(stage_receive(0)));
}

const struct script scripts_net[] = {
    {"a multishot accept has a CQE per client, until its cancel",
     three_clients},
    {"a multishot accept takes all clients of the backlog",
     clients_in_the_backlog},
    {"a multishot receive fills a buffer per CQE, until the end",
     buffer_per_part},
    {"a multishot receive without a buffer ends with ENOBUFS",
     no_buffer_left},
    {"a receive without a buffer is ENOBUFS before there are bytes",
     no_buffer_no_bytes},
    {"a receive at the end takes no buffer", end_keeps_the_buffer},
    {"a cancel of a multishot receive takes no buffer", cancelled_multishot},
    {"a full CQ ends a multishot receive without an error", full_cq},
    {"a multishot receive ends at its limit of bytes", limited_multishot},
    {"a reset is reported behind the bytes, once", reset_behind_bytes},
    {"a reset ends a receive that waits", reset_of_a_waiting_receive},
    {"a send after a reset fails", send_after_a_reset},
    {"after the peer's end, a send succeeds", half_close},
    {"a close with unread bytes resets the connection", unread_bytes},
    {"a close with a linger of 0 resets the connection", linger},
    {"after SHUT_RD, bytes come first, and then the end",
     shut_down_behind_bytes},
    {"SHUT_RD ends a receive that waits", shut_down_wakes},
    {"a send to a full socket waits, or is EAGAIN with MSG_DONTWAIT",
     full_socket},
    {"the close of a listener resets the clients in its backlog",
     closed_listener},
    {NULL, NULL},
};

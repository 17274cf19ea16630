/* scripts_zero_copy.c: the two completions of a zero-copy send. */
#include <sys/socket.h>

#include "conform.h"
#include "err.h"
#include "sys.h"

static struct io_uring_sqe *send_zc(unsigned data, int fd, unsigned len)
{
    struct io_uring_sqe *sqe = script_sqe(data);

    io_uring_prep_send_zc(sqe, fd, script_buf, len, MSG_NOSIGNAL, 0);
    return sqe;
}

static void two_completions(void)
{
    int fd = script_connection();

    send_zc(1, fd, 5);
    script_see(2);
    script_say("the peer receives %d", stage_receive(0));
}

static void failed(void)
{
    int fd = script_connection();

    stage_reset(0);
    send_zc(1, fd, 5);
    script_see(2);
}

/* The notice of the first send may come after the nop. */
static void link_goes_on(void)
{
    int fd = script_connection();

    send_zc(1, fd, 5)->flags |= IOSQE_IO_LINK;
    io_uring_prep_shutdown(script_sqe(2), fd, SHUT_WR);
    ring_enter(&script_ring, 3, RING_FOREVER);
    script_say("the peer receives %d", stage_receive(0));
    script_say("the peer receives %d", stage_receive(0));
}

static void cancelled_after(void)
{
    int fd = script_connection();

    send_zc(1, fd, 5);
    script_see(2);
    io_uring_prep_cancel64(script_sqe(2), 1, 0);
    script_see(1);
}

static void closed_after(void)
{
    int fd = script_connection();

    send_zc(1, fd, 5);
    ring_enter(&script_ring, 1, RING_FOREVER);
    sys_close(fd);
    script_see(2);
    script_say("the peer receives %d", stage_receive(0));
}

static void full_socket(void)
{
    static char much[1 << 16];
    int fd = script_connection();
    struct io_uring_cqe cqe = {.res = 1};

    while (cqe.res > 0) {
        io_uring_prep_send(script_sqe(9), fd, much, sizeof much,
                           MSG_DONTWAIT | MSG_NOSIGNAL);
        while (!ring_next(&script_ring, &cqe))
            ring_enter(&script_ring, 1, RING_FOREVER);
    }
    send_zc(1, fd, 5);
    script_see(0);
    io_uring_prep_cancel64(script_sqe(2), 1, 0);
    script_see(3);
}

static void behind_a_broken_link(void)
{
    int fd = script_connection();

    script_pipe();
    script_write("five!");
    script_read(1, 16)->flags |= IOSQE_IO_LINK;
    send_zc(2, fd, 5);
    script_see(3);
}

const struct script scripts_zero_copy[] = {
    {"a zero-copy send has a result and a notice", two_completions},
    {"a zero-copy send that fails has a notice", failed},
    {"a zero-copy send with a result continues its chain", link_goes_on},
    {"a cancel after the notice of a zero-copy send is ENOENT",
     cancelled_after},
    {"a zero-copy send has its notice after the close of the socket",
     closed_after},
    {"a cancelled zero-copy send has a notice", full_socket},
    {"a zero-copy send behind a broken link has a notice without F_MORE",
     behind_a_broken_link},
    {NULL, NULL},
};

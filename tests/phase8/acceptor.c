/* acceptor.c: one accept that answers many times, is paused, refused and ended,
 * and never armed twice. */
#include "acceptor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "await.h"
#include "fds.h"
#include "uring_compat.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)
#define CAPACITY 8u
#define CLIENTS_MAX 64

static struct acceptor acceptor;
static int arrived[CLIENTS_MAX];
static struct sockaddr_in address;
static int clients[CLIENTS_MAX];
static unsigned notes;

static void note(struct acceptor *self)
{
    ck_assert_ptr_eq(self, &acceptor);
    notes++;
}

static int listener_open(void)
{
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address = (struct sockaddr_in){.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert(bind(fd, (struct sockaddr *)&address, len) == 0);
    ck_assert(listen(fd, CLIENTS_MAX) == 0);
    ck_assert(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    return fd;
}

static void acceptor_open(unsigned capacity)
{
    notes = 0;
    acceptor_init(&acceptor, listener_open(), arrived, capacity);
    acceptor.notify = note;
}

/* Connects; the backlog takes it, whether anybody accepts or not. */
static void connect_clients(int from, int to)
{
    for (int i = from; i < to; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ck_assert(connect(clients[i], (struct sockaddr *)&address,
                          sizeof address) == 0);
    }
}

static void close_clients(int from, int to)
{
    for (int i = from; i < to; i++)
        close(clients[i]);
}

static void await_iterations(int count)
{
    for (int i = 0; i < count; i++)
        check_res(await_sleep_ns(1), 0);
}

static void await_closed(void)
{
    acceptor_close(&acceptor);
    while (!acceptor_is_over(&acceptor))
        await_iterations(1);
    close(acceptor.listener);
}

/* Takes the next connection, and checks that it is the given client's. */
static void take_client(int i)
{
    struct sockaddr_in peer, own;
    socklen_t len = sizeof peer;
    int fd = acceptor_take(&acceptor);

    check(fd >= 0);
    ck_assert(getpeername(fd, (struct sockaddr *)&peer, &len) == 0);
    ck_assert(getsockname(clients[i], (struct sockaddr *)&own, &len) == 0);
    ck_assert_uint_eq(peer.sin_port, own.sin_port);
    check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

/* With RING_ENTRIES=2 an overflowing CQ ends the accept with a good fd. */
TASK_TEST(connections_arrive_in_their_order)
{
    acceptor_open(CLIENTS_MAX);
    acceptor_resume(&acceptor, false);
    connect_clients(0, 20);
    await_iterations(12);
    ck_assert_uint_eq(acceptor.count, 20);
    for (int i = 0; i < 20; i++)
        take_client(i);
    check_res(acceptor_take(&acceptor), -EAGAIN);
    ck_assert_uint_ge(notes, 20);
    await_closed();
    close_clients(0, 20);
    return 0;
}

TASK_TEST_WITH(an_overflowing_cq_ends_the_accept_and_loses_no_connection,
               .ring.sq_entries = 2, .ring.cq_entries = 2)
{
    unsigned sqes;

    acceptor_open(CLIENTS_MAX);
    connect_clients(0, 30);
    for (int i = 0; i < 60 && acceptor.count < 30; i++) {
        acceptor_resume(&acceptor, false);
        if (i % 2 == 1) /* it may end with an fd, and not by our cancel */
            acceptor_pause(&acceptor);
        await_iterations(1);
        check(op_is_in_flight(&acceptor.op) || !acceptor.is_pausing);
    }
    sqes = (unsigned)loop.ring.counters.sqes;
    ck_assert_uint_gt(sqes, 1); /* it had to be armed again */
    for (int i = 0; i < 30; i++)
        take_client(i);
    await_closed();
    close_clients(0, 30);
    return 0;
}

TASK_TEST(an_accept_is_never_armed_twice)
{
    acceptor_open(CAPACITY);
    acceptor_resume(&acceptor, false);
    acceptor_resume(&acceptor, true);
    ck_assert_uint_eq(loop_in_flight(&loop), 1);
    await_iterations(2);
    acceptor_resume(&acceptor, false);
    acceptor_pause(&acceptor); /* asked to stop, but still armed */
    acceptor_resume(&acceptor, true);
    ck_assert_uint_eq(loop_in_flight(&loop), 1);
    await_closed();
    return 0;
}

TASK_TEST(a_paused_acceptor_leaves_the_rest_in_the_backlog)
{
    acceptor_open(CAPACITY);
    acceptor_resume(&acceptor, false);
    connect_clients(0, 3);
    await_iterations(4);
    acceptor_pause(&acceptor);
    acceptor_pause(&acceptor); /* once is enough */
    ck_assert_uint_eq(acceptor.pauses, 1);
    await_iterations(3);
    check(!op_is_in_flight(&acceptor.op));
    connect_clients(3, 6); /* they wait in the backlog */
    await_iterations(5);
    ck_assert_uint_eq(acceptor.count, 3);
    acceptor_resume(&acceptor, false);
    await_iterations(6);
    for (int i = 0; i < 6; i++)
        take_client(i);
    ck_assert_uint_eq(acceptor.dropped, 0);
    await_closed();
    close_clients(0, 6);
    return 0;
}

TASK_TEST(a_connection_beyond_the_room_is_closed_and_counted)
{
    int fds;

    acceptor_open(4);
    connect_clients(0, 6);
    fds = fds_open();
    for (int i = 0; i < 12; i++) {
        acceptor_resume(&acceptor, false);
        await_iterations(1);
    }
    ck_assert_uint_eq(acceptor.count, 4);
    ck_assert_uint_eq(acceptor.dropped, 2);
    ck_assert_int_eq(fds_open(), fds + 4);
    await_closed();
    ck_assert_uint_eq(acceptor.dropped, 6);
    ck_assert_int_eq(fds_open(), fds - 1);
    close_clients(0, 6);
    return 0;
}

/* The connection arrives after the cancel was asked for, and before the kernel
 * has handled it: late, but it carries an fd. */
TASK_TEST(a_connection_that_comes_after_the_end_is_closed)
{
    int fds;

    acceptor_open(CAPACITY);
    acceptor_resume(&acceptor, false);
    await_iterations(2);
    fds = fds_open();
    connect_clients(0, 1);
    acceptor_close(&acceptor);
    while (!acceptor_is_over(&acceptor))
        await_iterations(1);
    ck_assert_int_eq(fds_open(), fds + 1); /* the client's own */
    ck_assert_uint_le(acceptor.dropped, 1);
    check_res(acceptor_take(&acceptor), -EAGAIN);
    acceptor_resume(&acceptor, true); /* closed is closed */
    check(!op_is_in_flight(&acceptor.op));
    close(acceptor.listener);
    close_clients(0, 1);
    return 0;
}

/* --- refusals ------------------------------------------------------------ */

/* The limit is on numbers: below it just so many are not in use. */
static void leave_fds(int count)
{
    struct rlimit limit;
    int end = 0;

    for (int left = count; left > 0; end++)
        left -= fcntl(end, F_GETFD) < 0;
    ck_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = (rlim_t)end;
    ck_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

TASK_TEST(without_fds_an_acceptor_retries_later_or_when_one_is_free)
{
    uint64_t cqes;

    acceptor_open(CAPACITY);
    connect_clients(0, 6);
    leave_fds(2);
    for (int i = 0; i < 8; i++) { /* more attempts than refusals that follow */
        acceptor_resume(&acceptor, false);
        await_iterations(1);
    }
    ck_assert_uint_eq(acceptor.count, 2);
    ck_assert_uint_eq(acceptor.emfile, 1);
    cqes = loop.ring.counters.cqes;
    check_res(await_sleep_ns(350 * MS), 0);
    ck_assert_uint_ge(acceptor.emfile, 3); /* each 100 ms */
    ck_assert_uint_le(acceptor.emfile, 5);
    ck_assert_uint_le(loop.ring.counters.cqes - cqes, 5);
    take_client(0); /* closed: one fd is free again */
    acceptor_resume(&acceptor, true);
    await_iterations(3);
    ck_assert_uint_eq(acceptor.count, 2);
    leave_fds(20);
    acceptor_resume(&acceptor, true);
    await_iterations(6);
    for (int i = 1; i < 6; i++)
        take_client(i);
    await_closed();
    close_clients(0, 6);
    return 0;
}

/* Completes the accept with a result of our choice, through the kernel. */
static void await_answer(int result)
{
    ur_prep_nop_result(loop_sqe(&acceptor.op), result);
    while (op_is_in_flight(&acceptor.op))
        await_iterations(1);
}

/* The effect of each error: accepting goes on immediately, later, or never. */
TASK_TEST(each_error_is_temporary_or_belongs_to_the_listener)
{
    static const struct {
        int result;
        enum { AT_ONCE, LATER, NEVER } then;
    } table[] = {
        {-ECONNABORTED, AT_ONCE}, {-EPROTO, AT_ONCE},    {-ENETDOWN, AT_ONCE},
        {-EINTR, LATER},          {-EAGAIN, LATER},      {-EMFILE, LATER},
        {-ENFILE, LATER},         {-ENOMEM, LATER},      {-ENOBUFS, LATER},
        {-EPERM, LATER},          {-EIO, LATER},         {-EBADF, NEVER},
        {-ECANCELED, LATER}, /* without a cancel of ours */
        {-EINVAL, NEVER},         {-ENOTSOCK, NEVER},    {-EOPNOTSUPP, NEVER},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int result = table[i].result;

        acceptor_open(CAPACITY);
        await_answer(result);
        ck_assert_uint_ge(notes, 1);
        acceptor_resume(&acceptor, false);
        ck_assert_msg(op_is_in_flight(&acceptor.op) ==
                          (table[i].then == AT_ONCE),
                      "%s: goes on at once?", err_name(result));
        ck_assert_msg(timer_is_armed(&acceptor.retry) ==
                          (table[i].then == LATER),
                      "%s: goes on later?", err_name(result));
        check_res(acceptor.error, table[i].then == NEVER ? result : 0);
        await_closed();
        check(!timer_is_armed(&acceptor.retry));
    }
    return 0;
}

TASK_TEST(a_listener_that_no_longer_listens_is_reported)
{
    acceptor_open(CAPACITY);
    acceptor_resume(&acceptor, false);
    await_iterations(2);
    shutdown(acceptor.listener, SHUT_RDWR);
    await_iterations(3);
    check_res(acceptor.error, -EINVAL);
    acceptor_resume(&acceptor, true);
    check(!op_is_in_flight(&acceptor.op));
    await_closed();
    return 0;
}

struct waiting {
    struct op op;
    int fds[2];
};

static void ignore(struct op *op, int result, uint32_t flags)
{
    (void)op, (void)result, (void)flags;
}

/* Every slot for an operation is taken. */
TASK_TEST_WITH(without_a_slot_for_its_operation_the_acceptor_retries_later,
               .ring.sq_entries = 2, .ring.cq_entries = 2)
{
    static struct waiting waiting[2];

    for (int i = 0; i < 2; i++) {
        waiting[i].op.complete = ignore;
        ck_assert(pipe(waiting[i].fds) == 0);
        io_uring_prep_poll_add(loop_sqe(&waiting[i].op), waiting[i].fds[0], 1);
    }
    check(!loop_has_slot());
    acceptor_open(CAPACITY);
    connect_clients(0, 1);
    acceptor_resume(&acceptor, false);
    check(!op_is_in_flight(&acceptor.op));
    ck_assert(write(waiting[0].fds[1], "x", 1) == 1);
    check_res(await_sleep_ns(150 * MS), 0);
    ck_assert_uint_eq(acceptor.count, 1);
    take_client(0);
    await_closed();
    ck_assert(write(waiting[1].fds[1], "x", 1) == 1);
    close_clients(0, 1);
    return 0;
}

int main(void)
{
    const char *small = why_ring_is_too_small();

    suite_begin("acceptor");
    suite_add_unless(small, connections_arrive_in_their_order);
    suite_add(an_overflowing_cq_ends_the_accept_and_loses_no_connection);
    suite_add(an_accept_is_never_armed_twice);
    suite_add_unless(small, a_paused_acceptor_leaves_the_rest_in_the_backlog);
    suite_add(a_connection_beyond_the_room_is_closed_and_counted);
    suite_add(a_connection_that_comes_after_the_end_is_closed);
    suite_add_unless(small,
                     without_fds_an_acceptor_retries_later_or_when_one_is_free);
    suite_add(each_error_is_temporary_or_belongs_to_the_listener);
    suite_add(a_listener_that_no_longer_listens_is_reported);
    suite_add(without_a_slot_for_its_operation_the_acceptor_retries_later);
    return suite_end();
}

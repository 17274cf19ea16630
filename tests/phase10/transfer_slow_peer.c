/* transfer_slow_peer.c: responses to peers that read late or never, and
 * transfers that are cancelled: time-outs, and buffers that are not held. */
#include "transfer.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "await.h"
#include "transfers.h"

/* Time. */

TASK_TEST_IN(a_peer_that_takes_nothing_is_given_up, in_pool)
{
    static char bytes[1 << 20];
    struct transfer transfer = transfer_of("big", 0, BIG);
    uint64_t start_ns = sys_now_ns();

    begin();
    check_res(transfer_await_file(&pool, ends[0], &transfer, 50), -ETIME);
    ck_assert_uint_ge(sys_now_ns() - start_ns, 50000000);
    ck_assert_uint_gt(transfer.len, 0);
    start_ns = sys_now_ns();
    check_res(transfer_await_views(ends[0], view_of("x"),
                                   (struct view){bytes, sizeof bytes}, 50),
              -ETIME);
    ck_assert_uint_ge(sys_now_ns() - start_ns, 50000000);
    deadline_clear();
    close(transfer.file);
    return end();
}

/* Takes something every so often, for far longer than the quiet time. */
static void *take_now_and_then(void *arg)
{
    static char bytes[65536];
    struct timespec pause = {.tv_nsec = 80000000};

    (void)arg;
    while (recv(ends[1], bytes, sizeof bytes, 0) > 0)
        nanosleep(&pause, NULL);
    return NULL;
}

TASK_TEST_IN(a_peer_that_takes_something_in_time_is_served, in_pool)
{
    struct transfer transfer = transfer_of("big", 0, 500000);
    uint64_t start_ns = sys_now_ns();
    pthread_t thread;

    begin();
    check_res(pthread_create(&thread, NULL, take_now_and_then, NULL), 0);
    check_res(transfer_await_file(&pool, ends[0], &transfer, 2000), 0);
    ck_assert_uint_gt(sys_now_ns() - start_ns, 2000000000);
    shutdown(ends[0], SHUT_WR);
    pthread_join(thread, NULL);
    close(transfer.file);
    return end();
}

/* Sharing. */

struct sender {
    struct task task;
    struct transfer transfer;
    int ends[2];
};

static int send_it(void *arg) /* task body */
{
    struct sender *sender = arg;

    return transfer_await_file(&pool, sender->ends[0], &sender->transfer,
                               QUIET_MS);
}

static void sender_start(struct sender *sender)
{
    int len = 8192;

    check_res(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sender->ends),
              0);
    check_res(setsockopt(sender->ends[0], SOL_SOCKET, SO_SNDBUF, &len,
                         sizeof len), 0);
    sender->transfer = transfer_of("big", 0, BIG);
    check_res(task_spawn(&sender->task, "sender", send_it, sender), 0);
}

static int sender_end(struct sender *sender)
{
    int rc = task_join(&sender->task);

    close(sender->ends[0]);
    close(sender->ends[1]);
    close(sender->transfer.file);
    return rc;
}

TASK_TEST_IN(peers_that_do_not_read_hold_no_buffer, in_pool)
{
    static struct sender lazy[3 * TRANSFER_BUFS];

    begin();
    for (size_t i = 0; i < countof(lazy); i++)
        sender_start(&lazy[i]);
    for (size_t i = 0; i < countof(lazy); i++) {
        while (lazy[i].transfer.len == BIG)
            check_res(await_nop(), 0);
    }
    ck_assert_uint_eq(pool.slots.free_count, TRANSFER_BUFS);
    await_check_part(0, BIG, 65536);
    for (size_t i = 0; i < countof(lazy); i++) {
        task_cancel(&lazy[i].task);
        check_res(sender_end(&lazy[i]), -ECANCELED);
    }
    return end();
}

/* Cancels one of many after any number of iterations of the loop: waiting for a
 * buffer, reading, sending, waiting for the peer. No buffer is lost, and none
 * is given twice. */
TASK_TEST_IN(a_cancel_loses_no_buffer, in_pool)
{
    static struct sender senders[TRANSFER_BUFS + 8];

    begin();
    for (int iterations = 0; iterations < 20; iterations++) {
        for (size_t i = 0; i < countof(senders); i++)
            sender_start(&senders[i]);
        for (int i = 0; i < iterations; i++)
            check_res(await_nop(), 0);
        for (size_t i = 0; i < countof(senders); i++)
            task_cancel(&senders[i].task);
        for (size_t i = 0; i < countof(senders); i++)
            check_res(sender_end(&senders[i]), -ECANCELED);
        ck_assert_uint_eq(pool.slots.free_count, TRANSFER_BUFS);
    }
    return end();
}

/* All buffers are gone; who waits for one goes, too; then they come back. */
TASK_TEST_IN(a_task_that_stops_waiting_for_a_buffer_gets_none, in_pool)
{
    static struct sender senders[5];
    int taken[TRANSFER_BUFS];

    begin();
    for (size_t i = 0; i < TRANSFER_BUFS; i++)
        taken[i] = slots_take(&pool.slots);
    for (size_t i = 0; i < countof(senders); i++)
        sender_start(&senders[i]);
    check_res(await_nop(), 0);
    ck_assert(!queue_is_empty(&pool.waiters));
    for (size_t i = 0; i < countof(senders); i++) {
        task_cancel(&senders[i].task);
        check_res(sender_end(&senders[i]), -ECANCELED);
    }
    ck_assert(queue_is_empty(&pool.waiters));
    for (size_t i = 0; i < TRANSFER_BUFS; i++)
        slots_release(&pool.slots, (unsigned)taken[i]);
    await_check_part(0, BIG, 65536);
    return end();
}

int main(void)
{
    suite_begin("transfer_slow_peer");
    suite_add(a_peer_that_takes_nothing_is_given_up);
    suite_add(a_peer_that_takes_something_in_time_is_served);
    suite_add(peers_that_do_not_read_hold_no_buffer);
    suite_add(a_cancel_loses_no_buffer);
    suite_add(a_task_that_stops_waiting_for_a_buffer_gets_none);
    return suite_end();
}

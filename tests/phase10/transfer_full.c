/* transfer_full.c: responses to a socket that has little room: one that is full
 * when the response begins, and one that cuts its head. */
#include "transfer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "await.h"
#include "transfers.h"

#define LEN 400000

/* Fills the socket. Returns how many bytes it took. */
static size_t fill_socket(void)
{
    static char part[100];
    size_t total = 0;
    ssize_t sent;

    memset(part, '#', sizeof part);
    while ((sent = send(ends[0], part, sizeof part, MSG_DONTWAIT)) > 0)
        total += (size_t)sent;
    ck_assert_int_eq(errno, EAGAIN);
    return total;
}

struct sending {
    struct task task;
    struct transfer transfer;
};

static int send_file(void *arg) /* task body */
{
    struct sending *sending = arg;

    return transfer_await_file(&pool, ends[0], &sending->transfer, QUIET_MS);
}

TASK_TEST_IN(a_transfer_that_begins_on_a_full_socket_waits, in_pool)
{
    static struct sending sending;
    static char rest[1 << 20];
    struct peer peer;
    size_t filled;

    begin();
    filled = fill_socket();
    ck_assert_uint_le(filled, sizeof rest);
    sending.transfer = transfer_of("big", 0, LEN);
    check_res(task_spawn(&sending.task, "sending", send_file, &sending), 0);
    check_res(await_sleep_ns(2000000), 0);
    ck_assert_int_ne(sending.task.state, TASK_ENDED);
    ck_assert_uint_eq(sending.transfer.head.len, HEAD_LEN);
    socket_receive(ends[1], rest, filled);
    peer_start(&peer, HEAD_LEN + LEN, 5000);
    check_res(task_join(&sending.task), 0);
    peer_check(&peer, 0, LEN);
    close(sending.transfer.file);
    return end();
}

/* A head that is longer than what the socket takes at once. */
#define LONG_HEAD 60000

TASK_TEST_IN(a_head_that_the_socket_cuts_is_continued, in_pool)
{
    static char head[LONG_HEAD];
    static struct sending sending;
    struct peer peer;

    for (size_t i = 0; i < sizeof head; i++)
        head[i] = (char)(i * 7 + (i >> 8));
    begin();
    sending.transfer = transfer_of("big", 0, LEN);
    sending.transfer.head = (struct view){head, sizeof head};
    check_res(task_spawn(&sending.task, "sending", send_file, &sending), 0);
    while (sending.transfer.head.len == sizeof head)
        check_res(await_nop(), 0);
    ck_assert_uint_gt(sending.transfer.head.len, 0);
    peer_start(&peer, sizeof head + LEN, 5000);
    check_res(task_join(&sending.task), 0);
    pthread_join(peer.thread, NULL);
    ck_assert_uint_eq(peer.len, sizeof head + LEN);
    check(memcmp(peer.bytes, head, sizeof head) == 0);
    check(is_pattern(peer.bytes + sizeof head, LEN, 0));
    free(peer.bytes);
    close(sending.transfer.file);
    return end();
}

/* Takes something every so often, for far longer than the quiet time. */
static void *take_slowly(void *arg)
{
    struct timespec pause = {.tv_nsec = 50000000};
    struct peer *peer = arg;
    ssize_t got;

    while ((got = recv(ends[1], peer->bytes + peer->len, 65536, 0)) > 0) {
        peer->len += (size_t)got;
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* Each time that the quiet time ends, the send is cut short. */
TASK_TEST_IN(a_response_in_memory_outlasts_its_quiet_time, in_pool)
{
    static char bytes[3 * LEN];
    uint64_t start_ns = sys_now_ns();
    struct peer peer = {.bytes = malloc(4 * LEN)};
    int fd = openat(site_fd(), "big", O_RDONLY | O_CLOEXEC);

    check_res(read(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    begin();
    check_res(pthread_create(&peer.thread, NULL, take_slowly, &peer), 0);
    check_res(transfer_await_views(ends[0], view_of(HEAD_TEXT),
                                   (struct view){bytes, sizeof bytes}, 2000),
              0);
    ck_assert_uint_gt(sys_now_ns() - start_ns, 2000000000);
    shutdown(ends[0], SHUT_WR);
    peer_check(&peer, 0, sizeof bytes);
    return end();
}

int main(void)
{
    suite_begin("transfer_full");
    suite_add(a_transfer_that_begins_on_a_full_socket_waits);
    suite_add(a_head_that_the_socket_cuts_is_continued);
    suite_add(a_response_in_memory_outlasts_its_quiet_time);
    return suite_end();
}

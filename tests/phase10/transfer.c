/* transfer.c: responses to a socket, with a real loop: every byte arrives, or
 * the transfer fails and reports whether any byte was sent. */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transfers.h"

TASK_TEST_IN(two_segments_are_sent_one_after_the_other, in_pool)
{
    static const char *const texts[] = {"", "x", "hello"};
    char got[64];

    begin();
    for (size_t i = 0; i < countof(texts); i++)
        for (size_t j = 0; j < countof(texts); j++) {
            size_t len = strlen(texts[i]) + strlen(texts[j]);
            char expected[64];

            snprintf(expected, sizeof expected, "%s%s", texts[i], texts[j]);
            check_res(transfer_await_views(ends[0], view_of(texts[i]),
                                           view_of(texts[j]), QUIET_MS),
                      0);
            socket_receive(ends[1], got, len);
            check(memcmp(got, expected, len) == 0);
        }
    return end();
}

TASK_TEST(a_short_send_is_resumed)
{
    static char bytes[1 << 20];
    struct peer peer;

    site_make();
    site_pattern("big", BIG);
    begin();
    check(pread(transfer_of("big", 0, 0).file, bytes, sizeof bytes, 0) ==
          sizeof bytes);
    peer_start(&peer, HEAD_LEN + sizeof bytes, 1000);
    check_res(transfer_await_views(ends[0], view_of(HEAD_TEXT),
                                   (struct view){bytes, sizeof bytes},
                                   QUIET_MS),
              0);
    peer_check(&peer, 0, sizeof bytes);
    check_res(end(), 0);
    site_remove();
    return 0;
}

TASK_TEST_IN(a_part_of_a_file_arrives_exactly_however_slow_the_peer, in_pool)
{
    static const uint64_t lens[] = {1,
                                    4096,
                                    TRANSFER_BUF_LEN - 1,
                                    TRANSFER_BUF_LEN,
                                    TRANSFER_BUF_LEN + 1,
                                    2 * TRANSFER_BUF_LEN + 1};

    begin();
    for (size_t i = 0; i < countof(lens); i++) {
        await_check_part(0, lens[i], 65536);
        await_check_part(12345, lens[i], 1000);
    }
    await_check_part(0, BIG, 3000);
    return end();
}

TASK_TEST_IN(an_empty_file_is_its_head, in_pool)
{
    struct transfer transfer = transfer_of("big", 0, 0);
    char got[HEAD_LEN];

    begin();
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS), 0);
    socket_receive(ends[1], got, HEAD_LEN);
    check(memcmp(got, HEAD_TEXT, HEAD_LEN) == 0);
    close(transfer.file);
    return end();
}

/* Promises. */

TASK_TEST_IN(a_file_that_is_shorter_fails_and_reports_if_bytes_were_sent,
             in_pool)
{
    struct transfer transfer = transfer_of("big", BIG - 10, 11);
    struct peer peer;
    char byte;

    begin();
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS),
              -ENODATA);
    ck_assert_uint_eq(transfer.head.len, HEAD_LEN);
    check_res(recv(ends[1], &byte, 1, MSG_DONTWAIT), -1);
    close(transfer.file);

    transfer = transfer_of("big", 0, BIG + 1);
    peer_start(&peer, HEAD_LEN + BIG + 1, 65536);
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS),
              -ENODATA);
    ck_assert_uint_eq(transfer.head.len, 0);
    ck_assert_uint_gt(transfer.len, 1);
    shutdown(ends[0], SHUT_WR);
    pthread_join(peer.thread, NULL);
    ck_assert_uint_eq(peer.len, HEAD_LEN + transfer.offset);
    free(peer.bytes);
    close(transfer.file);
    return end();
}

TASK_TEST_IN(a_file_that_cannot_be_read_fails_before_anything_is_sent, in_pool)
{
    struct transfer transfer = transfer_of("big", 0, 100);

    begin();
    close(transfer.file);
    transfer.file = openat(site_fd(), "big", O_WRONLY | O_CLOEXEC);
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS), -EBADF);
    ck_assert_uint_eq(transfer.head.len, HEAD_LEN);
    close(transfer.file);
    return end();
}

TASK_TEST_IN(a_peer_that_has_gone_is_an_error, in_pool)
{
    struct transfer transfer = transfer_of("big", 0, BIG);

    begin();
    close(ends[1]);
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS), -EPIPE);
    check_res(
        transfer_await_views(ends[0], view_of("x"), view_of("y"), QUIET_MS),
        -EPIPE);
    close(transfer.file);
    ends[1] = dup(ends[0]);
    return end();
}

TEST(without_memory_there_is_no_pool)
{
    struct rlimit little = {1 << 20, RLIM_INFINITY};

    check_res(setrlimit(RLIMIT_AS, &little), 0);
    check_res(transfer_pool_init(&pool), -ENOMEM);
    transfer_pool_finish(&pool);
}

TEST(a_zeroed_pool_can_be_finished)
{
    struct transfer_pool zeroed = {0};

    transfer_pool_finish(&zeroed);
    ck_assert_uint_eq(zeroed.slots.count, 0);
}

int main(void)
{
    suite_begin("transfer");
    suite_add(two_segments_are_sent_one_after_the_other);
    suite_add(a_short_send_is_resumed);
    suite_add(a_part_of_a_file_arrives_exactly_however_slow_the_peer);
    suite_add(an_empty_file_is_its_head);
    suite_add(a_file_that_is_shorter_fails_and_reports_if_bytes_were_sent);
    suite_add(a_file_that_cannot_be_read_fails_before_anything_is_sent);
    suite_add(a_peer_that_has_gone_is_an_error);
    suite_add_unless(why_memory_is_not_limited(),
                     without_memory_there_is_no_pool);
    suite_add(a_zeroed_pool_can_be_finished);
    return suite_end();
}

/* quota.c: connections per address: the limit holds, for all threads together,
 * and a peer's own counters come back to where they were. */
#include "quota.h"

#include <pthread.h>
#include <string.h>

#include "suite.h"

static struct peer v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (struct peer){.family = PEER_IPV4, .bytes = {a, b, c, d}};
}

/* 2001:db8:0:NET::HOST. */
static struct peer v6(uint8_t net, uint8_t host)
{
    return (struct peer){
        .family = PEER_IPV6,
        .bytes = {0x20, 0x01, 0x0d, 0xb8, [7] = net, [15] = host},
    };
}

TEST(a_peer_gets_as_many_as_the_limit_and_no_more)
{
    struct peer peer = v4(192, 0, 2, 1), other = v4(192, 0, 2, 2);

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5; i++) {
            ck_assert(quota_has_room(&peer, 5));
            ck_assert(quota_take(&peer, 5));
        }
        ck_assert(!quota_has_room(&peer, 5));
        ck_assert(!quota_take(&peer, 5));
        ck_assert(quota_take(&other, 5));
        quota_release(&other);
        for (int i = 0; i < 5; i++)
            quota_release(&peer);
    }
}

TEST(addresses_of_one_ipv6_network_count_together)
{
    struct peer first = v6(1, 1), second = v6(1, 2), other = v6(2, 1);

    ck_assert(quota_take(&first, 1));
    ck_assert(!quota_take(&second, 1));
    ck_assert(quota_take(&other, 1));
    quota_release(&first);
    ck_assert(quota_take(&second, 1));
}

TEST(clients_of_a_unix_socket_have_no_limit)
{
    struct peer peer = {0};

    for (int i = 0; i < 10; i++)
        ck_assert(quota_take(&peer, 1));
}

/* A few addresses share both their counters with others. */
TEST(ten_thousand_addresses_do_not_disturb_each_other)
{
    int refused = 0;

    for (int i = 0; i < 10000; i++) {
        struct peer peer = v4(10, 0, (uint8_t)(i >> 8), (uint8_t)i);

        refused += !quota_take(&peer, 2);
    }
    ck_assert_int_lt(refused, 100);
}

#define THREADS 4

static unsigned taken[THREADS];

static void *take_and_release(void *arg)
{
    struct peer peer = v4(198, 51, 100, 1);
    unsigned *mine = arg;

    for (int i = 0; i < 100000; i++)
        if (quota_take(&peer, 3)) {
            (*mine)++;
            quota_release(&peer);
        }
    return NULL;
}

TEST(threads_that_count_at_once_lose_no_count)
{
    struct peer peer = v4(198, 51, 100, 1);
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_release,
                                        &taken[i]), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 3; i++)
        ck_assert(quota_take(&peer, 3));
    ck_assert(!quota_take(&peer, 3));
}

int main(void)
{
    suite_begin("quota");
    suite_add(a_peer_gets_as_many_as_the_limit_and_no_more);
    suite_add(addresses_of_one_ipv6_network_count_together);
    suite_add(clients_of_a_unix_socket_have_no_limit);
    suite_add(ten_thousand_addresses_do_not_disturb_each_other);
    suite_add(threads_that_count_at_once_lose_no_count);
    return suite_end();
}

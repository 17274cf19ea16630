/* limited.h: serve with limits, and clients that take what they ask for or do
 * not.
 *
 * Test support of phase 10. Needs: client.h. */
#ifndef TESTS_PHASE10_LIMITED_H
#define TESTS_PHASE10_LIMITED_H

#include <unistd.h>

#include "client.h"

#define MIB ((size_t)1 << 20)

/* Far more than the sockets between server and client hold. */
#define HUGE_LEN ((off_t)64 << 20)

static struct client c;
static struct answer a;

static inline void make_files(void)
{
    site_text("root/f", "hello");
    site_pattern("root/big", 5 * MIB);
    site_text("root/huge", "");
    check_res(truncate(site_path("root/huge"), HUGE_LEN), 0);
}

#define begin(...) (start(__VA_ARGS__), make_files(), client_open(&c))

static inline void end(void)
{
    client_close(&c);
    daemon_await_counter(&server, "connections", 0);
    ck_assert_int_eq(daemon_counter(&server, "stale_completions"), 0);
    stop();
}

static inline void expect_f(void)
{
    client_get(&c, "/f", &a);
    check_answer(&a, 200, "hello");
}

static inline void expect_big(struct client *client)
{
    client_get(client, "/big", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_uint_eq(a.body_len, 5 * MIB);
    ck_assert(is_pattern(a.body, a.body_len, 0));
}

/* Asks for the huge file and takes no more than its head. */
static inline void ask_huge(struct client *client)
{
    client_open(client);
    client_send(client, GET("/huge"));
    client_take_only_head(client, &a);
    ck_assert(a.length == HUGE_LEN);
}

/* Takes the rest of it, and nothing more. */
static inline void take_huge(struct client *client)
{
    static char part[65536];
    off_t left = HUGE_LEN;

    while (left > 0) {
        size_t want = left < (off_t)sizeof part ? (size_t)left : sizeof part;
        long got = client_read(client, part, want);

        ck_assert_int_gt(got, 0);
        left -= got;
    }
}

/* Reads what still comes. Returns how much, or -errno. */
static inline long long drain(struct client *client)
{
    static char part[65536];
    long long have = 0;
    long got;

    while ((got = client_read(client, part, sizeof part)) > 0)
        have += got;
    return got < 0 ? got : have;
}

#endif

/* serve_foreign.c: serve from outside, with few buffers: no answer has a byte
 * of another client's request.
 *
 * Judges: serve. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "tally.h"

#define CLIENTS 24
#define ROUNDS 60

static struct client clients[CLIENTS];
static struct answer a;

/* All of them ask before the first answer is read, so that a buffer that is
 * released too early is filled by the next request. */
static void ask_all(int round)
{
    char request[256];

    for (int i = 0; i < CLIENTS; i++) {
        snprintf(request, sizeof request,
                 "GET /d%d?%d=%d HTTP/1.1\r\nHost: a\r\n\r\n", i % 5, i, round);
        client_send(&clients[i], request);
    }
    for (int i = 0; i < CLIENTS; i++) {
        char want[64];

        snprintf(want, sizeof want, "d%d/?%d=%d", i % 5, i, round);
        client_take(&clients[i], &a);
        ck_assert_int_eq(a.status, 301);
        ck_assert_str_eq(answer_field(&a, "Location"), want);
    }
}

TEST(a_redirect_repeats_the_query_of_its_request_alone)
{
    struct tally before;
    char name[32];

    site_make();
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "root/d%d", i);
        site_dir(name);
    }
    daemon_start(&server, "serve", "--root", site_root, "--bufs", "8", NULL);
    before = tally_take(&server);
    for (int i = 0; i < CLIENTS; i++)
        client_open(&clients[i]);
    for (int round = 0; round < ROUNDS; round++)
        ask_all(round);
    for (int i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
    tally_check(&server, &before, "redirects");
    stop();
}

int main(void)
{
    suite_begin("serve_foreign");
    suite_add_unless(daemon_why_no_option("serve", "--bufs"),
                     a_redirect_repeats_the_query_of_its_request_alone);
    return suite_end();
}

/* serve_files.c: serve from outside: names, types, directories, and files of
 * every size.
 *
 * Judges: serve. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "leases.h"

#define SECRET "this must never be seen"

#define countof(array) (sizeof array / sizeof *array)

static struct client c;
static struct answer a;

static void check_type(const char *name, const char *type)
{
    char path[64];

    snprintf(path, sizeof path, "root/%s", name);
    site_text(path, "x");
    client_open(&c);
    client_get(&c, path + strlen("root"), &a);
    check_answer(&a, 200, "x");
    ck_assert_str_eq(answer_field(&a, "Content-Type"), type);
    client_close(&c);
}

TEST(the_extension_sets_the_content_type)
{
    start(NULL);
    check_type("a.html", "text/html; charset=utf-8");
    check_type("A.HTML", "text/html; charset=utf-8");
    check_type("a.css", "text/css; charset=utf-8");
    check_type("a.js", "text/javascript; charset=utf-8");
    check_type("a.json", "application/json");
    check_type("a.png", "image/png");
    check_type("a.svg", "image/svg+xml");
    check_type("a.wasm", "application/wasm");
    check_type("a", "application/octet-stream");
    check_type("README", "text/plain; charset=utf-8");
    check_type("LICENSE", "text/plain; charset=utf-8");
    check_type("a.yaml", "text/plain; charset=utf-8");
    check_type("a.yml", "text/plain; charset=utf-8");
    check_type("a.md", "text/markdown; charset=utf-8");
    check_type("a.xml", "application/xml");
    check_type("a.unheard-of", "application/octet-stream");
    stop();
}

TEST(a_directory_is_its_index)
{
    start(NULL);
    check_get("/", 404, NULL);
    site_text("root/index.html", "<p>top");
    site_dir("root/d");
    site_text("root/d/index.html", "<p>below");
    check_get("/", 200, "<p>top");
    check_get("/?x=1", 200, "<p>top");
    check_get("/d/", 200, "<p>below");
    check_get("/d/.", 200, "<p>below");
    check_get("/d/..", 200, "<p>top");
    site_dir("root/e");
    check_get("/e/", 404, NULL);
    site_dir("root/e/index.html"); /* of all things */
    check_get("/e/", 404, NULL);
    check_get("/d/index.html/", 404, NULL);
    check_get("/d/index.html/x", 404, NULL);
    stop();
}

TEST(a_directory_without_its_slash_is_redirected)
{
    start(NULL);
    site_dir("root/d");
    site_dir("root/d/e f");
    check_redirect("/d", "d/");
    check_redirect("/d?x=1&y", "d/?x=1&y");
    check_redirect("/d?", "d/?");
    check_redirect("/d/e%20f", "e%20f/");
    check_redirect("/x/../d", "d/");
    stop();
}

TEST(an_encoded_target_is_decoded_once)
{
    start(NULL);
    site_text("root/a b.txt", "blank");
    site_text("root/\xc3\xbc.txt", "umlaut");
    site_text("root/100%.txt", "percent");
    site_text("root/%41.txt", "not an A");
    site_text("root/A.txt", "an A");
    site_text("root/a?b", "question");
    site_text("root/new\nline", "line");
    check_get("/a%20b.txt", 200, "blank");
    check_get("/%C3%BC.txt", 200, "umlaut");
    check_get("/%c3%bc.txt", 200, "umlaut");
    check_get("/100%25.txt", 200, "percent");
    check_get("/%41.txt", 200, "an A");
    check_get("/%2541.txt", 200, "not an A");
    check_get("/a%3fb", 200, "question");
    check_get("/new%0Aline", 200, "line");
    check_get("//A.txt", 200, "an A");
    check_get("/./x/..//A.txt", 200, "an A");
    check_get("/%2e/A.txt", 200, "an A");
    stop();
}

TEST(a_name_that_begins_with_a_dot_is_404)
{
    start(NULL);
    site_text("root/.env", SECRET);
    site_text("root/a.html~", SECRET);
    site_dir("root/.git");
    site_text("root/.git/config", SECRET);
    site_dir("root/.well-known");
    site_text("root/.well-known/security.txt", "mail us");
    site_text("root/.well-known/.x", SECRET);
    check_get("/.env", 404, NULL);
    check_get("/%2eenv", 404, NULL);
    check_get("/a.html~", 404, NULL);
    check_get("/.git", 404, NULL);
    check_get("/.git/", 404, NULL);
    check_get("/.git/config", 404, NULL);
    check_get("/.well-known/.x", 404, NULL);
    check_get("/.well-known/security.txt", 200, "mail us");
    stop();
}

TEST(with_hidden_a_name_with_a_dot_is_served)
{
    start("--hidden", NULL);
    site_text("root/.env", "shown");
    check_get("/.env", 200, "shown");
    check_get("/..", 400, NULL);
    stop();
}

/* Sizes: each twice over one connection, from the disk and from memory. */
TEST(a_file_of_any_size_comes_whole)
{
    static const size_t sizes[] = {
        0,      1,      4095,   4096,   4097,   65536,   131071,
        131072, 131073, 262143, 262144, 262145, 5242880, 5242881,
    };
    char name[32];

    start(NULL);
    client_open(&c);
    for (size_t i = 0; i < countof(sizes); i++) {
        snprintf(name, sizeof name, "root/%zu", sizes[i]);
        site_pattern(name, sizes[i]);
        for (int round = 0; round < 3; round++) {
            client_get(&c, name + strlen("root"), &a);
            ck_assert_int_eq(a.status, 200);
            ck_assert_uint_eq(a.body_len, sizes[i]);
            ck_assert_msg(is_pattern(a.body, a.body_len, 0),
                          "%zu bytes, but not the right ones", sizes[i]);
        }
    }
    client_close(&c);
    stop();
}

TEST(a_length_beyond_four_gibibytes_is_sent_and_served)
{
    const off_t len = 5368709120;
    static char first[100000];
    size_t have = 0;

    start(NULL);
    site_text("root/sparse", "begin");
    check_res(truncate(site_path("root/sparse"), len), 0);
    client_open(&c);
    client_send(&c, HEAD("/sparse"));
    client_take_head(&c, &a);
    ck_assert(a.length == len);
    client_send(&c, GET("/sparse"));
    client_take_only_head(&c, &a);
    ck_assert(a.length == len);
    while (have < sizeof first) {
        long got = client_read(&c, first + have, sizeof first - have);

        ck_assert_int_gt(got, 0);
        have += (size_t)got;
    }
    check(memcmp(first, "begin\0\0\0", 8) == 0);
    client_close(&c);
    daemon_await_counter(&server, "connections", 0);
    stop();
}

/* Leases, as Samba and the NFS server hold them. */

/* Waits until an open has asked for the lease. */
static void await_lease_break(int fd)
{
    long end_ms = now_ms() + DAEMON_DEADLINE_MS;

    while (fcntl(fd, F_GETLEASE) == F_WRLCK) {
        ck_assert_int_lt(now_ms(), end_ms);
        (void)poll(NULL, 0, 1);
    }
}

TEST(a_leased_file_is_served_once_its_holder_releases_it)
{
    int fd;

    start(NULL);
    fd = take_lease();
    client_open(&c);
    client_send(&c, GET("/leased"));
    await_lease_break(fd);
    (void)poll(NULL, 0, 50); /* it waits now, and has not given up */
    check_res(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
    client_take(&c, &a);
    check_answer(&a, 200, "hello");
    close(fd);
    client_close(&c);
    daemon_await_counter(&server, "connections", 0);
    stop();
}

TEST(a_leased_file_that_is_not_released_is_503_after_send_ms)
{
    int fd;

    start("--send-ms", "2000", NULL);
    fd = take_lease();
    client_open(&c);
    client_get(&c, "/leased", &a);
    check_page(&a, 503);
    ck_assert(!a.closes);
    close(fd);
    client_get(&c, "/leased", &a);
    check_answer(&a, 200, "hello");
    client_close(&c);
    stop();
}

TEST(a_fifo_is_404_and_is_not_waited_for)
{
    start(NULL);
    check_res(mkfifoat(site_fd(), "root/fifo", 0644), 0);
    check_get("/fifo", 404, NULL);
    stop();
}

int main(void)
{
    suite_begin("serve_files");
    suite_add(the_extension_sets_the_content_type);
    suite_add(a_directory_is_its_index);
    suite_add(a_directory_without_its_slash_is_redirected);
    suite_add(an_encoded_target_is_decoded_once);
    suite_add(a_name_that_begins_with_a_dot_is_404);
    suite_add(with_hidden_a_name_with_a_dot_is_served);
    suite_add(a_file_of_any_size_comes_whole);
    suite_add_unless(no_leases(),
                     a_leased_file_is_served_once_its_holder_releases_it);
    suite_add_unless(no_leases(),
                     a_leased_file_that_is_not_released_is_503_after_send_ms);
    suite_add(a_fifo_is_404_and_is_not_waited_for);
    suite_add(a_length_beyond_four_gibibytes_is_sent_and_served);
    return suite_end();
}

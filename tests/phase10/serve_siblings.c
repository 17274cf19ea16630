/* serve_siblings.c: serve from outside: files with siblings in a content
 * coding. The siblings here have a text of their own, so that a test sees which
 * file was sent.
 *
 * Judges: serve. */
#include <unistd.h>

#include "client.h"
#include "siblings.h"
#include "unprivileged.h"

#define ALL "gzip, deflate, br, zstd"

static void begin(void)
{
    start(NULL);
    site_text("root/app.js", "itself");
    site_text("root/app.js.br", "by br");
    site_text("root/app.js.gz", "by gzip");
    site_text("root/app.js.zst", "by zstd");
    client_open(&c);
}

static void end(void)
{
    client_close(&c);
    stop();
}

TEST(the_sibling_that_the_client_likes_best_is_sent)
{
    begin();
    for (int twice = 0; twice < 2; twice++) { /* then from memory */
        check_coded("/app.js", ALL, "br", "by br");
        check_coded("/app.js", "gzip", "gzip", "by gzip");
        check_coded("/app.js", "x-gzip", "gzip", "by gzip");
        check_coded("/app.js", "zstd, gzip", "zstd", "by zstd");
        check_coded("/app.js", "br;q=0.5, gzip", "gzip", "by gzip");
        check_coded("/app.js", "*", "br", "by br");
        check_coded("/app.js", "deflate", NULL, "itself");
        check_coded("/app.js", "", NULL, "itself");
        check_coded("/app.js", "identity, gzip;q=0.5", NULL, "itself");
        ask("GET", "/app.js", "");
        check_answer(&a, 200, "itself");
        check_field("Vary", "Accept-Encoding");
        ask("GET", "/app.js",
            "Accept-Encoding: gzip;q=0.1\r\nAccept-Encoding: zstd\r\n");
        check_answer(&a, 200, "by zstd");
    }
    end();
}

TEST(a_sibling_has_the_type_of_its_original)
{
    begin();
    check_coded("/app.js", "br", "br", "by br");
    check_field("Content-Type", "text/javascript; charset=utf-8");
    ask("HEAD", "/app.js", "Accept-Encoding: br\r\n");
    ck_assert_int_eq(a.length, 5);
    check_field("Content-Encoding", "br");
    check_field("Content-Type", "text/javascript; charset=utf-8");
    end();
}

/* One copy in memory, two names. */
TEST(a_sibling_requested_by_its_own_name_has_its_own_type)
{
    begin();
    for (int twice = 0; twice < 2; twice++) {
        check_coded("/app.js.gz", ALL, NULL, "by gzip");
        check_field("Content-Type", "application/gzip");
        check_coded("/app.js", "gzip", "gzip", "by gzip");
        check_field("Content-Type", "text/javascript; charset=utf-8");
    }
    end();
}

TEST(identity_is_sent_if_the_client_accepts_nothing)
{
    begin();
    check_coded("/app.js", "identity;q=0", NULL, "itself");
    check_coded("/app.js", "*;q=0", NULL, "itself");
    end();
}

TEST(a_304_has_vary)
{
    char line[128];

    begin();
    check_coded("/app.js", "br", "br", "by br");
    snprintf(line, sizeof line,
             "Accept-Encoding: br\r\nIf-Modified-Since: %s\r\n",
             answer_field(&a, "Last-Modified"));
    ask("GET", "/app.js", line);
    check_answer(&a, 304, "");
    check_field("Vary", "Accept-Encoding");
    end();
}

/* Siblings of one build may have the same time and the same length. */
TEST(a_tag_of_time_and_length_names_the_coding)
{
    static const char *const names[] = {"root/app.js", "root/app.js.br",
                                        "root/app.js.gz"};
    char tag[64], line[160];

    start("--etag", "mtime", NULL);
    site_text(names[0], "1 for all");
    site_text(names[1], "2 for all");
    site_text(names[2], "3 for all");
    for (int i = 0; i < 3; i++)
        set_time(names[i], 784111777, 0);
    client_open(&c);
    check_coded("/app.js", "br", "br", "2 for all");
    snprintf(tag, sizeof tag, "%s", answer_field(&a, "ETag"));
    snprintf(line, sizeof line,
             "Accept-Encoding: gzip\r\nIf-None-Match: %s\r\n", tag);
    ask("GET", "/app.js", line);
    check_answer(&a, 200, "3 for all");
    ck_assert_str_ne(answer_field(&a, "ETag"), tag);
    snprintf(line, sizeof line, "Range: bytes=0-0\r\nIf-Range: %s\r\n", tag);
    ask("GET", "/app.js", line);
    check_answer(&a, 200, "1 for all");
    snprintf(line, sizeof line,
             "Accept-Encoding: br\r\nIf-None-Match: %s\r\n", tag);
    ask("GET", "/app.js", line);
    check_answer(&a, 304, "");
    check_field("ETag", tag);
    end();
}

TEST(each_coding_has_a_different_tag)
{
    char line[128];

    begin();
    check_coded("/app.js", "br", "br", "by br");
    snprintf(line, sizeof line, "Accept-Encoding: %%s\r\nIf-None-Match: %s\r\n",
             answer_field(&a, "ETag"));
    for (int i = 0; i < 2; i++) {
        char lines[160];

        snprintf(lines, sizeof lines, line, i == 0 ? "br" : "gzip");
        ask("GET", "/app.js", lines);
        check_answer(&a, i == 0 ? 304 : 200, i == 0 ? "" : "by gzip");
        check_field("Content-Encoding", i == 0 ? NULL : "gzip");
        check_field("Vary", "Accept-Encoding");
    }
    ask("GET", "/app.js", "Accept-Encoding: br\r\nIf-Match: \"no\"\r\n");
    check_page(&a, 412);
    check_field("Vary", "Accept-Encoding");
    end();
}

TEST(an_older_sibling_is_not_used)
{
    begin();
    set_time("root/app.js", 1000000000, 500);
    set_time("root/app.js.br", 1000000000, 499);
    set_time("root/app.js.zst", 999999999, 999);
    set_time("root/app.js.gz", 1000000000, 500);
    check_coded("/app.js", ALL, "gzip", "by gzip");
    check_coded("/app.js", ALL, "gzip", "by gzip");
    set_time("root/app.js", 1000000000, 501);
    check_coded("/app.js", ALL, NULL, "itself");
    set_time("root/app.js.br", 1000000001, 0);
    check_coded("/app.js", ALL, "br", "by br");
    end();
}

TEST(a_sibling_that_is_not_a_readable_file_is_not_used)
{
    begin();
    check_res(unlinkat(site_fd(), "root/app.js.br", 0), 0);
    site_dir("root/app.js.br");
    check_res(unlinkat(site_fd(), "root/app.js.zst", 0), 0);
    check_res(mkfifoat(site_fd(), "root/app.js.zst", 0644), 0);
    check_coded("/app.js", ALL, "gzip", "by gzip");
    check_res(unlinkat(site_fd(), "root/app.js.gz", 0), 0);
    site_link("root/app.js.gz", "../../secret");
    check_coded("/app.js", ALL, NULL, "itself");
    end();
}

TEST(an_unreadable_sibling_is_not_used)
{
    site_make();
    site_text("root/app.js", "itself");
    site_text("root/app.js.br", "by br");
    site_text("root/app.js.gz", "by gzip");
    check_res(fchmodat(site_fd(), "root/app.js.br", 0, 0), 0);
    start_without_privileges();
    client_open(&c);
    check_coded("/app.js", "br, gzip;q=0.1", "gzip", "by gzip");
    check_res(fchmodat(site_fd(), "root/app.js.br", 0644, 0), 0);
    check_coded("/app.js", "br, gzip;q=0.1", "br", "by br");
    end();
}

/* The original's copy notes that a sibling is absent; the directory's watch
 * ends the note. */
TEST(a_sibling_that_comes_goes_or_changes_is_noticed_at_once)
{
    begin();
    for (int i = 0; i < 20; i++) {
        check_coded("/app.js", "br", "br", "by br");
        check_res(unlinkat(site_fd(), "root/app.js.br", 0), 0);
        check_coded("/app.js", "br", NULL, "itself");
        check_coded("/app.js", "br", NULL, "itself");
        site_text("root/app.js.br", "new");
        check_coded("/app.js", "br", "br", "new");
        site_text("root/app.js.br", "by br");
    }
    end();
}

TEST(a_request_with_a_range_gets_the_file_itself)
{
    begin();
    ask("GET", "/app.js", "Accept-Encoding: br\r\nRange: bytes=2-\r\n");
    check_answer(&a, 206, "self");
    check_field("Content-Encoding", NULL);
    check_field("Vary", "Accept-Encoding");
    ask("GET", "/app.js", "Accept-Encoding: br\r\nRange: bytes=9-\r\n");
    check_page(&a, 416);
    check_field("Vary", "Accept-Encoding");
    check_res(unlinkat(site_fd(), "root/app.js", 0), 0);
    for (int i = 0; i < 2; i++) { /* a sibling alone is always whole */
        ask("GET", "/app.js", i == 0 ? "Accept-Encoding: br\r\n"
                                       "Range: bytes=1-2\r\n"
                                     : "Accept-Encoding: br\r\n"
                                       "Range: bytes=9-\r\n");
        check_answer(&a, 200, "by br");
        check_field("Content-Encoding", "br");
        check_field("Accept-Ranges", NULL);
    }
    end();
}

TEST(a_sibling_without_an_original_is_served_for_its_name)
{
    begin();
    check_res(unlinkat(site_fd(), "root/app.js", 0), 0);
    check_coded("/app.js", ALL, "br", "by br");
    check_field("Content-Type", "text/javascript; charset=utf-8");
    check_coded("/app.js", "identity, gzip;q=0.1", "gzip", "by gzip");
    ask("GET", "/app.js", "Accept-Encoding: deflate\r\n");
    check_page(&a, 404);
    check_field("Vary", "Accept-Encoding");
    ask("GET", "/app.js", "");
    check_page(&a, 404);
    ask("GET", "/none", "Accept-Encoding: " ALL "\r\n");
    check_page(&a, 404);
    check_field("Content-Encoding", NULL);
    end();
}

/* The dot of .well-known is allowed, and that of the sibling is not. */
TEST(a_hidden_sibling_is_not_served)
{
    begin();
    site_text("root/.well-known.gz", "secret");
    site_text("root/.htpasswd.gz", "secret");
    ask("GET", "/.well-known", "Accept-Encoding: gzip\r\n");
    check_page(&a, 404);
    ask("GET", "/.htpasswd", "Accept-Encoding: gzip\r\n");
    check_page(&a, 404);
    ask("GET", "/.well-known/../.htpasswd", "Accept-Encoding: gzip\r\n");
    check_page(&a, 404);
    end();
}

TEST(an_index_may_have_siblings_or_be_one)
{
    begin();
    site_text("root/index.html", "<p>itself");
    site_text("root/index.html.gz", "<p>by gzip");
    site_dir("root/d");
    site_text("root/d/index.html.br", "<p>by br");
    check_coded("/", "gzip", "gzip", "<p>by gzip");
    check_field("Content-Type", "text/html; charset=utf-8");
    check_coded("/d/", "br", "br", "<p>by br");
    ask("GET", "/d/", "");
    check_page(&a, 404);
    end();
}

TEST(a_directory_has_no_siblings)
{
    begin();
    site_dir("root/d");
    site_text("root/d.br", "no");
    ask("GET", "/d", "Accept-Encoding: br\r\n");
    check_page(&a, 301);
    end();
}

/* To receive and to send are two operations, and so is asking for the
 * counters. */
TEST(a_copy_without_siblings_costs_no_operation_more)
{
    long before;

    begin();
    site_text("root/plain.js", "plain");
    check_coded("/plain.js", ALL, NULL, "plain");
    before = daemon_counter(&server, "operations");
    for (int i = 0; i < 100; i++)
        check_coded("/plain.js", ALL, NULL, "plain");
    ck_assert_int_lt(daemon_counter(&server, "operations") - before, 250);
    before = daemon_counter(&server, "operations");
    for (int i = 0; i < 100; i++)
        check_coded("/app.js", ALL, "br", "by br");
    ck_assert_int_lt(daemon_counter(&server, "operations") - before, 250);
    end();
}

TEST(a_sibling_of_any_size_comes_whole)
{
    static const size_t sizes[] = {0, 131072, 5242881};

    begin();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        site_pattern("root/app.js.br", sizes[i]);
        for (int twice = 0; twice < 2; twice++) {
            ask("GET", "/app.js", "Accept-Encoding: br\r\n");
            ck_assert_uint_eq(a.body_len, sizes[i]);
            check(is_pattern(a.body, a.body_len, 0));
            check_field("Content-Encoding", "br");
        }
    }
    end();
}

/* Siblings are opened beside their original. */
TEST(descriptors_do_not_leak_with_siblings)
{
    int fds;

    begin();
    site_link("root/link.js", "app.js"); /* never copied */
    site_link("root/link.js.br", "app.js.br");
    site_link("root/link.js.gz", "none");
    check_coded("/link.js", "br", "br", "by br");
    ask("GET", "/none", ""); /* answered when the file is closed */
    fds = daemon_fd_count(&server);
    for (int i = 0; i < 20; i++) {
        check_coded("/link.js", "br", "br", "by br");
        check_coded("/link.js", "gzip", NULL, "itself");
    }
    daemon_await_fd_count(&server, fds);
    end();
}

int main(void)
{
    const char *no_counters = daemon_why_no_counters("serve");

    suite_begin("serve_siblings");
    suite_add(the_sibling_that_the_client_likes_best_is_sent);
    suite_add(a_sibling_has_the_type_of_its_original);
    suite_add(a_sibling_requested_by_its_own_name_has_its_own_type);
    suite_add(identity_is_sent_if_the_client_accepts_nothing);
    suite_add(a_304_has_vary);
    suite_add_unless(daemon_why_no_option("serve", "--etag"),
                     a_tag_of_time_and_length_names_the_coding);
    suite_add(each_coding_has_a_different_tag);
    suite_add(a_hidden_sibling_is_not_served);
    suite_add(an_older_sibling_is_not_used);
    suite_add(a_sibling_that_is_not_a_readable_file_is_not_used);
    suite_add(an_unreadable_sibling_is_not_used);
    suite_add(a_sibling_that_comes_goes_or_changes_is_noticed_at_once);
    suite_add(a_request_with_a_range_gets_the_file_itself);
    suite_add(a_sibling_without_an_original_is_served_for_its_name);
    suite_add(an_index_may_have_siblings_or_be_one);
    suite_add(a_directory_has_no_siblings);
    suite_add_unless(no_counters,
                     a_copy_without_siblings_costs_no_operation_more);
    suite_add(a_sibling_of_any_size_comes_whole);
    suite_add(descriptors_do_not_leak_with_siblings);
    return suite_end();
}

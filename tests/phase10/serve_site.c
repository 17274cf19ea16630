/* serve_site.c: serve from outside: the options that describe a site.
 *
 * Judges: serve. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "siblings.h"

#define HTML "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"

static void end(void)
{
    client_close(&c);
    stop();
}

/* --spa */

static void begin_spa(const char *more)
{
    start("--spa", "app/index.html", more, NULL);
    site_dir("root/app");
    site_text("root/app/index.html", "<p>app");
    site_text("root/a.txt", "hello");
    client_open(&c);
}

static void check_spa(const char *target, const char *lines)
{
    ask("GET", target, lines);
    check_answer(&a, 200, "<p>app");
    check_field("Content-Type", "text/html; charset=utf-8");
    check_field("Vary", "Accept-Encoding, Accept");
}

static void check_missing(const char *target, const char *lines)
{
    ask("GET", target, lines);
    check_page(&a, 404);
    check_field("Vary", "Accept-Encoding, Accept");
}

TEST(a_page_that_does_not_exist_is_the_file_of_spa_for_a_browser)
{
    begin_spa(NULL);
    check_spa("/users", HTML);
    check_spa("/users/42", HTML);
    check_spa("/users/42/", HTML);
    check_spa("/v1.2/users?x=a.b", HTML);
    check_spa("/", HTML);
    check_spa("/other", "Accept: text/HTML;level=1;q=0.5\r\n");
    ask("HEAD", "/users", HTML);
    ck_assert_int_eq(a.status, 200);
    ck_assert_int_eq(a.length, 6);
    ask("GET", "/a.txt", HTML);
    check_answer(&a, 200, "hello");
    end();
}

TEST(what_is_not_a_page_for_a_browser_stays_404_with_spa)
{
    begin_spa(NULL);
    check_missing("/users", "");
    check_missing("/users", "Accept: */*\r\n");
    check_missing("/users", "Accept: text/*\r\n");
    check_missing("/users", "Accept: text/html;q=0\r\n");
    check_missing("/users", "Accept: text/htmlx\r\n");
    check_missing("/users", "Accept: application/json\r\n");
    check_missing("/logo.png", HTML);
    check_missing("/users/4.2", HTML);
    check_missing("/.git/config", HTML);
    ask("POST", "/users", HTML);
    check_page(&a, 405);
    ask("GET", "/%00", HTML);
    check_page(&a, 400);
    end();
}

TEST(the_file_of_spa_may_have_siblings_and_may_be_missing)
{
    begin_spa(NULL);
    site_text("root/app/index.html.br", "<p>by br");
    ask("GET", "/users", HTML "Accept-Encoding: br\r\n");
    check_answer(&a, 200, "<p>by br");
    check_field("Content-Encoding", "br");
    check_res(unlinkat(site_fd(), "root/app/index.html", 0), 0);
    check_res(unlinkat(site_fd(), "root/app/index.html.br", 0), 0);
    check_missing("/users", HTML);
    site_dir("root/app/index.html");
    check_missing("/users", HTML);
    end();
}

/* --error-page */

static void check_error(const char *target, int status, const char *text)
{
    ask("GET", target, "");
    check_answer(&a, status, text);
    check_field("Content-Type", "text/html; charset=utf-8");
    check_field("Cache-Control", "no-store");
    check_field("ETag", NULL);
    check_field("Last-Modified", NULL);
    check_field("Accept-Ranges", NULL);
}

TEST(an_error_page_keeps_its_status_and_is_not_stored)
{
    static char big[200001];

    start("--error-page", "404=errors/404.html", "--error-page",
          "400=errors/400.html", "--cache-control", "public", NULL);
    site_dir("root/errors");
    site_text("root/errors/404.html", "<p>not here");
    site_text("root/errors/400.html", "<p>what?");
    site_text("root/a.txt", "hello");
    client_open(&c);
    for (int i = 0; i < 3; i++) { /* from the disk, then from memory */
        check_error("/none", 404, "<p>not here");
        ck_assert(!a.closes);
    }
    ask("GET", "/none", "Range: bytes=0-1\r\n"
        "If-None-Match: *\r\nIf-Modified-Since: Sun, 09 Sep 2001 01:46:40 "
        "GMT\r\n");
    check_answer(&a, 404, "<p>not here");
    ask("HEAD", "/none", "");
    ck_assert_int_eq(a.status, 404);
    ck_assert_int_eq(a.length, 11);
    check_error("/%00", 400, "<p>what?");
    ask("DELETE", "/a.txt", ""); /* has no file */
    check_page(&a, 405);
    ask("GET", "/errors/404.html", ""); /* is a file, too */
    check_answer(&a, 200, "<p>not here");
    check_field("Cache-Control", "public");
    memset(big, 'x', sizeof big - 1);
    site_text("root/errors/404.html", big);
    for (int i = 0; i < 3; i++)
        check_error("/none", 404, big);
    end();
}

TEST(a_request_that_cannot_be_parsed_gets_the_error_page)
{
    start("--error-page", "400=400.html", NULL);
    site_text("root/400.html", "<p>what?");
    client_open(&c);
    client_send(&c, "no request at all\r\n\r\n");
    client_take(&c, &a);
    check_answer(&a, 400, "<p>what?");
    ck_assert(a.closes);
    client_expect_end(&c);
    end();
}

TEST(an_error_page_that_cannot_be_read_is_replaced_by_the_servers)
{
    start("--error-page", "404=404.html", NULL);
    client_open(&c);
    ask("GET", "/none", "");
    check_page(&a, 404);
    site_dir("root/404.html");
    ask("GET", "/none", "");
    check_page(&a, 404);
    ck_assert(!a.closes);
    end();
}

/* --cache-control, --header */

TEST(lines_of_the_options_are_in_the_answers)
{
    start("--cache-control", "public, max-age=60", "--header",
          "Referrer-Policy:no-referrer", "--header", "X-A:  b \t", NULL);
    site_text("root/a.txt", "hello");
    site_dir("root/d");
    client_open(&c);
    for (int i = 0; i < 2; i++) {
        ask("GET", "/a.txt", "");
        check_answer(&a, 200, "hello");
        check_field("Cache-Control", "public, max-age=60");
        check_field("Referrer-Policy", "no-referrer");
        check_field("X-A", "b");
    }
    ask("GET", "/none", "");
    check_page(&a, 404);
    check_field("Cache-Control", NULL);
    check_field("X-A", "b");
    ask("GET", "/d", "");
    check_page(&a, 301);
    check_field("Cache-Control", "no-cache");
    check_field("X-A", "b");
    ask("OPTIONS", "*", "");
    check_answer(&a, 204, "");
    check_field("X-A", "b");
    check_field("Access-Control-Allow-Origin", NULL);
    check_field("Access-Control-Allow-Methods", NULL);
    end();
}

TEST(a_304_repeats_cache_control_and_vary)
{
    char line[128];

    start("--cache-control", "max-age=60", NULL);
    site_text("root/a.txt", "hello");
    client_open(&c);
    ask("GET", "/a.txt", "");
    snprintf(line, sizeof line, "If-Modified-Since: %s\r\n",
             answer_field(&a, "Last-Modified"));
    ask("GET", "/a.txt", line);
    check_answer(&a, 304, "");
    check_field("Cache-Control", "max-age=60");
    check_field("Vary", "Accept-Encoding");
    end();
}

TEST(lines_of_two_kibibytes_fit_into_every_answer)
{
    static char header[1900];

    memset(header, 'x', sizeof header - 1);
    memcpy(header, "X-Long: ", 8);
    start("--header", header, NULL);
    site_text("root/a.txt", "hello");
    client_open(&c);
    for (int i = 0; i < 3; i++) {
        ask("GET", "/a.txt", "");
        check_answer(&a, 200, "hello");
        check_field("X-Long", header + 8);
        ask("GET", "/none", "");
        check_page(&a, 404);
    }
    end();
}

/* --cors */

TEST(with_cors_every_site_may_read_the_files)
{
    start("--cors", NULL);
    site_text("root/a.txt", "hello");
    client_open(&c);
    ask("GET", "/a.txt", "Origin: https://b.example\r\n");
    check_answer(&a, 200, "hello");
    check_field("Access-Control-Allow-Origin", "*");
    ask("GET", "/none", "Origin: https://b.example\r\n");
    check_page(&a, 404);
    check_field("Access-Control-Allow-Origin", "*");
    ask("OPTIONS", "/a.txt",
        "Origin: https://b.example\r\nAccess-Control-Request-Method: GET\r\n"
        "Access-Control-Request-Headers: x-a\r\n");
    check_answer(&a, 204, "");
    check_field("Access-Control-Allow-Origin", "*");
    check_field("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
    check_field("Access-Control-Allow-Headers", "*");
    check_field("Access-Control-Max-Age", "86400");
    end();
}

/* Wrong values. */

static void check_refused(const char *option, const char *value,
                          const char *reason)
{
    static char text[8192];
    struct pollfd ready = {.events = POLLIN};
    size_t len = 0;
    ssize_t got;

    daemon_spawn(&server, "serve", "--root", ".", option, value, NULL);
    ready.fd = server.err;
    do {
        ck_assert_int_eq(poll(&ready, 1, DAEMON_DEADLINE_MS), 1);
        got = read(server.err, text + len, sizeof text - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    text[len] = '\0';
    ck_assert_int_eq(daemon_wait(&server), 2);
    ck_assert_msg(strstr(text, reason) != NULL && strstr(text, option) != NULL,
                  "%s %s: no \"%s\" in %s", option, value, reason, text);
}

TEST(a_header_that_would_change_the_message_is_refused)
{
    static const char *const cases[][2] = {
        {"Content-Length: 5", "where an answer ends"},
        {"transfer-encoding: chunked", "where an answer ends"},
        {"Connection: close", "where an answer ends"},
        {"Keep-Alive: timeout=1", "where an answer ends"},
        {"Upgrade: h2c", "where an answer ends"},
        {"Trailer: X", "where an answer ends"},
        {"Date: now", "writes itself"},
        {"Content-Type: text/html", "writes itself"},
        {"ETag: \"a\"", "writes itself"},
        {"Server: x", "writes itself"},
        {"Cache-Control: x", "use --cache-control"},
        {"X-A: b\r\nContent-Length: 5", "control character"},
        {"X-A: b\nX", "control character"},
        {"X-A: b\rX", "control character"},
        {"X-A: b\tX", "control character"},
        {"X-A:", "has no value"},
        {"X-A: ", "has no value"},
        {"X-A", "has no colon"},
        {"X A: b", "name of a field"},
        {"X-A : b", "name of a field"},
        {": b", "name of a field"},
        {"", "has no colon"},
        {"X\r\nY: b", "name of a field"},
        {"X\xc3\xbc: b", "name of a field"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_refused("--header", cases[i][0], cases[i][1]);
}

TEST(other_wrong_values_are_refused)
{
    check_refused("--cache-control", "", "is not a value");
    check_refused("--cache-control", "a\r\nX: b", "is not a value");
    check_refused("--cache-control", " a", "is not a value");
    check_refused("--spa", "/index.html", "below the root");
    check_refused("--spa", "../index.html", "below the root");
    check_refused("--spa", "a/../index.html", "below the root");
    check_refused("--spa", "", "below the root");
    check_refused("--spa", "a/", "below the root");
    check_refused("--error-page", "404", "STATUS=FILE");
    check_refused("--error-page", "=a", "STATUS=FILE");
    check_refused("--error-page", "200=a", "STATUS=FILE");
    check_refused("--error-page", "301=a", "STATUS=FILE");
    check_refused("--error-page", "416=a", "STATUS=FILE");
    check_refused("--error-page", "499=a", "STATUS=FILE");
    check_refused("--error-page", "99999999999999999999=a", "STATUS=FILE");
    check_refused("--error-page", "4o4=a", "STATUS=FILE");
    check_refused("--error-page", "404=", "below the root");
    check_refused("--error-page", "404=/etc/passwd", "below the root");
    check_refused("--error-page", "404=./a", "below the root");
}

TEST(lines_that_are_too_long_are_refused)
{
    static char header[2100];

    memset(header, 'x', sizeof header - 1);
    memcpy(header, "X-Long: ", 8);
    check_refused("--header", header, "more than 2048 bytes");
}

int main(void)
{
    suite_begin("serve_site");
    suite_add(a_page_that_does_not_exist_is_the_file_of_spa_for_a_browser);
    suite_add(what_is_not_a_page_for_a_browser_stays_404_with_spa);
    suite_add(the_file_of_spa_may_have_siblings_and_may_be_missing);
    suite_add(an_error_page_keeps_its_status_and_is_not_stored);
    suite_add(a_request_that_cannot_be_parsed_gets_the_error_page);
    suite_add(an_error_page_that_cannot_be_read_is_replaced_by_the_servers);
    suite_add(lines_of_the_options_are_in_the_answers);
    suite_add(a_304_repeats_cache_control_and_vary);
    suite_add(lines_of_two_kibibytes_fit_into_every_answer);
    suite_add(with_cors_every_site_may_read_the_files);
    suite_add(a_header_that_would_change_the_message_is_refused);
    suite_add(other_wrong_values_are_refused);
    suite_add(lines_that_are_too_long_are_refused);
    return suite_end();
}

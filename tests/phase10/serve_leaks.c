/* serve_leaks.c: serve from outside: after every odd request and every file
 * that fails, the server holds what it held before.
 *
 * Judges: serve. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "fuse.h"
#include "tally.h"

#define TIMES 8
#define countof(array) (sizeof array / sizeof *array)

static struct client c;

#define LINE(target) "GET " target " HTTP/1.1\r\nHost: a\r\n"

/* Requests that a client may send, complete or not. The client leaves after the
 * first bytes of the answer, or immediately. */
static const char *const odd_requests[] = {
    GET("/"),
    GET("/e/"),
    GET("/d"),
    GET("/d/"),
    GET("/fifo"),
    GET("/out"),
    GET("/loop"),
    GET("/none"),
    GET("/none/none"),
    GET("/file/x"),
    GET("/closed"),
    GET("/empty"),
    GET("/big"),
    HEAD("/file"),
    HEAD("/e/"),
    HEAD("/fifo"),
    GET("/..%2fsecret"),
    GET("/%00"),
    GET("/%zz"),
    "PUT /file HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "POST /file HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
    "BREW /file HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /file HTTP/1.0\r\n\r\n",
    "GET /file HTTP/1.1\r\n\r\n",
    LINE("/file") "Expect: something\r\n\r\n",
    LINE("/file") "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\n",
    LINE("/file") "If-None-Match: *\r\n\r\n",
    LINE("/file") "If-Match: \"x\"\r\n\r\n",
    LINE("/file") "Range: bytes=1-2\r\n\r\n",
    LINE("/file") "Range: bytes=9-\r\n\r\n",
    LINE("/big") "Range: bytes=1000000-\r\n\r\n",
    LINE("/file") "Content-Length: 3\r\n\r\nab",
    LINE("/file") "Content-Length: 99999\r\n\r\nab",
    LINE("/file") "Transfer-Encoding: chunked\r\n\r\nx\r\n",
    LINE("/e/") "Connection: close\r\n\r\n",
    LINE("/fi"),
    "G",
    "\r\n",
    "\x16\x03\x01 not HTTP\r\n\r\n",
    GET("/file") GET("/e/") GET("/fifo") GET("/none") "GET /fi",
    "",
};

/* Sends the request, and leaves: after a part of the answer, or at once. */
static void ask_and_leave(const char *request, bool waits)
{
    char byte;

    client_open(&c);
    client_send(&c, request);
    if (waits && strstr(request, "\r\n\r\n") != NULL)
        (void)client_read(&c, &byte, 1);
    client_close(&c);
}

/* With so few of both, all their memory is soon in use. */
static void start_small(void)
{
    daemon_start(&server, "serve", "--root", site_root, "--bufs", "16",
                 "--max-conns", "8", NULL);
}

TEST(odd_requests_leave_nothing_behind)
{
    struct tally before;

    site_make();
    site_text("root/file", "here");
    site_text("root/empty", "");
    site_text("root/closed", "closed");
    check_res(fchmodat(site_fd(), "root/closed", 0, 0), 0);
    site_pattern("root/big", 5 << 20);
    site_dir("root/d");
    site_dir("root/e");
    site_dir("root/e/index.html");
    site_link("root/out", "/etc/passwd");
    site_link("root/loop", "loop");
    check_res(mkfifoat(site_fd(), "root/fifo", 0644), 0);
    start_small();
    for (size_t i = 0; i < countof(odd_requests); i++) /* all code paths */
        ask_and_leave(odd_requests[i], true);
    for (int i = 0; i < 3; i++) /* until there is a copy of it */
        ask_and_leave(GET("/big"), true);
    before = tally_take(&server);
    for (size_t i = 0; i < countof(odd_requests); i++) {
        for (int times = 0; times < TIMES; times++)
            ask_and_leave(odd_requests[i], times % 2 == 0);
        tally_check(&server, &before, odd_requests[i]);
    }
    stop();
}

/* Files on a file system that reads late, in parts, or not at all. */
static void fail_files(const struct fuse_faults *faults, const char *done)
{
    struct tally before;

    site_make();
    site_text("root/file", "here");
    site_dir("root/mnt");
    fuse_serve(site_path("root/mnt"), 300000, faults);
    start_small();
    for (int times = 0; times < 20; times++)
        ask_and_leave(GET("/mnt/source"), true);
    before = tally_take(&server);
    for (int times = 0; times < TIMES; times++)
        ask_and_leave(GET("/mnt/source"), times % 2 == 0);
    tally_check(&server, &before, done);
    daemon_stop(&server);
    check_res(umount2(site_path("root/mnt"), MNT_DETACH), 0);
    site_remove();
}

TEST(a_file_that_fails_at_once_leaves_nothing_behind)
{
    const struct fuse_faults faults = {.completes_later = 1,
                                       .read_fail_at = 1,
                                       .read_error = 5};

    fail_files(&faults, "a file whose read fails");
}

TEST(a_file_that_fails_in_the_middle_leaves_nothing_behind)
{
    const struct fuse_faults faults = {.completes_later = 1,
                                       .read_fail_at = 200000,
                                       .read_error = 5};

    fail_files(&faults, "a file whose read fails in the middle");
}

TEST(a_file_that_is_shorter_leaves_nothing_behind)
{
    const struct fuse_faults faults = {.completes_later = 1,
                                       .lies = 1,
                                       .says_len = 900000};

    fail_files(&faults, "a file that is shorter than its size");
}

/* The answer to the first request fills the sockets of a client that reads
 * nothing. Then the server opens a file whose statx waits for the gate, and
 * cannot be cancelled. While it waits, --min-rate aborts the connection. The
 * statx succeeds after the abort, and the task must close the file. */
static void abort_while_a_file_is_opened(const char *request, const char *done)
{
    struct fuse_faults faults = {.completes_later = 1};
    int gate[2], size = 4096, before;

    check_res(pipe2(gate, O_CLOEXEC), 0);
    faults.attr_gate = gate[0];
    site_make();
    site_pattern("root/fills", 300000);
    site_dir("root/mnt");
    site_link("root/only.gz", "mnt/source");
    fuse_serve(site_path("root/mnt"), 300000, &faults);
    daemon_start(&server, "serve", "--root", site_root, "--min-rate", "1000000",
                 "--rate-ms", "1200", "--error-page", "404=mnt/source", NULL);
    ask_and_leave(GET("/fills"), true); /* watches the directory */
    daemon_await_counter(&server, "connections", 0);
    before = daemon_fd_count(&server);
    client_open(&c);
    (void)setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    client_send(&c, GET("/fills"));
    client_send(&c, request);
    daemon_await_counter(&server, "too_slow", 1);
    check_res(write(gate[1], "12345678", 8), 8);
    daemon_await_counter(&server, "connections", 0);
    ck_assert_msg(daemon_fd_count(&server) == before,
                  "%s: %d descriptors, before %d", done,
                  daemon_fd_count(&server), before);
    client_close(&c);
    daemon_stop(&server);
    check_res(umount2(site_path("root/mnt"), MNT_DETACH), 0);
    site_remove();
    close(gate[0]);
    close(gate[1]);
}

TEST(a_file_that_is_opened_during_an_abort_is_closed)
{
    abort_while_a_file_is_opened(GET("/mnt/source"), "a file");
}

TEST(an_error_page_that_is_opened_during_an_abort_is_closed)
{
    abort_while_a_file_is_opened(GET("/none"), "an error page");
}

TEST(a_sibling_that_is_opened_during_an_abort_is_closed)
{
    abort_while_a_file_is_opened(
        LINE("/only") "Accept-Encoding: gzip\r\n\r\n", "a sibling");
}

int main(void)
{
    const char *missing = fuse_missing();

    suite_begin("serve_leaks");
    suite_add_unless(daemon_why_no_option("serve", "--bufs"),
                     odd_requests_leave_nothing_behind);
    suite_add_unless(missing, a_file_that_fails_at_once_leaves_nothing_behind);
    suite_add_unless(missing,
                     a_file_that_fails_in_the_middle_leaves_nothing_behind);
    suite_add_unless(missing, a_file_that_is_shorter_leaves_nothing_behind);
    suite_add_unless(missing, a_file_that_is_opened_during_an_abort_is_closed);
    suite_add_unless(missing,
                     an_error_page_that_is_opened_during_an_abort_is_closed);
    suite_add_unless(missing,
                     a_sibling_that_is_opened_during_an_abort_is_closed);
    return suite_end();
}

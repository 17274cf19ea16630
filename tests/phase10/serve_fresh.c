/* serve_fresh.c: the server from outside: files that change, between requests
 * and while they are sent.
 *
 * Judges: serve. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"

#define ROUNDS 50
#define BIG ((off_t)64 << 20)

static struct client c;
static struct answer a;

static void begin(void)
{
    start(NULL);
    site_text("root/f", "first");
    client_open(&c);
}

static void end(void)
{
    client_close(&c);
    stop();
}

/* The very next answer on the open connection. */
static void expect(const char *target, int status, const char *text)
{
    client_get(&c, target, &a);
    if (status >= 300)
        check_page(&a, status);
    else
        check_answer(&a, status, text);
}

static void rename_in_site(const char *from, const char *to)
{
    check_res(renameat(site_fd(), from, site_fd(), to), 0);
}

static long operations(void)
{
    return daemon_counter(&server, "operations");
}

/* To open a file, ask about it, read it and close it are four operations; to
 * receive and to send are two, and so is asking for the counters. */
TEST(a_file_requested_again_comes_from_memory)
{
    begin();
    expect("/f", 200, "first");
    long before = operations();
    for (int i = 0; i < 100; i++)
        expect("/f", 200, "first");
    ck_assert_int_lt(operations() - before, 250);
    end();
}

TEST(bytes_written_into_a_file_are_served_at_once)
{
    char text[32];

    begin();
    int fd = openat(site_fd(), "root/f", O_WRONLY | O_CLOEXEC);

    check(fd >= 0);
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(text, sizeof text, "this is %02d", i);
        check_res(pwrite(fd, text, 10, 0), 10);
        expect("/f", 200, text);
        expect("/f", 200, text);
    }
    close(fd);
    end();
}

TEST(a_file_that_grows_or_shrinks_has_its_new_length_at_once)
{
    char text[128] = "first";

    begin();
    int fd = openat(site_fd(), "root/f", O_WRONLY | O_APPEND | O_CLOEXEC);

    check(fd >= 0);
    for (int i = 0; i < ROUNDS; i++) {
        check_res(write(fd, "x", 1), 1);
        strcat(text, "x");
        expect("/f", 200, text);
    }
    for (size_t len = strlen(text); len-- > 0;) {
        check_res(ftruncate(fd, (off_t)len), 0);
        text[len] = '\0';
        expect("/f", 200, text);
    }
    close(fd);
    end();
}

TEST(a_file_that_is_replaced_is_the_new_one_at_once)
{
    char text[32];

    begin();
    for (int i = 0; i < ROUNDS; i++) {
        expect("/f", 200, i == 0 ? "first" : text);
        snprintf(text, sizeof text, "this is %d", i);
        site_text("root/new", text);
        rename_in_site("root/new", "root/f");
        expect("/f", 200, text);
    }
    end();
}

TEST(a_created_and_a_deleted_file_are_noticed_at_once)
{
    begin();
    for (int i = 0; i < ROUNDS; i++) {
        expect("/f", 200, "first");
        check_res(unlinkat(site_fd(), "root/f", 0), 0);
        expect("/f", 404, NULL);
        site_text("root/f", "first");
    }
    end();
}

TEST(a_directory_that_is_moved_takes_its_files_along_at_once)
{
    begin();
    site_dir("root/a");
    site_dir("root/a/b");
    site_text("root/a/b/f", "deep");
    site_dir("root/other");
    site_dir("root/other/b");
    site_text("root/other/b/f", "another");
    for (int i = 0; i < ROUNDS; i++) {
        expect("/a/b/f", 200, "deep");
        rename_in_site("root/a", "root/z");
        expect("/a/b/f", 404, NULL);
        rename_in_site("root/other", "root/a");
        expect("/a/b/f", 200, "another");
        expect("/z/b/f", 200, "deep");
        rename_in_site("root/a", "root/other");
        rename_in_site("root/z", "root/a");
        expect("/other/b/f", 200, "another");
    }
    end();
}

TEST(a_link_that_is_turned_leads_elsewhere_at_once)
{
    begin();
    site_dir("root/1");
    site_dir("root/2");
    site_text("root/1/f", "one");
    site_text("root/2/f", "two");
    for (int i = 0; i < ROUNDS; i++) {
        site_link("root/next", i % 2 ? "2" : "1");
        rename_in_site("root/next", "root/now");
        expect("/now/f", 200, i % 2 ? "two" : "one");
        expect("/now/f", 200, i % 2 ? "two" : "one");
    }
    end();
}

/* The target of a link changes in a directory that the path of the link does
 * not name. */
TEST(a_file_behind_a_link_is_served_changed_at_once)
{
    char text[32];

    begin();
    site_dir("root/d");
    site_link("root/link", "d/f");
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(text, sizeof text, "this is %d", i);
        site_text("root/d/f", text);
        expect("/link", 200, text);
        expect("/link", 200, text);
    }
    end();
}

TEST(a_directory_becomes_a_link_and_a_directory_again)
{
    begin();
    site_dir("root/real");
    site_text("root/real/f", "real");
    site_dir("root/d");
    site_text("root/d/f", "here");
    for (int i = 0; i < ROUNDS; i++) {
        expect("/d/f", 200, "here");
        rename_in_site("root/d", "root/away");
        site_link("root/d", "real");
        expect("/d/f", 200, "real");
        check_res(unlinkat(site_fd(), "root/d", 0), 0);
        rename_in_site("root/away", "root/d");
    }
    end();
}

TEST(a_changed_copy_has_a_new_last_modified)
{
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

    begin();
    expect("/f", 200, "first");
    check_res(utimensat(site_fd(), "root/f", times, 0), 0);
    expect("/f", 200, "first");
    ck_assert_str_eq(answer_field(&a, "Last-Modified"),
                     "Sun, 09 Sep 2001 01:46:40 GMT");
    end();
}

/* inotify does not report a write through a mapping. The server sees it later:
 * it trusts a copy for one second. */
TEST(an_unreported_change_is_served_after_a_while)
{
    long deadline;

    begin();
    int fd = openat(site_fd(), "root/f", O_RDWR | O_CLOEXEC);
    char *memory = mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    check(fd >= 0 && memory != MAP_FAILED);
    expect("/f", 200, "first");
    memcpy(memory, "other", 5);
    deadline = now_ms() + DAEMON_DEADLINE_MS;
    do {
        client_get(&c, "/f", &a);
        ck_assert_msg(now_ms() < deadline, "it is never seen");
    } while (memcmp(a.body, "other", 5) != 0);
    munmap(memory, 5);
    close(fd);
    end();
}

/* While it is sent. */

/* A file of many zeroes, asked for, its first bytes on the way and the rest
 * not: far more than the sockets hold between them. */
static void begin_transfer(void)
{
    begin();
    site_text("root/big", "");
    check_res(truncate(site_path("root/big"), BIG), 0);
    client_send(&c, GET("/big"));
    client_take_only_head(&c, &a);
    ck_assert(a.length == BIG);
}

/* Reads to the end of what comes. Returns how many bytes, or -errno. */
static long drain(long long len)
{
    static char part[65536];
    long long have = 0;

    while (have < len) {
        long got = client_read(&c, part, sizeof part);

        if (got <= 0)
            return got < 0 ? got : (long)have;
        have += got;
    }
    return (long)have;
}

TEST(a_file_that_is_cut_while_it_is_sent_resets_the_connection)
{
    begin_transfer();
    check_res(truncate(site_path("root/big"), 1 << 20), 0);
    check_res(drain(BIG), -ECONNRESET);
    client_close(&c);
    client_open(&c);
    expect("/f", 200, "first");
    end();
}

/* Of a file that was requested before, the server has a copy. Its answer is the
 * file as it was, and no byte of it is a zero that the cut has made. */
TEST(a_file_that_is_cut_while_its_copy_is_sent_is_sent_as_it_was)
{
    const size_t len = (size_t)8 << 20;
    static char bytes[(size_t)8 << 20];
    size_t have = 0;

    begin();
    site_pattern("root/copied", len);
    for (int i = 0; i < 3; i++)
        client_get(&c, "/copied", &a);
    client_send(&c, GET("/copied"));
    client_take_only_head(&c, &a);
    ck_assert_int_eq(a.length, (long long)len);
    check_res(truncate(site_path("root/copied"), 1000), 0);
    while (have < len) {
        long got = client_read(&c, bytes + have, len - have);

        ck_assert_int_gt(got, 0);
        have += (size_t)got;
    }
    ck_assert(is_pattern(bytes, len, 0));
    client_get(&c, "/copied", &a);
    ck_assert(a.body_len == 1000 && is_pattern(a.body, 1000, 0));
    end();
}

TEST(a_part_that_is_cut_while_it_is_sent_resets_the_connection)
{
    begin();
    site_text("root/big", "");
    check_res(truncate(site_path("root/big"), BIG), 0);
    client_send(&c, "GET /big HTTP/1.1\r\nHost: a\r\n"
                    "Range: bytes=1000-\r\n\r\n");
    client_take_only_head(&c, &a);
    ck_assert_int_eq(a.status, 206);
    ck_assert(a.length == BIG - 1000);
    check_res(truncate(site_path("root/big"), 1 << 20), 0);
    check_res(drain(BIG), -ECONNRESET);
    client_close(&c);
    client_open(&c);
    expect("/f", 200, "first");
    end();
}

TEST(a_file_that_grows_while_it_is_sent_keeps_its_sent_length)
{
    begin_transfer();
    check_res(truncate(site_path("root/big"), 2 * BIG), 0);
    check_res(drain(BIG), BIG);
    expect("/f", 200, "first");
    client_send(&c, HEAD("/big"));
    client_take_head(&c, &a);
    ck_assert(a.length == 2 * BIG);
    end();
}

TEST(a_file_that_is_replaced_while_it_is_sent_is_sent_to_its_own_end)
{
    begin_transfer();
    site_text("root/new", "new");
    rename_in_site("root/new", "root/big");
    check_res(drain(BIG), BIG);
    expect("/big", 200, "new");
    end();
}

TEST(a_file_that_is_deleted_while_it_is_sent_is_sent_to_its_end)
{
    begin_transfer();
    check_res(unlinkat(site_fd(), "root/big", 0), 0);
    check_res(drain(BIG), BIG);
    expect("/big", 404, NULL);
    end();
}

/* Somebody who replaces the file without pause. */

static atomic_bool goes_on;

static void replace(const char *bytes, size_t len)
{
    site_bytes("root/next", bytes, len);
    rename_in_site("root/next", "root/f");
}

static void *replace_without_pause(void *arg)
{
    static char old[100000], new[200000];

    (void)arg;
    memset(old, 'A', sizeof old);
    memset(new, 'B', sizeof new);
    while (atomic_load(&goes_on)) {
        replace(old, sizeof old);
        replace(new, sizeof new);
    }
    return NULL;
}

/* One from memory, one from the file, and neither mixed with the other. */
TEST(an_answer_is_all_old_or_all_new)
{
    pthread_t thread;
    int seen[2] = {0};
    long until;

    begin();
    atomic_store(&goes_on, true);
    replace("A", 1);
    check_res(pthread_create(&thread, NULL, replace_without_pause, NULL), 0);
    until = now_ms() + 1000;
    while (now_ms() < until || seen[0] == 0 || seen[1] == 0) {
        size_t last;

        client_get(&c, "/f", &a);
        ck_assert_int_eq(a.status, 200);
        last = a.body_len - 1;
        if (a.body_len == 1)
            continue;
        ck_assert_uint_eq(a.body_len, a.body[0] == 'A' ? 100000 : 200000);
        ck_assert_msg(memcmp(a.body, a.body + 1, last) == 0, "a mixture");
        seen[a.body[0] == 'B']++;
        ck_assert_msg(now_ms() < until + DAEMON_DEADLINE_MS, "%d old, %d new",
                      seen[0], seen[1]);
    }
    atomic_store(&goes_on, false);
    pthread_join(thread, NULL);
    end();
}

int main(void)
{
    suite_begin("serve_fresh");
    suite_stage("exotic");
    suite_add(a_file_requested_again_comes_from_memory);
    suite_add(bytes_written_into_a_file_are_served_at_once);
    suite_add(a_file_that_grows_or_shrinks_has_its_new_length_at_once);
    suite_add(a_file_that_is_replaced_is_the_new_one_at_once);
    suite_add(a_created_and_a_deleted_file_are_noticed_at_once);
    suite_add(a_directory_that_is_moved_takes_its_files_along_at_once);
    suite_add(a_link_that_is_turned_leads_elsewhere_at_once);
    suite_add(a_file_behind_a_link_is_served_changed_at_once);
    suite_add(a_directory_becomes_a_link_and_a_directory_again);
    suite_add(a_changed_copy_has_a_new_last_modified);
    suite_add(an_unreported_change_is_served_after_a_while);
    suite_add(a_file_that_is_cut_while_it_is_sent_resets_the_connection);
    suite_add(a_file_that_is_cut_while_its_copy_is_sent_is_sent_as_it_was);
    suite_add(a_part_that_is_cut_while_it_is_sent_resets_the_connection);
    suite_add(a_file_that_grows_while_it_is_sent_keeps_its_sent_length);
    suite_add(a_file_that_is_replaced_while_it_is_sent_is_sent_to_its_own_end);
    suite_add(a_file_that_is_deleted_while_it_is_sent_is_sent_to_its_end);
    suite_add(an_answer_is_all_old_or_all_new);
    return suite_end();
}

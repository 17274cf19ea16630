/* serve_conditions.c: serve from outside: tags, and what a client with a copy
 * of a file gets.
 *
 * Judges: serve. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asking.h"

/* A file's tag, as the server sends it. Valid until the next call. */
static const char *tag_of(const char *target)
{
    static char tag[128];
    char request[128];

    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "\r\n",
             target);
    ask(request);
    ck_assert_int_eq(a.status, 200);
    ck_assert_ptr_nonnull(answer_field(&a, "ETag"));
    strcpy(tag, answer_field(&a, "ETag"));
    return tag;
}

/* Asks for /a.txt with one more field, and gets this status. */
static void ask_with(const char *method, const char *name, const char *value,
                     int status)
{
    char request[512];

    snprintf(request, sizeof request, "%s /a.txt HTTP/1.1\r\n" HOST
             "%s: %s\r\n\r\n", method, name, value);
    ask(request);
    ck_assert_msg(a.status == status, "%s: %s: %s", name, value, a.head);
}

/* Waits until a change of a.txt would get another ctime. A file behind a link
 * is never copied: the server looks at it for each request. */
static void settle(void)
{
    long end_ms = now_ms() + DAEMON_DEADLINE_MS;

    while (tag_of("/link")[0] == 'W')
        check(now_ms() < end_ms);
}

/* The tag of /a.txt, which is strong: a change in the directory makes the
 * server replace a copy that has a weak tag. */
static const char *strong_tag(void)
{
    const char *tag;

    settle();
    site_text("root/other", "");
    tag = tag_of("/a.txt");
    ck_assert_int_eq(tag[0], '"');
    return tag;
}

static void set_time(const char *name, time_t second, long ns)
{
    struct timespec times[2] = {{.tv_sec = second},
                                {.tv_sec = second, .tv_nsec = ns}};

    check_res(utimensat(site_fd(), name, times, 0), 0);
}

/* Starts serve with a file, and a link to it. */
#define begin_with(...)                                                        \
    (start(__VA_ARGS__), site_text("root/a.txt", "hello\n"),                   \
     site_link("root/link", "a.txt"), client_open(&c))

TEST(a_client_that_has_the_file_gets_304_with_the_same_tag)
{
    const char *tag;

    begin_with(NULL);
    tag = strong_tag();
    ask_with("GET", "If-None-Match", tag, 304);
    ck_assert_str_eq(answer_field(&a, "ETag"), tag);
    ck_assert_ptr_nonnull(answer_field(&a, "Date"));
    ck_assert_ptr_nonnull(answer_field(&a, "Last-Modified"));
    ck_assert_ptr_null(answer_field(&a, "Content-Type"));
    ck_assert_ptr_null(answer_field(&a, "Content-Length"));
    ck_assert(!a.closes);
    ask_with("HEAD", "If-None-Match", tag, 304);
    ask_with("GET", "If-None-Match", "\"x\"", 200);
    check_answer(&a, 200, "hello\n");
    ask_with("GET", "If-Match", tag, 200);
    check_answer(&a, 200, "hello\n");
    end();
}

TEST(a_client_that_means_another_file_gets_412)
{
    begin_with(NULL);
    tag_of("/a.txt");
    ask_with("GET", "If-Match", "\"x\"", 412);
    check_page(&a, 412);
    ck_assert(!a.closes);
    ck_assert_ptr_null(answer_field(&a, "ETag"));
    ask_with("HEAD", "If-Match", "\"x\"", 412);
    ask_with("GET", "If-Unmodified-Since", "Thu, 01 Jan 1998 00:00:00 GMT",
             412);
    check_page(&a, 412);
    end();
}

/* The size, the mtime and the inode are equal. Only the ctime differs. */
TEST(two_edits_within_a_second_are_two_files_for_a_client)
{
    char old[128], text[16];

    begin_with(NULL);
    set_time("root/a.txt", 784111777, 0);
    for (int i = 0; i < 10; i++) {
        int fd = openat(site_fd(), "root/a.txt", O_WRONLY);

        strcpy(old, strong_tag());
        snprintf(text, sizeof text, "%05d\n", i);
        check_res(pwrite(fd, text, 6, 0), 6);
        close(fd);
        set_time("root/a.txt", 784111777, 0);
        ask_with("GET", "If-None-Match", old, 200);
        check_answer(&a, 200, text);
        ck_assert_str_eq(answer_field(&a, "Last-Modified"),
                         "Sun, 06 Nov 1994 08:49:37 GMT");
        ask("GET /link HTTP/1.1\r\n" HOST "\r\n");
        ck_assert_str_ne(answer_field(&a, "ETag"), old);
    }
    end();
}

TEST(a_file_that_is_replaced_by_one_with_its_size_and_time_has_another_tag)
{
    char old[128];

    begin_with(NULL);
    site_text("root/b.txt", "HELLO\n");
    set_time("root/a.txt", 784111777, 0);
    set_time("root/b.txt", 784111777, 0);
    strcpy(old, strong_tag());
    check_res(renameat(site_fd(), "root/b.txt", site_fd(), "root/a.txt"), 0);
    ask_with("GET", "If-None-Match", old, 200);
    check_answer(&a, 200, "HELLO\n");
    ck_assert_str_ne(answer_field(&a, "ETag"), old);
    end();
}

/* From a copy in memory, from a file behind a link, which is never copied, and
 * by another name. */
TEST(a_file_has_one_tag_whatever_way_it_is_sent)
{
    char tag[128];

    begin_with(NULL);
    strcpy(tag, strong_tag());
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(tag_of("/a.txt"), tag);
    ck_assert_str_eq(tag_of("/link"), tag);
    ask("GET /link HTTP/1.1\r\n" HOST "If-None-Match: W/\"x\"\r\n"
        "If-None-Match: *\r\n\r\n");
    ck_assert_int_eq(a.status, 304);
    ck_assert_str_eq(answer_field(&a, "ETag"), tag);
    end();
}

TEST(a_tag_is_weak_only_just_after_a_change)
{
    bool was_weak = false;

    begin_with(NULL);
    for (int i = 0; i < 200 && !was_weak; i++) {
        site_text("root/a.txt", "HELLO\n");
        was_weak = tag_of("/a.txt")[0] == 'W';
    }
    ck_assert(was_weak);
    settle();
    end();
}

TEST(a_tag_of_the_mtime_is_equal_on_two_hosts)
{
    char tag[128];

    begin_with("--etag", "mtime", NULL);
    site_text("root/b.txt", "HELLO\n");
    set_time("root/a.txt", 784111777, 1);
    set_time("root/b.txt", 784111777, 1);
    settle();
    strcpy(tag, tag_of("/a.txt"));
    ck_assert_str_eq(tag, "\"ae1b981bc490a01-6\"");
    ck_assert_str_eq(tag_of("/b.txt"), tag);
    set_time("root/a.txt", 784111777, 2);
    settle();
    ck_assert_str_eq(tag_of("/a.txt"), "\"ae1b981bc490a02-6\"");
    end();
}

/* All files of such a site have this time: it says nothing about a file. */
TEST(a_time_of_0_or_1_is_not_made_into_a_tag)
{
    begin_with("--etag", "mtime", NULL);
    for (time_t second = -1; second <= 2; second++) {
        set_time("root/a.txt", second, 0);
        ask(GET("/a.txt"));
        check_answer(&a, 200, "hello\n");
        ck_assert_int_eq(answer_field(&a, "ETag") != NULL, second > 1);
        ck_assert_int_eq(answer_field(&a, "Last-Modified") != NULL, second > 1);
    }
    end();
}

TEST(a_time_in_the_future_is_sent_as_the_current_time)
{
    begin_with(NULL);
    set_time("root/a.txt", 4102444800, 0);
    ask(GET("/a.txt"));
    ck_assert_str_eq(answer_field(&a, "Last-Modified"),
                     answer_field(&a, "Date"));
    end();
}

TEST(an_error_has_neither_tag_nor_condition)
{
    begin_with(NULL);
    ask("GET /none HTTP/1.1\r\n" HOST "If-None-Match: *\r\n\r\n");
    check_page(&a, 404);
    ck_assert_ptr_null(answer_field(&a, "ETag"));
    ask("GET /none HTTP/1.1\r\n" HOST "If-Match: \"x\"\r\n\r\n");
    check_page(&a, 404);
    ask("POST /a.txt HTTP/1.1\r\n" HOST "If-None-Match: *\r\n\r\n");
    check_page(&a, 405);
    end();
}

int main(void)
{
    suite_begin("serve_conditions");
    suite_add(a_client_that_has_the_file_gets_304_with_the_same_tag);
    suite_add(a_client_that_means_another_file_gets_412);
    suite_add(two_edits_within_a_second_are_two_files_for_a_client);
    suite_add(
        a_file_that_is_replaced_by_one_with_its_size_and_time_has_another_tag);
    suite_add(a_file_has_one_tag_whatever_way_it_is_sent);
    suite_add(a_tag_is_weak_only_just_after_a_change);
    suite_add_unless(daemon_why_no_option("serve", "--etag"),
                     a_tag_of_the_mtime_is_equal_on_two_hosts);
    suite_add_unless(daemon_why_no_option("serve", "--etag"),
                     a_time_of_0_or_1_is_not_made_into_a_tag);
    suite_add(a_time_in_the_future_is_sent_as_the_current_time);
    suite_add(an_error_has_neither_tag_nor_condition);
    return suite_end();
}

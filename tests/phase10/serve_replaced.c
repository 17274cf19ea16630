/* serve_replaced.c: serve from outside: the root is removed, renamed, or
 * replaced while it is served.
 *
 * Judges: serve. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

static struct answer a;

/* Starts serve upon this name in the site, with one file of that text. */
static void begin(const char *name, const char *text, const char *threads)
{
    site_make();
    check_res(unlinkat(site_fd(), "root", AT_REMOVEDIR), 0);
    site_dir("v1");
    site_text("v1/a.txt", text);
    if (strcmp(name, "v1") != 0)
        site_link(name, "v1");
    daemon_start(&server, "serve", "--root", site_path(name), "--threads",
                 threads, NULL);
    check_get("/a.txt", 200, text);
}

static void get(void)
{
    static struct client c;

    client_open(&c);
    client_get(&c, "/a.txt", &a);
    client_close(&c);
}

/* Asks until that text has come `times` times without another in between. */
static void await_text(const char *text, int times)
{
    long end_ms = now_ms() + DAEMON_DEADLINE_MS;

    for (int i = 0; i < times; i++) {
        get();
        ck_assert_int_lt(now_ms(), end_ms);
        if (a.status != 200 || strcmp(a.body, text) != 0)
            i = -1;
    }
}

/* How often a line with that text was printed since the last call. */
static int reports(const char *text)
{
    int count = 0;

    daemon_counter(&server, "connections");
    for (const char *at = server.log; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

static void remove_v1(void)
{
    check_res(unlinkat(site_fd(), "v1/a.txt", 0), 0);
    check_res(unlinkat(site_fd(), "v1", AT_REMOVEDIR), 0);
}

TEST(a_root_that_was_built_again_is_served_and_reported_once)
{
    begin("v1", "one", "1");
    remove_v1();
    site_dir("v1");
    site_text("v1/a.txt", "two");
    await_text("two", 20);
    ck_assert_int_eq(reports("is another directory now"), 1);
    ck_assert_int_eq(reports("directory"), 0);
    stop();
}

/* The copy of the old release's file is not served any more. */
TEST(a_link_that_is_turned_to_another_release_is_followed)
{
    begin("current", "one", "1");
    site_dir("v2");
    site_text("v2/a.txt", "two");
    site_link("new", "v2");
    check_res(renameat(site_fd(), "new", site_fd(), "current"), 0);
    await_text("two", 20);
    site_text("v2/a.txt", "three"); /* changes are seen here, too */
    get();
    check_answer(&a, 200, "three");
    ck_assert_int_eq(reports("is another directory now"), 1);
    stop();
}

/* A copy would be trusted for a second. It was made just before, so that only
 * the change of the root can make it old. */
TEST(no_copy_outlives_the_root_of_its_file)
{
    static struct client c;
    long end_ms;

    begin("current", "one", "1");
    site_dir("v2");
    site_text("v2/a.txt", "two");
    site_text("v2/new.txt", "new");
    site_link("new", "v2");
    await_text("one", 1);
    check_res(renameat(site_fd(), "new", site_fd(), "current"), 0);
    site_text("v1/a.txt", "once more");
    get();
    client_open(&c);
    end_ms = now_ms() + DAEMON_DEADLINE_MS;
    do {
        client_get(&c, "/new.txt", &a);
        ck_assert_int_lt(now_ms(), end_ms);
    } while (a.status != 200);
    client_get(&c, "/a.txt", &a);
    check_answer(&a, 200, "two");
    client_close(&c);
    ck_assert_int_eq(reports("is another directory now"), 1);
    stop();
}

TEST(every_ring_serves_the_new_root)
{
    begin("current", "one", "4");
    for (int i = 0; i < 50; i++)
        get(); /* every ring has a copy */
    site_dir("v2");
    site_text("v2/a.txt", "two");
    site_link("new", "v2");
    check_res(renameat(site_fd(), "new", site_fd(), "current"), 0);
    await_text("two", 200);
    ck_assert_int_eq(reports("is another directory now"), 1);
    stop();
}

/* For more than two seconds, in which the name is looked up more than once. */
TEST(a_root_without_its_name_is_served_on_and_reported_once)
{
    int count = 0;

    begin("v1", "one", "1");
    check_res(renameat(site_fd(), "v1", site_fd(), "old"), 0);
    for (long start_ms = now_ms(); now_ms() - start_ms < 2500 || count == 0;) {
        get();
        check_answer(&a, 200, "one");
        count += reports("was removed or renamed");
        ck_assert_int_lt(now_ms() - start_ms, DAEMON_DEADLINE_MS);
    }
    ck_assert_int_eq(count, 1);
    check_res(renameat(site_fd(), "old", site_fd(), "v1"), 0);
    await_text("one", 20);
    ck_assert_int_eq(reports("--root"), 0);
    stop();
}

TEST(descriptors_do_not_leak_when_the_root_is_replaced)
{
    int fds;

    begin("current", "v1", "1");
    site_dir("v2");
    site_text("v2/a.txt", "v2");
    daemon_await_counter(&server, "connections", 0);
    fds = daemon_fd_count(&server);
    for (int i = 0; i < 3; i++) {
        site_link("new", i % 2 == 0 ? "v2" : "v1");
        check_res(renameat(site_fd(), "new", site_fd(), "current"), 0);
        await_text(i % 2 == 0 ? "v2" : "v1", 5);
    }
    ck_assert_int_eq(reports("is another directory now"), 3);
    daemon_await_counter(&server, "connections", 0);
    daemon_await_fd_count(&server, fds);
    stop();
}

int main(void)
{
    suite_begin("serve_replaced");
    suite_add(a_root_that_was_built_again_is_served_and_reported_once);
    suite_add(a_link_that_is_turned_to_another_release_is_followed);
    suite_add(no_copy_outlives_the_root_of_its_file);
    suite_add(every_ring_serves_the_new_root);
    suite_add(a_root_without_its_name_is_served_on_and_reported_once);
    suite_add(descriptors_do_not_leak_when_the_root_is_replaced);
    return suite_end();
}

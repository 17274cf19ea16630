/* serve_listing.c: serve from outside: directories without an index.
 *
 * Judges: serve. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"

static struct client c;
static struct answer a;

static void begin(void)
{
    start("--listing", NULL);
    client_open(&c);
}

static void end(void)
{
    client_close(&c);
    stop();
}

static void check_listed(const char *target)
{
    client_get(&c, target, &a);
    ck_assert_msg(a.status == 200, "%s: %s", target, a.head);
    ck_assert_str_eq(answer_field(&a, "Content-Type"),
                     "text/html; charset=utf-8");
}

static void check_has(const char *text)
{
    ck_assert_msg(strstr(a.body, text) != NULL, "no %s in %s", text, a.body);
}

static void check_has_not(const char *text)
{
    ck_assert_msg(strstr(a.body, text) == NULL, "%s in %s", text, a.body);
}

/* The page has these texts in this order. */
static void check_order(const char *const *texts, size_t count)
{
    const char *at = a.body;

    for (size_t i = 0; i < count; i++) {
        at = strstr(at, texts[i]);
        ck_assert_msg(at != NULL, "no %s in order in %s", texts[i], a.body);
    }
}

/* Takes the next link out of the page, without the page's escapes. Returns
 * where to go on, or NULL. */
static const char *take_link(const char *at, char *link, size_t size)
{
    static const char *const escapes[][2] = {
        {"&amp;", "&"}, {"&#39;", "'"}, {"&lt;", "<"},
        {"&gt;", ">"},  {"&quot;", "\""},
    };
    size_t len = 0;

    at = strstr(at, "<li><a href=\"");
    if (at == NULL)
        return NULL;
    at += strlen("<li><a href=\"");
    while (*at != '"') {
        size_t used = 1;
        char byte = *at;

        for (size_t i = 0; i < 5; i++) {
            if (strncmp(at, escapes[i][0], strlen(escapes[i][0])) == 0) {
                used = strlen(escapes[i][0]);
                byte = escapes[i][1][0];
            }
        }
        ck_assert(byte != '&' || used > 1);
        ck_assert_uint_lt(len + 1, size);
        link[len++] = byte;
        at += used;
    }
    link[len] = '\0';
    return at;
}

TEST(a_directory_without_an_index_is_listed)
{
    static const char *const order[] = {
        "<title>/</title>", "href=\"a-dir/\"", "href=\"Z-dir/\"",
        "href=\"apple.txt\"", "<span>5 B</span>", "href=\"Bee.txt\"",
        "<span>2.0 KiB</span>", "href=\"zoo.txt\"",
    };
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

    begin();
    site_text("root/zoo.txt", "");
    site_pattern("root/Bee.txt", 2048);
    site_text("root/apple.txt", "hello");
    site_dir("root/Z-dir");
    site_dir("root/a-dir");
    check_res(utimensat(site_fd(), "root/apple.txt", times, 0), 0);
    check_listed("/");
    check_order(order, sizeof order / sizeof *order);
    check_has("<span>2001-09-09 01:46</span>");
    ck_assert_str_eq(answer_field(&a, "Cache-Control"), "no-cache");
    ck_assert(answer_field(&a, "Last-Modified") == NULL);
    ck_assert(answer_field(&a, "ETag") == NULL);
    check_listed("/a-dir/");
    check_has("This directory is empty.");
    site_text("root/index.html", "<p>index");
    client_get(&c, "/", &a);
    check_answer(&a, 200, "<p>index");
    client_get(&c, "/none/", &a);
    check_page(&a, 404);
    client_get(&c, "/a-dir", &a);
    check_page(&a, 301);
    end();
}

TEST(a_change_of_a_directory_is_listed_at_once)
{
    begin();
    for (int i = 0; i < 10; i++) {
        site_text("root/new.txt", "x");
        check_listed("/");
        check_has("new.txt");
        check_res(unlinkat(site_fd(), "root/new.txt", 0), 0);
        check_listed("/");
        check_has_not("new.txt");
    }
    end();
}

TEST(a_head_request_has_the_length_of_the_page)
{
    begin();
    site_text("root/a.txt", "x");
    check_listed("/");
    long long length = a.length;

    client_send(&c, HEAD("/"));
    client_take_head(&c, &a);
    ck_assert_int_eq(a.length, length);
    client_send(&c, "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n"
                    "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n\r\n");
    client_take(&c, &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_int_eq(a.length, length);
    end();
}

/* A byte may be anything but NUL and '/'. The server refuses a backslash, and
 * hides a name that begins with a dot or ends with '~'. */
TEST(every_byte_of_a_name_comes_back_by_its_link)
{
    char name[32], link[64], target[80], text[2] = "";
    const char *at;
    int count = 0;

    begin();
    for (int byte = 1; byte < 256; byte++) {
        if (byte == '/' || byte == '\\')
            continue;
        text[0] = (char)byte;
        snprintf(name, sizeof name, "root/a%cz", byte);
        site_text(name, text);
    }
    check_listed("/");
    static char page[65536];

    ck_assert_uint_lt(a.body_len, sizeof page);
    memcpy(page, a.body, a.body_len + 1);
    for (at = page; (at = take_link(at, link, sizeof link)) != NULL; count++) {
        snprintf(target, sizeof target, "/%s", link);
        client_get(&c, target, &a);
        ck_assert_msg(a.status == 200, "%s: %s", target, a.head);
        ck_assert_uint_eq(a.body_len, 1);
    }
    ck_assert_int_eq(count, 253);
    end();
}

TEST(a_hostile_name_is_text_in_the_page)
{
    static char longest[256 + 5] = "root/";

    begin();
    memset(longest + 5, '&', 255);
    site_text(longest, "x");
    site_text("root/\"><script>alert(1)<", "x");
    site_text("root/'onclick='x", "x");
    site_text("root/javascript:alert(1)", "x");
    site_text("root/new\nline", "x");
    site_text("root/\xff\xfe", "x");
    site_text("root/\xe2\x80\xae" "txt.exe", "x"); /* right to left */
    site_text("root/50%", "x");
    site_dir("root/\"><script>");
    check_listed("/");
    check_has_not("<script");
    check_has("<a href=\"%22%3E%3Cscript%3Ealert(1)%3C\">"
              "<bdi>&quot;&gt;&lt;script&gt;alert(1)&lt;</bdi></a>");
    check_has("<a href=\"&#39;onclick=&#39;x\">");
    check_has("<a href=\"./javascript:alert(1)\">");
    check_has("<a href=\"new%0Aline\"><bdi>new\xef\xbf\xbdline</bdi>");
    check_has("<a href=\"%FF%FE\"><bdi>\xef\xbf\xbd\xef\xbf\xbd</bdi>");
    check_has("<a href=\"%E2%80%AEtxt.exe\"><bdi>");
    check_has("<a href=\"50%25\"><bdi>50%</bdi>");
    check_has("<a href=\"&amp;&amp;");
    ck_assert(strstr(a.head, "default-src 'none'") != NULL);
    check_listed("/%22%3E%3Cscript%3E/");
    check_has_not("<script");
    check_has("<title>/&quot;&gt;&lt;script&gt;/</title>");
    check_has("<bdi>&quot;&gt;&lt;script&gt;</bdi>/</h1>");
    end();
}

TEST(the_path_is_a_row_of_relative_links)
{
    begin();
    site_dir("root/a b");
    site_dir("root/a b/c&d");
    site_dir("root/a b/c&d/e");
    check_listed("/");
    check_has("<h1>/</h1>");
    check_listed("/a%20b/c%26d/e/");
    check_has("<title>/a b/c&amp;d/e/</title>");
    check_has("<h1><a href=\"../../../\">/</a> "
              "<a href=\"../../\"><bdi>a b</bdi>/</a> "
              "<a href=\"../\"><bdi>c&amp;d</bdi>/</a> <bdi>e</bdi>/</h1>");
    end();
}

TEST(a_name_that_is_not_served_is_not_listed)
{
    begin();
    site_text("secret.txt", "no");
    site_text("root/.env", "no");
    site_text("root/a.html~", "no");
    site_text("root/back\\slash", "no");
    site_dir("root/.well-known");
    site_dir("root/d");
    site_text("root/real.txt", "x");
    site_link("root/broken", "nowhere");
    site_link("root/leaves", "../secret.txt");
    site_link("root/absolute", "/etc/passwd");
    site_link("root/loop", "loop");
    site_link("root/to-file", "real.txt");
    site_link("root/to-dir", "d");
    site_link("root/d/up", "../real.txt");
    check_res(mkfifoat(site_fd(), "root/fifo", 0644), 0);
    check_listed("/");
    check_has_not(".env");
    check_has_not("a.html~");
    check_has_not("slash");
    check_has_not("well-known");
    check_has_not("broken");
    check_has_not("leaves");
    check_has_not("absolute");
    check_has_not("loop");
    check_has_not("fifo");
    check_has("<a href=\"to-dir/\">");
    check_has("<a href=\"to-file\"><bdi>to-file</bdi></a><span>1 B</span>");
    check_listed("/d/");
    check_has("<a href=\"up\">");
    check_listed("/to-dir/");
    check_has("<a href=\"up\">");
    end();
}

TEST(with_hidden_hidden_names_are_listed)
{
    start("--listing", "--hidden", NULL);
    client_open(&c);
    site_text("root/.env", "x");
    check_listed("/");
    check_has("<a href=\".env\">");
    check_has_not("href=\".\"");
    check_has_not("href=\"..\"");
    end();
}

TEST(a_page_has_at_most_ten_thousand_names_and_says_so)
{
    char name[32], link[32];
    const char *at;
    int count = 0;

    begin();
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "root/%05d", i);
        int fd = openat(site_fd(), name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

        check(fd >= 0);
        close(fd);
    }
    check_listed("/");
    check_has_not("There are more than");
    check_has("href=\"09999\"");
    site_text("root/one-more", "");
    check_listed("/");
    check_has("There are more than 10000 names.");
    for (at = a.body; (at = take_link(at, link, sizeof link)) != NULL;)
        count++;
    ck_assert_int_eq(count, 10000);
    end();
}

TEST(without_listing_the_page_says_that_there_is_no_index)
{
    start(NULL);
    site_text("root/a.txt", "x");
    site_dir("root/d");
    client_open(&c);
    for (int i = 0; i < 2; i++) {
        client_get(&c, i == 0 ? "/" : "/d/", &a);
        check_page(&a, 404);
        check_has("This directory has no index.html.");
    }
    client_get(&c, "/none/", &a);
    check_page(&a, 404);
    check_has("There is no such file.");
    client_get(&c, "/none", &a);
    check_page(&a, 404);
    check_has("There is no such file.");
    end();
}

/* The fds of the server after a listing. The request behind it is answered when
 * the page is closed. */
static int count_fds(void)
{
    check_listed("/");
    client_get(&c, "/none", &a);
    check_page(&a, 404);
    return daemon_fd_count(&server);
}

/* A page of a megabyte does not fit into the sockets, so it stays open while
 * its client does not read. */
TEST(at_most_sixteen_pages_are_open_and_further_requests_are_503)
{
    static struct client slow[16];
    char name[300];
    long end_ms;
    int fds;

    start("--listing", "--send-buf", "65536", NULL);
    client_open(&c);
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "root/%0250d", i);
        int fd = openat(site_fd(), name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

        check(fd >= 0);
        close(fd);
    }
    fds = count_fds();
    for (int i = 0; i < 16; i++) {
        client_open(&slow[i]);
        client_send(&slow[i], GET("/"));
        client_take_only_head(&slow[i], &a);
        ck_assert_int_eq(a.status, 200);
    }
    client_get(&c, "/", &a);
    check_page(&a, 503);
    ck_assert(!a.closes);
    for (int i = 0; i < 16; i++)
        client_close(&slow[i]);
    end_ms = now_ms() + DAEMON_DEADLINE_MS;
    do {
        client_get(&c, "/", &a);
        ck_assert_int_lt(now_ms(), end_ms);
    } while (a.status == 503);
    ck_assert_int_eq(a.status, 200);
    daemon_await_fd_count(&server, fds);
    end();
}

TEST(a_client_that_leaves_during_its_listing_leaves_nothing)
{
    int fds;

    begin();
    site_text("root/a", "");
    fds = count_fds();
    for (int i = 0; i < 50; i++) {
        struct client *gone = malloc(sizeof *gone);

        check(gone != NULL);
        client_open(gone);
        client_send(gone, GET("/"));
        client_close(gone);
        free(gone);
    }
    daemon_await_counter(&server, "connections", 1);
    daemon_await_fd_count(&server, fds);
    for (int i = 0; i < 20; i++) /* no page is counted as open for ever */
        check_listed("/");
    end();
}

int main(void)
{
    suite_begin("serve_listing");
    suite_add(a_directory_without_an_index_is_listed);
    suite_add(a_change_of_a_directory_is_listed_at_once);
    suite_add(a_head_request_has_the_length_of_the_page);
    suite_add(every_byte_of_a_name_comes_back_by_its_link);
    suite_add(a_hostile_name_is_text_in_the_page);
    suite_add(the_path_is_a_row_of_relative_links);
    suite_add(a_name_that_is_not_served_is_not_listed);
    suite_add(with_hidden_hidden_names_are_listed);
    suite_add(a_page_has_at_most_ten_thousand_names_and_says_so);
    suite_add(without_listing_the_page_says_that_there_is_no_index);
    suite_add(at_most_sixteen_pages_are_open_and_further_requests_are_503);
    suite_add(a_client_that_leaves_during_its_listing_leaves_nothing);
    return suite_end();
}

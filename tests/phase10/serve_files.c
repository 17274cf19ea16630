/* serve_files.c: the server from outside: which file a target means, and that
 * it is one of the root's own. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuse.h"
#include "client.h"

#define NOBODY 65534
#define CORPUS "tests/phase10/traversal.txt"
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

TEST(the_name_says_the_type)
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

static void check_redirect(const char *target, const char *location)
{
    client_open(&c);
    client_get(&c, target, &a);
    check_page(&a, 301);
    ck_assert_str_eq(answer_field(&a, "Location"), location);
    ck_assert(!a.closes);
    client_close(&c);
}

TEST(a_directory_without_its_slash_is_redirected)
{
    start(NULL);
    site_dir("root/d");
    site_dir("root/d/e f");
    check_redirect("/d", "/d/");
    check_redirect("/d?x=1&y", "/d/?x=1&y");
    check_redirect("/d?", "/d/?");
    check_redirect("/d/e%20f", "/d/e%20f/");
    check_redirect("/x/../d", "/d/");
    stop();
}

TEST(what_is_encoded_is_decoded_once)
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

TEST(what_begins_with_a_dot_is_not_there)
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

TEST(unless_it_is_told_to_show_hidden_files)
{
    start("--hidden", NULL);
    site_text("root/.env", "shown");
    check_get("/.env", 200, "shown");
    check_get("/..", 400, NULL);
    stop();
}

/* Confinement. */

static const char *const directories[] = {
    "root/a",   "root/a/b",         "root/.git",    "root/.ssh", "root/a/.git",
    "rootless", "root/.well-known", "root/%2e%2e", "etc",
};
static const char *const secrets[] = {
    "secret",           "etc/passwd",      "rootless/secret",
    "root/.git/config", "root/.git/HEAD",  "root/.env",
    "root/.htaccess",   "root/.htpasswd",  "root/.ssh/id_rsa",
    "root/a.html~",     "root/a/.git/config",
};
static const char *const public[] = {
    "root/a.html", "root/a/b/c.html", "root/%2e%2e/secret",
};

static void make_tree(void)
{
    for (size_t i = 0; i < countof(directories); i++)
        site_dir(directories[i]);
    for (size_t i = 0; i < countof(secrets); i++)
        site_text(secrets[i], SECRET);
    for (size_t i = 0; i < countof(public); i++)
        site_text(public[i], "public");
}

/* Returns whether a file was found. Its status is the one, or 400 and 404. */
static bool is_confined(const char *target)
{
    client_get(&c, target, &a);
    if (a.closes) {
        client_close(&c);
        client_open(&c);
    }
    if (a.status == 200)
        check_answer(&a, 200, "public");
    else if (a.status != 301 && a.status != 404)
        check_page(&a, 400);
    return a.status == 200;
}

TEST(no_target_leaves_the_root)
{
    FILE *corpus = fopen(CORPUS, "r");
    char line[1024];
    int count = 0, found = 0;

    ck_assert_msg(corpus != NULL, "cannot read " CORPUS " from here");
    start(NULL);
    make_tree();
    client_open(&c);
    while (fgets(line, sizeof line, corpus) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "# ", 2) == 0)
            continue;
        count++;
        found += is_confined(line);
    }
    fclose(corpus);
    ck_assert_int_ge(count, 200);
    ck_assert_int_gt(found, 0);
    client_close(&c);
    stop();
}

TEST(a_target_that_begins_elsewhere_is_no_target)
{
    start(NULL);
    site_text("secret", SECRET);
    check_get("../secret", 400, NULL);
    check_get("secret", 400, NULL);
    check_get("file:///etc/passwd", 400, NULL);
    check_get("http://a/../secret", 400, NULL);
    check_get("http://a?/../secret", 404, NULL);
    stop();
}

TEST(a_link_that_stays_inside_is_followed)
{
    start(NULL);
    site_dir("root/d");
    site_text("root/d/file", "here");
    site_link("root/link", "d/file");
    site_link("root/d/up", "..");
    site_link("root/chain", "link");
    site_link("root/dir", "d");
    for (int i = 0; i < 2; i++) {
        check_get("/link", 200, "here");
        check_get("/chain", 200, "here");
        check_get("/dir/file", 200, "here");
        check_get("/d/up/d/file", 200, "here");
        check_redirect("/dir", "/dir/");
    }
    stop();
}

TEST(a_link_that_leaves_the_root_is_not_there)
{
    start(NULL);
    site_text("secret", SECRET);
    site_text("root/file", "here");
    site_link("root/out", "../secret");
    site_link("root/absolute", site_path("secret"));
    site_link("root/etc", "/etc");
    site_link("root/inside", site_path("root/file")); /* but absolute */
    site_link("root/proc", "/proc/self/root/etc/passwd");
    site_link("root/none", "nothing");
    site_link("root/loop", "loop");
    site_link("root/up", "..");
    for (int i = 0; i < 2; i++) {
        check_get("/out", 404, NULL);
        check_get("/absolute", 404, NULL);
        check_get("/etc/passwd", 404, NULL);
        check_get("/inside", 404, NULL);
        check_get("/proc", 404, NULL);
        check_get("/none", 404, NULL);
        check_get("/loop", 404, NULL);
        check_get("/up/secret", 404, NULL);
        check_get("/up/root/file", 404, NULL);
        check_get("/up", 404, NULL);
    }
    stop();
}

/* Kinds of files. */

static void make_socket(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert(fd >= 0);
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s",
             site_fd(), name);
    check_res(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

TEST(what_is_no_file_is_not_there_and_holds_nobody_up)
{
    start(NULL);
    check_res(mkfifoat(site_fd(), "root/fifo", 0644), 0);
    make_socket("root/socket");
    site_dir("root/d");
    check_res(mkfifoat(site_fd(), "root/d/index.html", 0644), 0);
    int writer = open(site_path("root/fifo"), O_RDWR | O_CLOEXEC);

    check(writer >= 0 && write(writer, SECRET, 10) == 10);
    for (int i = 0; i < 3; i++) {
        check_get("/fifo", 404, NULL);
        check_get("/socket", 404, NULL);
        check_get("/d/", 404, NULL);
    }
    close(writer);
    check_get("/fifo", 404, NULL);
    stop();
}

TEST(a_device_is_not_there)
{
    start(NULL);
    check_res(mknodat(site_fd(), "root/zero", S_IFCHR | 0644, 1 << 8 | 5), 0);
    check_res(mknodat(site_fd(), "root/tty", S_IFCHR | 0644, 5 << 8), 0);
    check_get("/zero", 404, NULL);
    check_get("/tty", 404, NULL);
    stop();
}

/* Root reads whatever it likes: then the server runs as another user. */
static void start_without_privileges(void)
{
    bool is_root = geteuid() == 0;

    if (is_root) {
        check_res(setresgid(NOBODY, NOBODY, 0), 0);
        check_res(setresuid(NOBODY, NOBODY, 0), 0);
    }
    daemon_start(&server, "serve", "--root", site_root, NULL);
    if (is_root) {
        check_res(setresuid(0, 0, 0), 0);
        check_res(setresgid(0, 0, 0), 0);
    }
}

TEST(a_file_that_may_not_be_read_is_403)
{
    site_make();
    site_text("root/file", "here");
    site_text("root/locked", SECRET);
    check_res(fchmodat(site_fd(), "root/locked", 0, 0), 0);
    site_dir("root/d");
    site_text("root/d/file", SECRET);
    check_res(fchmodat(site_fd(), "root/d", 0, 0), 0);
    start_without_privileges();
    for (int i = 0; i < 2; i++) {
        check_get("/locked", 403, NULL);
        check_get("/d/file", 403, NULL);
        check_get("/d/", 403, NULL);
        check_get("/file", 200, "here");
    }
    check_res(fchmodat(site_fd(), "root/file", 0, 0), 0);
    check_get("/file", 403, NULL);
    check_res(fchmodat(site_fd(), "root/file", 0644, 0), 0);
    check_get("/file", 200, "here");
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

TEST(a_length_beyond_four_gibibytes_is_told_and_served)
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

/* Files that misbehave. */

/* A server whose root has a directory of another file system, with "source". */
static void begin_with_fuse(size_t len, const struct fuse_faults *faults)
{
    site_make();
    site_text("root/file", "here");
    site_dir("root/mnt");
    fuse_serve(site_path("root/mnt"), len, faults);
    daemon_start(&server, "serve", "--root", site_root, NULL);
    client_open(&c);
}

static void end_with_fuse(void)
{
    client_close(&c);
    check_get("/file", 200, "here");
    daemon_await_counter(&server, "connections", 0);
    daemon_stop(&server);
    check_res(umount2(site_path("root/mnt"), MNT_DETACH), 0);
    site_remove();
}

TEST(a_file_that_is_read_in_small_parts_comes_whole)
{
    const struct fuse_faults faults = {.completes_later = 1, .read_max = 1000};
    size_t wrong = 0;

    begin_with_fuse(300000, &faults);
    for (int round = 0; round < 2; round++) {
        client_get(&c, "/mnt/source", &a);
        ck_assert_int_eq(a.status, 200);
        ck_assert_uint_eq(a.body_len, 300000);
        for (size_t i = 0; i < a.body_len; i++)
            wrong += (unsigned char)a.body[i] != fuse_byte(i);
        ck_assert_uint_eq(wrong, 0);
    }
    end_with_fuse();
}

/* Its length is out by then: nobody must take what came for the whole. */
TEST(a_file_that_cannot_be_read_to_its_end_resets_the_connection)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .read_fail_at = 600000, .read_error = EIO};
    static char bytes[1 << 20];
    long got;

    begin_with_fuse(1 << 20, &faults);
    client_send(&c, GET("/mnt/source"));
    client_take_only_head(&c, &a);
    ck_assert_int_eq(a.length, 1 << 20);
    while ((got = client_read(&c, bytes, sizeof bytes)) > 0)
        continue;
    check_res(got, -ECONNRESET);
    end_with_fuse();
}

TEST(a_file_that_cannot_be_read_at_all_is_500)
{
    const struct fuse_faults faults = {.completes_later = 1, .read_error = EIO};

    begin_with_fuse(1 << 20, &faults);
    client_get(&c, "/mnt/source", &a);
    check_page(&a, 500);
    ck_assert(!a.closes);
    client_get(&c, "/file", &a);
    check_answer(&a, 200, "here");
    end_with_fuse();
}

TEST(a_file_that_has_less_than_it_says_is_500)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .lies = 1, .says_len = 5000};

    begin_with_fuse(1000, &faults);
    client_get(&c, "/mnt/source", &a);
    check_page(&a, 500);
    end_with_fuse();
}

TEST(a_file_that_has_more_than_it_says_is_as_long_as_it_says)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .lies = 1, .says_len = 1000};

    begin_with_fuse(5000, &faults);
    client_get(&c, "/mnt/source", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_uint_eq(a.body_len, 1000);
    client_get(&c, "/file", &a);
    check_answer(&a, 200, "here");
    end_with_fuse();
}

static const char *not_root(void)
{
    return geteuid() == 0 ? NULL : "needs root";
}

int main(void)
{
    suite_begin("serve_files");
    suite_add(the_name_says_the_type);
    suite_add(a_directory_is_its_index);
    suite_add(a_directory_without_its_slash_is_redirected);
    suite_add(what_is_encoded_is_decoded_once);
    suite_add(what_begins_with_a_dot_is_not_there);
    suite_add(unless_it_is_told_to_show_hidden_files);
    suite_add(no_target_leaves_the_root);
    suite_add(a_target_that_begins_elsewhere_is_no_target);
    suite_add(a_link_that_stays_inside_is_followed);
    suite_add(a_link_that_leaves_the_root_is_not_there);
    suite_add(what_is_no_file_is_not_there_and_holds_nobody_up);
    suite_add_unless(not_root(), a_device_is_not_there);
    suite_add(a_file_that_may_not_be_read_is_403);
    suite_add(a_file_of_any_size_comes_whole);
    suite_add(a_length_beyond_four_gibibytes_is_told_and_served);
    suite_add_unless(fuse_missing(),
                     a_file_that_is_read_in_small_parts_comes_whole);
    suite_add_unless(
        fuse_missing(),
        a_file_that_cannot_be_read_to_its_end_resets_the_connection);
    suite_add_unless(fuse_missing(), a_file_that_cannot_be_read_at_all_is_500);
    suite_add_unless(fuse_missing(), a_file_that_has_less_than_it_says_is_500);
    suite_add_unless(fuse_missing(),
                     a_file_that_has_more_than_it_says_is_as_long_as_it_says);
    return suite_end();
}

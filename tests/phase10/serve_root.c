/* serve_root.c: serve from outside: files that must not be served: everything
 * outside the root, and anything inside that is not a file or may not be read.
 *
 * Judges: serve. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "unprivileged.h"

#define CORPUS "tests/phase10/traversal.txt"
#define SECRET "this must never be seen"

#define countof(array) (sizeof array / sizeof *array)

static struct client c;
static struct answer a;

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

TEST(a_target_that_does_not_begin_at_the_root_is_refused)
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
        check_redirect("/dir", "dir/");
    }
    stop();
}

TEST(a_link_that_leaves_the_root_is_404)
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

TEST(with_no_symlinks_no_link_is_followed)
{
    start("--no-symlinks", "--listing", NULL);
    site_dir("root/d");
    site_text("root/d/file", "here");
    site_text("root/file", "there");
    site_link("root/link", "file");
    site_link("root/dir", "d");
    site_link("root/d/up", "..");
    site_dir("root/e");
    site_link("root/e/index.html", "../file");
    for (int i = 0; i < 2; i++) {
        check_get("/file", 200, "there");
        check_get("/d/file", 200, "here");
        check_get("/link", 404, NULL);
        check_get("/dir", 404, NULL);
        check_get("/dir/", 404, NULL);
        check_get("/dir/file", 404, NULL);
        check_get("/d/up/file", 404, NULL);
        check_get("/e/", 404, NULL);
    }
    client_open(&c);
    client_get(&c, "/d/", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert(strstr(a.body, "file") != NULL);
    ck_assert(strstr(a.body, "up") == NULL);
    client_close(&c);
    stop();
}

TEST(a_file_in_place_of_a_directory_is_404)
{
    start(NULL);
    site_text("root/file", "here");
    for (int i = 0; i < 2; i++) {
        check_get("/file/", 404, NULL);
        check_get("/file/x", 404, NULL);
        check_get("/file/x/", 404, NULL);
        check_get("/file/../file", 200, "here");
    }
    stop();
}

TEST(a_fifo_or_socket_is_404_and_holds_up_no_client)
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

TEST(a_device_is_404)
{
    start(NULL);
    check_res(mknodat(site_fd(), "root/zero", S_IFCHR | 0644, 1 << 8 | 5), 0);
    check_res(mknodat(site_fd(), "root/tty", S_IFCHR | 0644, 5 << 8), 0);
    check_get("/zero", 404, NULL);
    check_get("/tty", 404, NULL);
    stop();
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

static const char *not_root(void)
{
    return geteuid() == 0 ? NULL : "needs root";
}

int main(void)
{
    suite_begin("serve_root");
    suite_stage("errors");
    suite_add(no_target_leaves_the_root);
    suite_add(a_target_that_does_not_begin_at_the_root_is_refused);
    suite_add(a_link_that_stays_inside_is_followed);
    suite_add(a_link_that_leaves_the_root_is_404);
    suite_add(with_no_symlinks_no_link_is_followed);
    suite_add(a_file_in_place_of_a_directory_is_404);
    suite_add(a_fifo_or_socket_is_404_and_holds_up_no_client);
    suite_add_unless(not_root(), a_device_is_404);
    suite_add(a_file_that_may_not_be_read_is_403);
    return suite_end();
}

/* watch.c: changes of directories, as the real kernel reports them. */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "with_loop.h"
#include "await.h"
#include "client.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)

static struct watch w;

/* Runs a test's body in a loop that watches a new root. */
static void in_watched_site(task_fn *body)
{
    site_make();
    site_dir("root/a");
    site_dir("root/a/b");
    site_dir("root/c");
    site_text("root/f", "x");
    site_text("root/a/f", "x");
    site_text("root/a/b/f", "x");
    site_text("root/c/f", "x");
    check_res(run(body, NULL), 0);
    site_remove();
}

static void begin(void)
{
    int root = open(site_root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    check(root >= 0);
    check_res(watch_init(&w, root), 0);
}

static int end(void)
{
    close(w.root);
    watch_finish(&w);
    return 0;
}

static struct watch_stamp stamp_of(const char *path)
{
    struct watch_stamp stamp;

    check_res(watch_take_stamp(&w, path, &stamp), 0);
    return stamp;
}

/* As a task sees it that was resumed after the change. */
static bool await_is_current(const struct watch_stamp *stamp)
{
    check_res(await_nop(), 0);
    return watch_is_current(&w, stamp);
}

/* Everything that can be done to a file, or to the name of one. */

static void write_in(void)
{
    int fd = openat(site_fd(), "root/a/f", O_WRONLY | O_CLOEXEC);

    check(fd >= 0 && pwrite(fd, "y", 1, 0) == 1);
    close(fd);
}

static void truncate_it(void)
{
    check_res(truncate(site_path("root/a/f"), 0), 0);
}

static void make_another(void)
{
    site_text("root/a/new", "");
}

static void delete_it(void)
{
    check_res(unlinkat(site_fd(), "root/a/f", 0), 0);
}

static void move_it_away(void)
{
    check_res(renameat(site_fd(), "root/a/f", site_fd(), "moved"), 0);
}

static void move_another_there(void)
{
    check_res(renameat(site_fd(), "root/c/f", site_fd(), "root/a/f"), 0);
}

static void change_its_mode(void)
{
    check_res(fchmodat(site_fd(), "root/a/f", 0600, 0), 0);
}

static void change_its_time(void)
{
    check_res(utimensat(site_fd(), "root/a/f", NULL, 0), 0);
}

static void link_it(void)
{
    check_res(linkat(site_fd(), "root/a/f", site_fd(), "root/a/g", 0), 0);
}

static void make_a_symlink(void)
{
    site_link("root/a/s", "f");
}

static void move_its_directory(void)
{
    check_res(renameat(site_fd(), "root/a", site_fd(), "root/z"), 0);
}

static void lock_its_directory(void)
{
    check_res(fchmodat(site_fd(), "root/a", 0, 0), 0);
}

static void (*const changes[])(void) = {
    write_in,           truncate_it,     make_another,       delete_it,
    move_it_away,       change_its_mode, move_another_there, change_its_time,
    link_it,            make_a_symlink,  move_its_directory, lock_its_directory,
};

static int see_changes(void *arg)
{
    struct watch_stamp stamp;
    size_t i = *(const size_t *)arg;

    begin();
    stamp = stamp_of("a/f");
    ck_assert(await_is_current(&stamp));
    ck_assert(await_is_current(&stamp));
    changes[i]();
    ck_assert_msg(!await_is_current(&stamp), "change %zu was not seen", i);
    ck_assert(!await_is_current(&stamp));
    return end();
}

TEST(every_change_of_a_file_or_its_name_is_seen)
{
    for (size_t i = 0; i < countof(changes); i++) {
        site_make();
        site_dir("root/a");
        site_dir("root/c");
        site_text("root/a/f", "x");
        site_text("root/c/f", "x");
        check_res(run(see_changes, &i), 0);
        site_remove();
    }
}

TASK_TEST_IN(files_of_other_directories_are_not_disturbed, in_watched_site)
{
    struct watch_stamp in_root, in_a, in_b, in_c;

    begin();
    in_root = stamp_of("f");
    in_a = stamp_of("a/f");
    in_b = stamp_of("a/b/f");
    in_c = stamp_of("c/f");
    write_in();
    ck_assert(!await_is_current(&in_a));
    ck_assert(await_is_current(&in_root));
    ck_assert(await_is_current(&in_b));
    ck_assert(await_is_current(&in_c));
    in_a = stamp_of("a/f");
    ck_assert(await_is_current(&in_a));
    return end();
}

TASK_TEST_IN(a_directory_that_changes_disturbs_all_beneath, in_watched_site)
{
    struct watch_stamp deep;

    begin();
    deep = stamp_of("a/b/f");
    move_its_directory();
    ck_assert(!await_is_current(&deep));
    check_res(watch_take_stamp(&w, "a/b/f", &deep), -ENOENT);
    deep = stamp_of("z/b/f");
    ck_assert(await_is_current(&deep));
    site_dir("root/z/new");
    ck_assert(!await_is_current(&deep));
    return end();
}

TASK_TEST_IN(what_is_no_directory_is_not_watched, in_watched_site)
{
    struct watch_stamp stamp;

    begin();
    site_link("root/link", "a");
    site_link("root/out", "/");
    check_res(watch_take_stamp(&w, "none/f", &stamp), -ENOENT);
    check_res(watch_take_stamp(&w, "f/f", &stamp), -ENOTDIR);
    check_res(watch_take_stamp(&w, "link/f", &stamp), -ENOTDIR);
    check_res(watch_take_stamp(&w, "out/f", &stamp), -ENOTDIR);
    return end();
}

/* The kernel's own count of what this inotify watches. */
static int watches(void)
{
    char path[64], line[256];
    FILE *file;
    int count = 0;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", w.fd);
    file = fopen(path, "r");
    ck_assert(file != NULL);
    while (fgets(line, sizeof line, file) != NULL)
        count += strncmp(line, "inotify wd:", 11) == 0;
    fclose(file);
    return count;
}

/* As if so many directories had been watched, and removed again: descriptors
 * are numbers that only grow. */
static void use_up(int count)
{
    for (int i = 0; i < count; i++) {
        int dir = inotify_add_watch(w.fd, "/", IN_CREATE);

        if (dir < 0 || inotify_rm_watch(w.fd, dir) != 0)
            ck_abort_msg("inotify: %s", strerror(errno));
    }
}

TASK_TEST_IN(when_descriptors_are_used_up_it_begins_anew, in_watched_site)
{
    struct watch_stamp stamp, first;
    char path[64];

    begin();
    first = stamp_of("a/f");
    use_up(WATCH_DIRS_MAX - 20);
    ck_assert(await_is_current(&first));
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "root/c/%d", i);
        site_dir(path);
        strcat(path, "/f");
        stamp = stamp_of(path + strlen("root/"));
    }
    ck_assert(await_is_current(&stamp));
    ck_assert(!await_is_current(&first)); /* forgotten: nobody looks there */
    ck_assert_int_le(watches(), 40);
    first = stamp_of("a/f");
    ck_assert(await_is_current(&first));
    write_in();
    ck_assert(!await_is_current(&first));
    return end();
}

/* When the last descriptor is for the root, for one directory, or for both. */
TASK_TEST_IN(also_in_the_middle_of_a_path, in_watched_site)
{
    struct watch_stamp before, stamp;

    for (int left = 0; left < 3; left++) {
        begin();
        before = stamp_of("f");
        use_up(WATCH_DIRS_MAX - 2 - left);
        ck_assert(await_is_current(&before));
        stamp = stamp_of("a/b/f");
        ck_assert(await_is_current(&stamp));
        ck_assert(await_is_current(&before) == (left == 2));
        write_in();
        ck_assert(await_is_current(&stamp));
        move_its_directory();
        ck_assert(!await_is_current(&stamp));
        check_res(renameat(site_fd(), "root/z", site_fd(), "root/a"), 0);
        end();
    }
    return 0;
}

static const char *why_events_are_not_lost(void)
{
    char text[32];
    int got = sys_read_text("/proc/sys/fs/inotify/max_queued_events", text,
                            sizeof text);

    return got > 0 && atoi(text) < 20000 ? NULL
                                         : "max_queued_events is 20000 or more";
}

/* More changes than the kernel keeps for us. */
TASK_TEST_IN(when_events_were_lost_nothing_is_current, in_watched_site)
{
    struct watch_stamp elsewhere;
    int one, other;

    begin();
    site_text("root/a/g", "x");
    one = openat(site_fd(), "root/a/f", O_WRONLY | O_CLOEXEC);
    other = openat(site_fd(), "root/a/g", O_WRONLY | O_CLOEXEC);
    stamp_of("a/f");
    elsewhere = stamp_of("c/f");
    ck_assert(await_is_current(&elsewhere));
    for (int i = 0; i < 20000; i++) { /* max_queued_events: 16384 */
        if (pwrite(i % 2 ? one : other, "z", 1, 0) != 1)
            ck_abort_msg("cannot write");
    }
    ck_assert(!await_is_current(&elsewhere));
    elsewhere = stamp_of("c/f");
    ck_assert(await_is_current(&elsewhere));
    close(one);
    close(other);
    return end();
}

TASK_TEST_IN(a_count_that_begins_anew_is_another_count, in_watched_site)
{
    struct watch_stamp stamp;

    begin();
    stamp = stamp_of("a/f");
    w.dirs[stamp.dir] = UINT32_MAX;
    stamp = stamp_of("a/f");
    ck_assert_uint_eq(stamp.in_dir, UINT32_MAX);
    ck_assert(await_is_current(&stamp));
    write_in();
    ck_assert(!await_is_current(&stamp));
    return end();
}

/* The completions that the kernel posts before that of the request. */
struct crowd {
    struct task tasks[64];
    int fds[64];
};

static int wait_in_crowd(void *arg) /* task body */
{
    uint64_t value;

    return await_read(*(int *)arg, &value, sizeof value, AWAIT_STREAM);
}

/* A change, and then a request: the data is there when the receive begins, so
 * that it completes at once, ahead of the completions that the kernel posts
 * later. It posts 20 at a time, and here are 64 that came before the change. */
TASK_TEST_IN(a_change_before_a_request_is_seen_before_it_whatever_else_goes_on,
             in_watched_site)
{
    static struct crowd crowd;
    struct watch_stamp stamp;
    char byte;
    int ends[2];

    begin();
    check_res(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    for (size_t i = 0; i < countof(crowd.fds); i++) {
        crowd.fds[i] = eventfd(0, EFD_CLOEXEC);
        check_res(task_spawn(&crowd.tasks[i], "crowd", wait_in_crowd,
                             &crowd.fds[i]), 0);
    }
    stamp = stamp_of("a/f");
    ck_assert(await_is_current(&stamp));
    check_res(await_nop(), 0);
    for (size_t i = 0; i < countof(crowd.fds); i++)
        check_res(eventfd_write(crowd.fds[i], 1), 0);
    write_in();
    check(write(ends[0], "?", 1) == 1);
    check_res(await_recv(ends[1], &byte, 1, 0), 1);
    ck_assert(!watch_is_current(&w, &stamp));
    for (size_t i = 0; i < countof(crowd.fds); i++) {
        check_res(task_join(&crowd.tasks[i]), sizeof(uint64_t));
        close(crowd.fds[i]);
    }
    close(ends[0]);
    close(ends[1]);
    return end();
}

TASK_TEST_IN(without_a_descriptor_nothing_is_watched, in_watched_site)
{
    int root = open(site_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct rlimit limit, none;
    struct watch_stamp stamp;

    check_res(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){(rlim_t)root + 1, limit.rlim_max};
    check_res(setrlimit(RLIMIT_NOFILE, &none), 0);
    check_res(watch_init(&w, root), -EMFILE);
    check_res(watch_take_stamp(&w, "f", &stamp), -ENOSPC);
    check_res(setrlimit(RLIMIT_NOFILE, &limit), 0);
    close(root);
    watch_finish(&w);
    return 0;
}

TEST(a_zeroed_watch_can_be_finished)
{
    struct watch zeroed = {0};

    watch_finish(&zeroed);
    ck_assert_ptr_null(zeroed.dirs);
}

int main(void)
{
    suite_begin("watch");
    suite_add(every_change_of_a_file_or_its_name_is_seen);
    suite_add(files_of_other_directories_are_not_disturbed);
    suite_add(a_directory_that_changes_disturbs_all_beneath);
    suite_add(what_is_no_directory_is_not_watched);
    suite_add(when_descriptors_are_used_up_it_begins_anew);
    suite_add(also_in_the_middle_of_a_path);
    suite_add_unless(why_events_are_not_lost(),
                     when_events_were_lost_nothing_is_current);
    suite_add(a_count_that_begins_anew_is_another_count);
    suite_add(
        a_change_before_a_request_is_seen_before_it_whatever_else_goes_on);
    suite_add(without_a_descriptor_nothing_is_watched);
    suite_add(a_zeroed_watch_can_be_finished);
    return suite_end();
}

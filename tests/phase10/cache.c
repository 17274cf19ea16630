/* cache.c: files opened beneath a root, and their copies; with a real loop. */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "with_loop.h"
#include "await.h"
#include "client.h"
#include "fds.h"
#include "mounts.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)

static struct cache cache;

/* Runs a test's body in a loop, with a cache of a root of its own. */
static void in_site(task_fn *body)
{
    int before = fds_open();

    site_make();
    check_res(run(body, NULL), 0);
    site_remove();
    ck_assert_int_eq(fds_open(), before);
}

static void begin(void)
{
    int root = open(site_root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    check(root >= 0);
    check_res(cache_init(&cache, root), 0);
}

static int end(void)
{
    int root = cache.root;

    cache_finish(&cache);
    close(root);
    return 0;
}

static int await_open(const char *path, struct resource *out)
{
    return cache_await_open(&cache, view_of(path), out);
}

static void await_close_it(struct resource *file)
{
    cache_await_close(&cache, file);
}

/* What the resource says is in the file, whether it is a copy or the file. */
static void await_check_text(const struct resource *file, const char *text)
{
    static char bytes[CACHE_CONTENT_MAX + 1];
    const char *content = file->content;

    ck_assert_uint_eq(file->size, strlen(text));
    if (content == NULL) {
        content = bytes;
        check_res(await_read(file->fd, bytes, sizeof bytes, 0), file->size);
    }
    ck_assert_msg(memcmp(content, text, file->size) == 0, "not \"%s\"", text);
}

/* Opens, compares and closes. Returns whether it was a copy. */
static bool await_expect(const char *path, const char *text)
{
    struct resource file;
    bool is_copy;

    check_res(await_open(path, &file), 0);
    ck_assert(!file.is_directory);
    await_check_text(&file, text);
    is_copy = file.content != NULL;
    await_close_it(&file);
    return is_copy;
}

static int open_twice(void *arg)
{
    (void)arg;
    site_text("root/f", "hello");
    begin();
    for (int i = 0; i < 10; i++)
        ck_assert(await_expect("f", "hello"));
    ck_assert_uint_eq(cache.misses, 1);
    ck_assert_uint_eq(cache.hits, 9);
    return end();
}

TEST(the_second_time_a_file_comes_from_memory)
{
    in_site(open_twice);
}

static int open_sizes(void *arg)
{
    static const size_t sizes[] = {0, 1, 4096, CACHE_CONTENT_MAX - 1,
                                   CACHE_CONTENT_MAX, CACHE_CONTENT_MAX + 1};
    struct resource file;
    char name[32];

    (void)arg;
    begin();
    for (size_t i = 0; i < countof(sizes); i++) {
        snprintf(name, sizeof name, "root/%zu", sizes[i]);
        site_pattern(name, sizes[i]);
        for (int round = 0; round < 2; round++) {
            check_res(await_open(name + strlen("root/"), &file), 0);
            ck_assert_uint_eq(file.size, sizes[i]);
            ck_assert((file.content != NULL) ==
                      (file.size <= CACHE_CONTENT_MAX));
            ck_assert((file.fd >= 0) == (file.content == NULL));
            if (file.content != NULL)
                ck_assert(is_pattern(file.content, sizes[i], 0));
            await_close_it(&file);
        }
    }
    return end();
}

TEST(a_file_is_kept_up_to_a_size)
{
    in_site(open_sizes);
}

static int open_others(void *arg)
{
    struct resource file;

    (void)arg;
    site_dir("root/d");
    site_text("root/f", "x");
    site_text("secret", "x");
    site_link("root/out", "../secret");
    site_link("root/absolute", "/etc/passwd");
    site_link("root/loop", "loop");
    site_link("root/magic", "/proc/self/exe");
    check_res(mkfifoat(site_fd(), "root/fifo", 0644), 0);
    begin();
    for (int i = 0; i < 2; i++) {
        check_res(await_open("none", &file), -ENOENT);
        check_res(await_open("none/f", &file), -ENOENT);
        check_res(await_open("f/f", &file), -ENOTDIR);
        check_res(await_open("f/", &file), -ENOTDIR);
        check_res(await_open("out", &file), -EXDEV);
        check_res(await_open("absolute", &file), -EXDEV);
        check_res(await_open("..", &file), -EXDEV);
        check_res(await_open("../secret", &file), -EXDEV);
        check_res(await_open("/etc/passwd", &file), -EXDEV);
        check_res(await_open("loop", &file), -ELOOP);
        check_res(await_open("magic", &file), -EXDEV);
        check_res(await_open("fifo", &file), -ENXIO);
        check_res(await_open("d", &file), 0);
        ck_assert(file.is_directory && file.content == NULL);
        await_close_it(&file);
        check_res(await_open("", &file), 0);
        ck_assert(file.is_directory && file.content == NULL);
        await_close_it(&file);
    }
    ck_assert_uint_eq(cache.hits, 0);
    return end();
}

TEST(what_is_no_file_beneath_the_root_is_not_opened_as_one)
{
    in_site(open_others);
}

/* An entry that was given up is not the entry of a path without letters. */
static int open_root_often(void *arg)
{
    struct resource file;
    char name[32];

    (void)arg;
    begin();
    for (unsigned i = 0; i < CACHE_ENTRIES / 2; i++) {
        snprintf(name, sizeof name, "root/%u", i);
        site_text(name, "x");
        await_expect(name + strlen("root/"), "x");
    }
    for (unsigned i = 0; i < 2 * CACHE_ENTRIES; i++) {
        snprintf(name, sizeof name, "none%u", i);
        check_res(await_open(name, &file), -ENOENT);
    }
    check_res(await_open("", &file), 0);
    ck_assert(file.is_directory);
    await_close_it(&file);
    return end();
}

TEST(the_root_is_never_a_file)
{
    in_site(open_root_often);
}

static int open_links(void *arg)
{
    (void)arg;
    site_dir("root/d");
    site_text("root/d/f", "hello");
    site_link("root/link", "d/f");
    site_link("root/dir", "d");
    begin();
    for (int i = 0; i < 3; i++) {
        ck_assert(!await_expect("link", "hello"));
        ck_assert(!await_expect("dir/f", "hello"));
    }
    return end();
}

TEST(what_lies_behind_a_link_is_opened_and_not_kept)
{
    in_site(open_links);
}

/* A mount may be a slow server's: to watch it would wait for that. */
static int open_mounted(void *arg)
{
    (void)arg;
    site_dir("root/mnt");
    check_res(mount("test", site_path("root/mnt"), "tmpfs", 0, NULL), 0);
    site_text("root/mnt/f", "hello");
    begin();
    for (int i = 0; i < 3; i++)
        ck_assert(!await_expect("mnt/f", "hello"));
    check_res(umount2(site_path("root/mnt"), MNT_DETACH), 0);
    return end();
}

TEST(what_lies_on_another_file_system_is_opened_and_not_kept)
{
    check_res(mounts_leave(), 0);
    in_site(open_mounted);
}

static int open_long_names(void *arg)
{
    char path[512] = "root";
    size_t len = 4;

    (void)arg;
    begin();
    while (len < 300) {
        bool is_copy;

        memset(path + len, 'd', 60);
        path[len] = '/';
        path[len += 60] = '\0';
        site_dir(path);
        strcpy(path + len, "/f");
        site_text(path, "hello");
        is_copy = await_expect(path + strlen("root/"), "hello");
        is_copy = await_expect(path + strlen("root/"), "hello");
        ck_assert(is_copy == (len + 2 - strlen("root/") <= CACHE_PATH_MAX));
    }
    return end();
}

TEST(a_name_that_is_too_long_is_not_kept)
{
    in_site(open_long_names);
}

/* Users. */

static int change_in_use(void *arg)
{
    struct resource old, new;

    (void)arg;
    site_text("root/f", "old");
    begin();
    check_res(await_open("f", &old), 0);
    ck_assert_ptr_nonnull(old.content);
    site_text("root/f", "newer");
    check_res(await_nop(), 0);
    check_res(await_open("f", &new), 0);
    await_check_text(&old, "old");
    await_check_text(&new, "newer");
    await_close_it(&new);
    ck_assert(await_expect("f", "newer"));
    ck_assert_uint_eq(cache.hits, 1); /* there is one copy, and it is found */
    await_check_text(&old, "old");
    await_close_it(&old);
    ck_assert(await_expect("f", "newer"));
    return end();
}

TEST(who_has_a_copy_keeps_it_when_the_file_changes)
{
    in_site(change_in_use);
}

#define MANY (2 * CACHE_ENTRIES)

static void make_many(void)
{
    char name[32], text[32];

    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "root/%u", i);
        snprintf(text, sizeof text, "this is %u", i);
        site_text(name, text);
    }
}

static int evict(void *arg)
{
    struct resource held;
    char name[32], text[32];

    (void)arg;
    make_many();
    site_text("root/held", "held");
    begin();
    check_res(await_open("held", &held), 0);
    ck_assert_ptr_nonnull(held.content);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%u", i);
        snprintf(text, sizeof text, "this is %u", i);
        ck_assert_msg(await_expect(name, text), "no room for %u", i);
    }
    await_check_text(&held, "held");
    await_close_it(&held);
    return end();
}

TEST(there_is_room_for_another_but_not_where_somebody_reads)
{
    in_site(evict);
}

static int hold_many(void *arg)
{
    static struct resource files[MANY];
    unsigned copies = 0;
    char name[32], text[32];

    (void)arg;
    make_many();
    begin();
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%u", i);
        check_res(await_open(name, &files[i]), 0);
        copies += files[i].content != NULL;
    }
    ck_assert_uint_gt(copies, CACHE_ENTRIES / 2);
    ck_assert_uint_le(copies, CACHE_ENTRIES);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "this is %u", i);
        await_check_text(&files[i], text);
        await_close_it(&files[i]);
    }
    ck_assert(await_expect("0", "this is 0"));
    ck_assert(await_expect("0", "this is 0"));
    return end();
}

/* An ordinary user's limit is often 1024, but not what it may be raised to. */
static const char *too_few_files(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return sys_open_files_max() > MANY + 100 ? NULL
                                             : "needs 1200 open files";
}

TEST(when_all_copies_are_read_files_are_opened)
{
    in_site(hold_many);
}

/* To look for what is not there must not cost those who look for what is. The
 * copy is trusted for a second: who takes longer has shown nothing. */
static int miss_often(void *arg)
{
    struct resource file;
    char name[32];

    (void)arg;
    site_text("root/f", "hello");
    begin();
    for (int tries = 0; tries < 100; tries++) {
        uint64_t start_ns, hits;

        await_expect("f", "hello");
        start_ns = loop_now_ns();
        hits = cache.hits;
        for (unsigned i = 0; i < 1000; i++) {
            snprintf(name, sizeof name, "none%u", i);
            check_res(await_open(name, &file), -ENOENT);
        }
        await_expect("f", "hello");
        if (loop_now_ns() - start_ns < CACHE_TRUST_NS) {
            ck_assert_uint_eq(cache.hits, hits + 1);
            return end();
        }
    }
    ck_abort_msg("this machine is too slow");
}

TEST(what_is_not_there_drives_nothing_out)
{
    in_site(miss_often);
}

/* Several at once. */

struct reader {
    struct task task;
    struct resource file;
    char bytes[70000];
};

static int open_f(void *arg) /* task body */
{
    struct reader *reader = arg;

    return await_open("f", &reader->file);
}

static int open_together(void *arg)
{
    static struct reader readers[50];
    const struct cache_entry *entry = NULL;

    (void)arg;
    site_text("root/f", "hello");
    begin();
    for (size_t i = 0; i < countof(readers); i++)
        check_res(task_spawn(&readers[i].task, "reader", open_f, &readers[i]),
                  0);
    for (size_t i = 0; i < countof(readers); i++) {
        check_res(task_join(&readers[i].task), 0);
        await_check_text(&readers[i].file, "hello");
        if (readers[i].file.entry == NULL)
            continue;
        ck_assert_msg(entry == NULL || entry == readers[i].file.entry,
                      "there are two copies");
        entry = readers[i].file.entry;
    }
    ck_assert_ptr_nonnull(entry);
    for (size_t i = 0; i < countof(readers); i++)
        await_close_it(&readers[i].file);
    ck_assert(await_expect("f", "hello"));
    return end();
}

TEST(who_comes_while_a_copy_is_made_goes_without)
{
    in_site(open_together);
}

/* A file that is replaced while others make copies of it. */

static int read_again_and_again(void *arg) /* task body */
{
    struct reader *reader = arg;

    for (int i = 0; i < 30; i++) {
        struct resource *file = &reader->file;
        const char *content;

        check_res(await_open("f", file), 0);
        content = file->content;
        if (content == NULL) {
            content = reader->bytes;
            check_res(await_read(file->fd, reader->bytes, sizeof reader->bytes,
                                 0), file->size);
        }
        ck_assert(file->size == (content[0] == 'A' ? 70000 : 50000));
        ck_assert_msg(memcmp(content, content + 1, file->size - 1) == 0,
                      "a mixture");
        await_close_it(file);
    }
    return 0;
}

static int replace_and_read(void *arg)
{
    static struct reader readers[8];
    static char a[70000], b[50000];
    bool is_over = false;

    (void)arg;
    memset(a, 'A', sizeof a);
    memset(b, 'B', sizeof b);
    site_bytes("root/f", a, sizeof a);
    begin();
    for (size_t i = 0; i < countof(readers); i++)
        check_res(task_spawn(&readers[i].task, "reader", read_again_and_again,
                             &readers[i]), 0);
    for (int count = 0; !is_over; count++) {
        site_bytes("root/next", count % 2 ? a : b,
                   count % 2 ? sizeof a : sizeof b);
        check_res(renameat(site_fd(), "root/next", site_fd(), "root/f"), 0);
        check_res(await_nop(), 0);
        is_over = true;
        for (size_t i = 0; i < countof(readers); i++)
            is_over = is_over && readers[i].task.state == TASK_ENDED;
    }
    return end();
}

TEST(a_copy_is_never_of_two_files)
{
    in_site(replace_and_read);
}

/* Trust. */

static int wait_out_the_trust(void *arg)
{
    (void)arg;
    site_text("root/f", "hello");
    begin();
    await_expect("f", "hello");
    check_res(await_sleep_ns(CACHE_TRUST_NS), 0);
    ck_assert(await_expect("f", "hello"));
    ck_assert_uint_eq(cache.misses, 2);
    return end();
}

TEST(a_copy_is_trusted_for_a_while_only)
{
    in_site(wait_out_the_trust);
}

static int open_unwatched(void *arg)
{
    int root = open(site_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct rlimit limit, none;

    (void)arg;
    site_text("root/f", "hello");
    check_res(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){(rlim_t)root + 1, limit.rlim_max};
    check_res(setrlimit(RLIMIT_NOFILE, &none), 0);
    check_res(cache_init(&cache, root), 0);
    check_res(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int i = 0; i < 3; i++)
        ck_assert(!await_expect("f", "hello"));
    return end();
}

TEST(without_a_watch_files_are_opened_and_nothing_is_kept)
{
    in_site(open_unwatched);
}

/* Interruptions. */

static struct {
    char text[32]; /* what is in the file */
    bool is_cancelled;
} now;

static int open_and_wait(void *arg) /* task body */
{
    struct reader *reader = arg;
    int rc = await_open("f", &reader->file);
    bool is_due = now.is_cancelled;

    if (rc < 0)
        return rc;
    rc = await_nop();
    ck_assert_msg(!is_due || rc == -ECANCELED, "the cancel is lost");
    await_check_text(&reader->file, now.text);
    await_close_it(&reader->file);
    return rc;
}

/* Cancels the opening after any number of iterations of the loop: the opening
 * says so, or the next call does. What was given up is not taken for a copy. */
static int cancel_anywhere(void *arg)
{
    static struct reader reader;
    int cancelled = 0;

    (void)arg;
    site_text("root/f", "");
    begin();
    for (int iterations = 0; iterations < 60; iterations++) {
        await_expect("f", iterations > 0 ? now.text : "");
        snprintf(now.text, sizeof now.text, "this is %d", iterations);
        site_text("root/f", now.text);
        check_res(await_nop(), 0);
        now.is_cancelled = false;
        check_res(task_spawn(&reader.task, "reader", open_and_wait, &reader),
                  0);
        for (int i = 0; i < iterations; i++)
            check_res(await_nop(), 0);
        now.is_cancelled = true;
        task_cancel(&reader.task);
        cancelled += task_join(&reader.task) == -ECANCELED;
        await_expect("f", now.text);
    }
    ck_assert_int_gt(cancelled, 5);
    return end();
}

TEST(a_cancel_is_never_lost)
{
    in_site(cancel_anywhere);
}

static int find_no_memory(void *arg)
{
    struct rlimit little = {1 << 20, RLIM_INFINITY}, limit;

    (void)arg;
    check_res(getrlimit(RLIMIT_AS, &limit), 0);
    check_res(setrlimit(RLIMIT_AS, &little), 0);
    check_res(cache_init(&cache, 0), -ENOMEM);
    check_res(setrlimit(RLIMIT_AS, &limit), 0);
    cache_finish(&cache);
    return 0;
}

TEST(without_memory_there_is_no_cache)
{
    in_site(find_no_memory);
}

TEST(a_zeroed_cache_can_be_finished)
{
    struct cache zeroed = {0};

    cache_finish(&zeroed);
    ck_assert_ptr_null(zeroed.entries);
}

int main(void)
{
    suite_begin("cache");
    suite_add(the_second_time_a_file_comes_from_memory);
    suite_add(a_file_is_kept_up_to_a_size);
    suite_add(what_is_no_file_beneath_the_root_is_not_opened_as_one);
    suite_add(the_root_is_never_a_file);
    suite_add(what_lies_behind_a_link_is_opened_and_not_kept);
    suite_add_unless(mounts_missing(),
                     what_lies_on_another_file_system_is_opened_and_not_kept);
    suite_add(a_name_that_is_too_long_is_not_kept);
    suite_add(who_has_a_copy_keeps_it_when_the_file_changes);
    suite_add(there_is_room_for_another_but_not_where_somebody_reads);
    suite_add_unless(too_few_files(),
                     when_all_copies_are_read_files_are_opened);
    suite_add(what_is_not_there_drives_nothing_out);
    suite_add(who_comes_while_a_copy_is_made_goes_without);
    suite_add(a_copy_is_never_of_two_files);
    suite_add(a_copy_is_trusted_for_a_while_only);
    suite_add(without_a_watch_files_are_opened_and_nothing_is_kept);
    suite_add(a_cancel_is_never_lost);
    suite_add_unless(why_memory_is_not_limited(),
                     without_memory_there_is_no_cache);
    suite_add(a_zeroed_cache_can_be_finished);
    return suite_end();
}

/* cache.c: files opened below a root with a real loop: which are opened as
 * files, and of which a copy is kept. */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "await.h"
#include "caching.h"
#include "mounts.h"

TASK_TEST_IN(the_second_time_a_file_comes_from_memory, in_site)
{
    site_text("root/f", "hello");
    begin();
    for (int i = 0; i < 10; i++)
        ck_assert(await_expect("f", "hello"));
    ck_assert_uint_eq(cache.misses, 1);
    ck_assert_uint_eq(cache.hits, 9);
    return end();
}

/* Whether a part of the copy is the pattern, in at most a segment per block. */
static bool part_is_pattern(const struct resource *file, struct range part)
{
    static struct iovec segments[CACHE_SEGMENTS_MAX];
    unsigned count = cache_segments(&cache, file, part, segments);
    size_t offset = part.at;
    size_t blocks = (offset % BLOCK_LEN + part.len + BLOCK_LEN - 1) / BLOCK_LEN;

    ck_assert_uint_le(count, part.len == 0 ? 0 : blocks);
    for (unsigned i = 0; i < count; i++) {
        if (!is_pattern(segments[i].iov_base, segments[i].iov_len, offset))
            return false;
        offset += segments[i].iov_len;
    }
    return offset == part.at + part.len;
}

/* Whether the whole copy is the pattern, and parts at the borders of blocks. */
static bool copy_is_pattern(const struct resource *file)
{
    static const uint64_t borders[] = {
        0, 1, BLOCK_LEN - 1, BLOCK_LEN, BLOCK_LEN + 1, 2 * BLOCK_LEN};

    for (size_t i = 0; i < countof(borders); i++) {
        for (size_t k = i; k < countof(borders); k++) {
            struct range part = {borders[i], borders[k] - borders[i]};

            if (borders[k] <= file->size && !part_is_pattern(file, part))
                return false;
        }
        if (borders[i] <= file->size &&
            !part_is_pattern(file, (struct range){borders[i],
                                                  file->size - borders[i]}))
            return false;
    }
    return true;
}

/* Returns whether the file was a copy, which must be right. */
static bool await_is_copy(const char *name, size_t size)
{
    struct resource file;
    bool is_copy;

    check_res(await_open(name, &file), 0);
    is_copy = file.content != NULL;
    ck_assert_uint_eq(file.size, size);
    ck_assert((file.fd >= 0) == !is_copy);
    if (is_copy)
        ck_assert(copy_is_pattern(&file));
    await_close_it(&file);
    return is_copy;
}

TASK_TEST_IN(a_small_file_is_kept_at_once, in_site)
{
    static const size_t sizes[] = {0, 1, 4096, CACHE_SMALL_MAX - 1,
                                   CACHE_SMALL_MAX};
    char name[32];

    begin();
    for (size_t i = 0; i < countof(sizes); i++) {
        snprintf(name, sizeof name, "root/%zu", sizes[i]);
        site_pattern(name, sizes[i]);
        for (int round = 0; round < 2; round++)
            ck_assert(await_is_copy(name + strlen("root/"), sizes[i]));
    }
    return end();
}

/* If a second passes between two requests, the file is not kept. */
static bool await_is_kept_twice(const char *name, size_t size)
{
    for (int tries = 0; tries < 10; tries++) {
        if (await_is_copy(name, size))
            return true;
    }
    return false;
}

TASK_TEST_IN(a_large_file_is_kept_when_it_is_requested_again, in_site)
{
    static const size_t sizes[] = {CACHE_SMALL_MAX + 1, 3 * BLOCK_LEN,
                                   3 * BLOCK_LEN + 1, CACHE_FILE_MAX};
    char name[32];

    begin();
    for (size_t i = 0; i < countof(sizes); i++) {
        snprintf(name, sizeof name, "root/%zu", sizes[i]);
        site_pattern(name, sizes[i]);
        ck_assert(!await_is_copy(name + strlen("root/"), sizes[i]));
        ck_assert(await_is_kept_twice(name + strlen("root/"), sizes[i]));
    }
    site_pattern("root/huge", CACHE_FILE_MAX + 1);
    ck_assert(!await_is_kept_twice("huge", CACHE_FILE_MAX + 1));
    return end();
}

TASK_TEST_IN(a_large_file_is_not_kept_when_it_is_requested_later, in_site)
{
    site_pattern("root/f", CACHE_SMALL_MAX + 1);
    begin();
    for (int i = 0; i < 3; i++) {
        ck_assert(!await_is_copy("f", CACHE_SMALL_MAX + 1));
        check_res(await_sleep_ns(CACHE_TRUST_NS), 0);
    }
    return end();
}

/* Opens a copy of the file. On a busy machine a copy may be too old when it is
 * requested again. */
static void await_hold_copy(const char *name, struct resource *out)
{
    for (int tries = 0; tries < 100; tries++) {
        check_res(await_open(name, out), 0);
        if (out->content != NULL)
            return;
        await_close_it(out);
    }
    ck_abort_msg("%s is never a copy", name);
}

/* Five files need more blocks than there are. Three are held. */
TASK_TEST_IN(large_copies_share_the_memory_and_those_in_use_stay, in_site)
{
    static struct resource held[3];
    char name[32];

    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "root/%d", i);
        site_pattern(name, CACHE_FILE_MAX);
    }
    begin();
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%d", i);
        await_hold_copy(name, &held[i]);
    }
    for (int i = 0; i < 3; i++)
        ck_assert(held[i].content != NULL && copy_is_pattern(&held[i]));
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "%d", 3 + i % 2);
        ck_assert(await_is_kept_twice(name, CACHE_FILE_MAX));
    }
    ck_assert_uint_eq(cache.blocks.free_count, 0);
    for (int i = 0; i < 3; i++) {
        ck_assert(copy_is_pattern(&held[i]));
        await_close_it(&held[i]);
    }
    return end();
}

TASK_TEST_IN(only_files_below_the_root_are_opened_as_files, in_site)
{
    struct resource file;

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

/* An entry that was given up is not the entry of a path without letters. */
TASK_TEST_IN(the_root_is_never_a_file, in_site)
{
    struct resource file;
    char name[32];

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

TASK_TEST_IN(a_file_behind_a_link_is_opened_and_not_kept, in_site)
{
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

TEST(a_file_on_another_file_system_is_opened_and_not_kept)
{
    check_res(mounts_leave(), 0);
    in_site(open_mounted);
}

TASK_TEST_IN(a_name_that_is_too_long_is_not_kept, in_site)
{
    char path[512] = "root";
    size_t len = 4;

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

/* Trust. */

TASK_TEST_IN(a_copy_is_trusted_for_a_while_only, in_site)
{
    site_text("root/f", "hello");
    begin();
    await_expect("f", "hello");
    check_res(await_sleep_ns(CACHE_TRUST_NS), 0);
    ck_assert(await_expect("f", "hello"));
    ck_assert_uint_eq(cache.misses, 2);
    return end();
}

/* A task that opens the file once. */
static int open_f_once(void *arg) /* task body */
{
    (void)arg;
    await_expect("f", "hello");
    return 0;
}

/* Trust would have ended after the second sleep. */
TASK_TEST_IN(one_request_renews_a_copy_while_others_use_it, in_site)
{
    struct task renewing = {0};

    site_text("root/f", "hello");
    begin();
    await_expect("f", "hello");
    for (unsigned i = 1; i <= 3; i++) {
        check_res(await_sleep_ns(CACHE_TRUST_NS / 2), 0);
        check_res(task_spawn(&renewing, "renewing", open_f_once, NULL), 0);
        check_res(await_nop(), 0);
        ck_assert_uint_eq(cache.misses, 1 + i);
        while (renewing.state != TASK_ENDED) {
            ck_assert(await_expect("f", "hello"));
            check_res(await_nop(), 0);
        }
        check_res(task_join(&renewing), 0);
        ck_assert(await_expect("f", "hello"));
        ck_assert_uint_eq(cache.misses, 1 + i);
    }
    return end();
}

static unsigned blocks_in_use(void)
{
    return cache.blocks.count - cache.blocks.free_count;
}

TASK_TEST_IN(the_last_user_of_a_renewed_copy_releases_it, in_site)
{
    struct resource old;

    site_text("root/f", "hello");
    begin();
    check_res(await_open("f", &old), 0);
    check_res(await_sleep_ns(CACHE_TRUST_NS / 2), 0);
    ck_assert(await_expect("f", "hello"));
    ck_assert_uint_eq(blocks_in_use(), 2);
    await_check_text(&old, "hello");
    await_close_it(&old);
    ck_assert_uint_eq(blocks_in_use(), 1);
    return end();
}

TASK_TEST_IN(without_a_watch_files_are_opened_and_nothing_is_kept, in_site)
{
    int root = open(site_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct rlimit limit, none;

    site_text("root/f", "hello");
    check_res(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){(rlim_t)root + 1, limit.rlim_max};
    check_res(setrlimit(RLIMIT_NOFILE, &none), 0);
    check_res(cache_init(&cache, root, CACHE_BYTES), 0);
    check_res(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int i = 0; i < 3; i++)
        ck_assert(!await_expect("f", "hello"));
    return end();
}

TASK_TEST_IN(without_memory_there_is_no_cache, in_site)
{
    struct rlimit little = {1 << 20, RLIM_INFINITY}, limit;

    check_res(getrlimit(RLIMIT_AS, &limit), 0);
    check_res(setrlimit(RLIMIT_AS, &little), 0);
    check_res(cache_init(&cache, 0, CACHE_BYTES), -ENOMEM);
    check_res(setrlimit(RLIMIT_AS, &limit), 0);
    cache_finish(&cache);
    return 0;
}

/* A copy needs no file, so it is served although the limit is reached. Every
 * way out of the cache releases its file: a failure, a directory, a copy. */
TASK_TEST_IN(beyond_files_max_only_copies_are_opened, in_site)
{
    struct resource first, second, third;

    site_pattern("root/large", CACHE_FILE_MAX + 1);
    site_text("root/f", "hello");
    site_dir("root/d");
    begin();
    ck_assert_uint_eq(cache.files_max, CACHE_FILES_MAX);
    cache.files_max = 2;
    (void)await_expect("f", "hello");
    check_res(await_open("none", &first), -ENOENT);
    check_res(await_open("large", &first), 0);
    check_res(await_open("d", &second), 0);
    check_res(await_open("large", &third), -EMFILE);
    check(await_expect("f", "hello"));
    await_close_it(&second);
    check_res(await_open("large", &second), 0);
    check_res(await_open("none", &third), -EMFILE);
    await_close_it(&second);
    site_text("root/g", "x");
    check(!await_expect("g", "x")); /* no fd to make a copy with */
    await_close_it(&first);
    check(await_expect("g", "x"));
    ck_assert_uint_eq(cache.files, 0);
    return end();
}

/* Slow readers hold their files open. */
TASK_TEST_IN(files_without_copies_leave_some_for_copies, in_site)
{
    struct resource readers[16];

    site_pattern("root/large", CACHE_FILE_MAX + 1);
    site_text("root/f", "hello");
    begin();
    cache.files_max = 16;
    for (int i = 0; i < 14; i++)
        check_res(await_open("large", &readers[i]), 0);
    check_res(await_open("large", &readers[14]), -EMFILE);
    check(await_expect("f", "hello"));
    for (int i = 0; i < 14; i++)
        await_close_it(&readers[i]);
    ck_assert_uint_eq(cache.files, 0);
    return end();
}

/* A file that is longer than the cache drops no copy. */
TASK_TEST_IN(a_cache_has_no_more_bytes_than_requested, in_site)
{
    int root = open(site_root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    check_res(cache_init(&cache, root, 3 * BLOCK_LEN), 0);
    site_text("root/f", "hello");
    site_pattern("root/2", 2 * BLOCK_LEN);
    site_pattern("root/4", 4 * BLOCK_LEN);
    ck_assert(await_expect("f", "hello"));
    ck_assert(await_is_kept_twice("2", 2 * BLOCK_LEN));
    ck_assert_uint_eq(cache.blocks.free_count, 0);
    ck_assert(!await_is_kept_twice("4", 4 * BLOCK_LEN));
    ck_assert_uint_eq(cache.blocks.free_count, 0);
    return end();
}

TEST(a_zeroed_cache_can_be_finished)
{
    static struct cache zeroed;

    cache_finish(&zeroed);
    ck_assert_ptr_null(zeroed.entries);
}

int main(void)
{
    suite_begin("cache");
    suite_add(the_second_time_a_file_comes_from_memory);
    suite_add(a_small_file_is_kept_at_once);
    suite_add(a_large_file_is_kept_when_it_is_requested_again);
    suite_add(a_large_file_is_not_kept_when_it_is_requested_later);
    suite_add(large_copies_share_the_memory_and_those_in_use_stay);
    suite_add(only_files_below_the_root_are_opened_as_files);
    suite_add(the_root_is_never_a_file);
    suite_add(a_file_behind_a_link_is_opened_and_not_kept);
    suite_add_unless(mounts_missing(),
                     a_file_on_another_file_system_is_opened_and_not_kept);
    suite_add(a_name_that_is_too_long_is_not_kept);
    suite_add(a_copy_is_trusted_for_a_while_only);
    suite_add(one_request_renews_a_copy_while_others_use_it);
    suite_add(the_last_user_of_a_renewed_copy_releases_it);
    suite_add(without_a_watch_files_are_opened_and_nothing_is_kept);
    suite_add_unless(why_memory_is_not_limited(),
                     without_memory_there_is_no_cache);
    suite_add(beyond_files_max_only_copies_are_opened);
    suite_add(files_without_copies_leave_some_for_copies);
    suite_add(a_cache_has_no_more_bytes_than_requested);
    suite_add(a_zeroed_cache_can_be_finished);
    return suite_end();
}

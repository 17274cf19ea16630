/* cache_odd.c: files that change between two steps of the cache, files that
 * cannot be read, and names that the kernel does not have in memory. */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "await.h"
#include "caching.h"
#include "fuse.h"

#define OLD_LEN 100000
#define NEW_LEN 10

struct opener {
    struct task task;
    struct resource file;
    char name[16];
};

static int open_it(void *arg) /* task body */
{
    struct opener *opener = arg;

    return await_open(opener->name, &opener->file);
}

/* The file is cut after any number of iterations of the loop, and does not
 * change any more. The open returns the complete old file or the complete new
 * one. Each round has another letter, so that the bytes of an earlier copy are
 * wrong. */
TASK_TEST_IN(a_file_that_shrinks_while_it_is_copied_is_described_again, in_site)
{
    static struct opener opener = {.name = "f"};
    static char letters[OLD_LEN];

    begin();
    for (int round = 0; round < 400; round++) {
        struct resource *file = &opener.file;
        struct stat now;

        memset(letters, 'a' + round % 26, OLD_LEN);
        site_bytes("root/f", letters, OLD_LEN);
        check_res(await_nop(), 0);
        check_res(task_spawn(&opener.task, "opener", open_it, &opener), 0);
        for (int i = 0; i < round % 40; i++)
            check_res(await_nop(), 0);
        check_res(truncate(site_path("root/f"), NEW_LEN), 0);
        check_res(task_join(&opener.task), 0);
        if (file->content != NULL) {
            ck_assert(file->size == OLD_LEN || file->size == NEW_LEN);
            ck_assert(memcmp(file->content, letters, file->size) == 0);
        } else if (opener.task.result == 0 && file->size != NEW_LEN) {
            /* Only an opening that ended before the cut may have this. */
            check_res(fstat(file->fd, &now), 0);
            ck_abort_msg("round %d: %llu bytes of a file that has %lld", round,
                         (unsigned long long)file->size,
                         (long long)now.st_size);
        }
        await_close_it(file);
    }
    return end();
}

/* stat reports a whole page for a file of sysfs. A read returns a few bytes. */
TASK_TEST(a_file_that_ends_before_its_size_is_not_cached)
{
    struct resource file;
    static char bytes[CACHE_SMALL_MAX];
    int root = open("/sys/devices/virtual/net/lo",
                    O_PATH | O_DIRECTORY | O_CLOEXEC);

    check_res(cache_init(&cache, root, CACHE_BYTES), 0);
    for (int i = 0; i < 3; i++) {
        check_res(await_open("mtu", &file), 0);
        ck_assert(file.content == NULL);
        ck_assert_uint_gt(file.size,
                          await_read(file.fd, bytes, sizeof bytes, 0));
        await_close_it(&file);
    }
    return end();
}

/* Writes the last byte of the file, in place. Returns the new ctime. */
static uint64_t change_last_byte(const char *name, char byte)
{
    int fd = open(site_path(name), O_WRONLY | O_CLOEXEC);
    struct stat now;

    check_res(pwrite(fd, &byte, 1, OLD_LEN - 1), 1);
    check_res(fstat(fd, &now), 0);
    close(fd);
    return (uint64_t)now.st_ctim.tv_sec * 1000000000u +
           (uint64_t)now.st_ctim.tv_nsec;
}

/* The file changes after any number of iterations of the loop, long after its
 * ctime. A tag of the old file on bytes of the new one must be weak: otherwise
 * a client would take a part of one for a part of the other. */
TASK_TEST_IN(a_file_that_changes_while_it_is_copied_has_a_weak_tag, in_site)
{
    static struct opener opener = {.name = "f"};

    begin();
    site_pattern("root/f", OLD_LEN);
    for (int round = 0; round < 40; round++) {
        struct resource *file = &opener.file;
        char byte = (char)round;
        uint64_t changed_ns;

        check_res(await_sleep_ns(VALIDATOR_TICK_NS + 10000000), 0);
        check_res(task_spawn(&opener.task, "opener", open_it, &opener), 0);
        for (int i = 0; i < round; i++)
            check_res(await_nop(), 0);
        changed_ns = change_last_byte("root/f", byte);
        check_res(task_join(&opener.task), 0);
        ck_assert_uint_eq(file->size, OLD_LEN);
        if (file->content != NULL && file->content[OLD_LEN - 1] == byte &&
            file->validator.changed_ns != changed_ns)
            ck_assert(!file->validator.is_settled);
        await_close_it(file);
    }
    return end();
}

/* Their entries have few buckets, so that some of them want the same one. */
TASK_TEST_IN(an_entry_that_is_filled_is_not_given_away, in_site)
{
    static struct opener openers[100];
    char text[32];

    begin();
    for (size_t i = 0; i < countof(openers); i++) {
        unsigned number = (unsigned)i * 2654435761u; /* any bucket */

        snprintf(text, sizeof text, "root/%u", number);
        snprintf(openers[i].name, sizeof openers[i].name, "%u", number);
        site_text(text, openers[i].name);
    }
    for (size_t i = 0; i < countof(openers); i++)
        check_res(task_spawn(&openers[i].task, "opener", open_it, &openers[i]),
                  0);
    for (size_t i = 0; i < countof(openers); i++) {
        check_res(task_join(&openers[i].task), 0);
        await_check_text(&openers[i].file, openers[i].name);
    }
    for (size_t i = 0; i < countof(openers); i++)
        await_close_it(&openers[i].file);
    return end();
}

/* The cache has room for one copy. Two tasks want it in the same iteration: the
 * second one must not take the room into which the first one reads. */
TASK_TEST_IN(a_copy_that_is_made_keeps_its_room, in_site)
{
    static struct opener openers[2] = {{.name = "a"}, {.name = "b"}};
    int root = open(site_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct resource held;

    check_res(cache_init(&cache, root, BLOCK_LEN), 0);
    site_text("root/held", "held");
    site_text("root/a", "aaaa");
    site_text("root/b", "bbbb");
    check_res(await_open("held", &held), 0);
    ck_assert(held.content != NULL);
    ck_assert(!await_expect("a", "aaaa")); /* no room, but a copy next time */
    ck_assert(!await_expect("b", "bbbb"));
    await_close_it(&held);
    for (size_t i = 0; i < countof(openers); i++)
        check_res(task_spawn(&openers[i].task, "opener", open_it, &openers[i]),
                  0);
    for (size_t i = 0; i < countof(openers); i++)
        check_res(task_join(&openers[i].task), 0);
    ck_assert(openers[0].file.content != NULL);
    ck_assert(openers[1].file.content == NULL);
    await_check_text(&openers[0].file, "aaaa");
    await_check_text(&openers[1].file, "bbbb");
    for (size_t i = 0; i < countof(openers); i++)
        await_close_it(&openers[i].file);
    return end();
}

/* The entry has a copy of the old file, which was trusted a moment ago. */
TASK_TEST_IN(a_copy_that_is_made_again_is_not_used_before_it_is_complete,
             in_site)
{
    static struct opener openers[20];

    begin();
    for (int round = 0; round < 20; round++) {
        site_text("root/f", "old");
        check_res(await_nop(), 0);
        await_expect("f", "old");
        site_text("root/f", "a newer one");
        check_res(await_nop(), 0);
        for (size_t i = 0; i < countof(openers); i++) {
            strcpy(openers[i].name, "f");
            check_res(task_spawn(&openers[i].task, "opener", open_it,
                                 &openers[i]), 0);
            check_res(await_nop(), 0);
        }
        for (size_t i = 0; i < countof(openers); i++) {
            check_res(task_join(&openers[i].task), 0);
            await_check_text(&openers[i].file, "a newer one");
            await_close_it(&openers[i].file);
        }
    }
    return end();
}

/* The path needs the time of a link to be written, which is older than a clock
 * tick: then the kernel opens the file in a worker, where an open of a FIFO
 * would wait for a writer. */
TASK_TEST_IN(a_fifo_behind_a_new_link_is_refused_at_once, in_site)
{
    struct resource file;

    check_res(mkfifoat(site_fd(), "root/fifo", 0644), 0);
    begin();
    for (int i = 0; i < 5; i++) {
        unlinkat(site_fd(), "root/link", 0);
        site_link("root/link", "fifo");
        check_res(await_sleep_ns(20000000), 0);
        deadline_set_ns(UINT64_C(30000000000));
        check_res(await_open("link", &file), -ENXIO);
        deadline_clear();
    }
    return end();
}

/* The root itself is a file system that fails, so that it is watched. */
static int open_failing(void *arg) /* task body */
{
    struct resource file;
    int root = open(site_path("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    int before;

    (void)arg;
    check_res(cache_init(&cache, root, CACHE_BYTES), 0);
    before = fds_open();
    for (int i = 0; i < 10; i++) {
        check_res(await_open("source", &file), 0);
        ck_assert(file.content == NULL && file.fd >= 0);
        await_close_it(&file);
        ck_assert_int_eq(fds_open(), before);
    }
    return end();
}

static void fail_copies(const struct fuse_faults *faults)
{
    int before = fds_open();

    site_make();
    fuse_serve(site_path("root"), 50000, faults);
    check_res(run(open_failing, NULL), 0);
    check_res(umount2(site_path("root"), MNT_DETACH), 0);
    site_remove();
    ck_assert_int_eq(fds_open(), before);
}

TEST(a_copy_that_fails_leaves_no_descriptor)
{
    const struct fuse_faults unreadable = {.completes_later = 1,
                                           .read_fail_at = 20000,
                                           .read_error = EIO};
    const struct fuse_faults shorter = {.completes_later = 1, .lies = 1,
                                        .says_len = 60000};

    fail_copies(&unreadable);
    fail_copies(&shorter);
}

int main(void)
{
    suite_begin("cache_odd");
    suite_add(a_file_that_shrinks_while_it_is_copied_is_described_again);
    suite_add_unless(access("/sys/devices/virtual/net/lo/mtu", R_OK) != 0
                         ? "sysfs has no interface lo"
                         : NULL,
                     a_file_that_ends_before_its_size_is_not_cached);
    suite_add(a_file_that_changes_while_it_is_copied_has_a_weak_tag);
    suite_add(an_entry_that_is_filled_is_not_given_away);
    suite_add(a_copy_that_is_made_keeps_its_room);
    suite_add(a_copy_that_is_made_again_is_not_used_before_it_is_complete);
    suite_add(a_fifo_behind_a_new_link_is_refused_at_once);
    suite_add_unless(fuse_missing(), a_copy_that_fails_leaves_no_descriptor);
    return suite_end();
}

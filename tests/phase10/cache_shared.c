/* cache_shared.c: copies that several tasks use: a copy in use stays, even if
 * the file changes, the cache is full or a task is cancelled. */
#include "cache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "await.h"
#include "cache_table.h"
#include "caching.h"

/* Users. */

TASK_TEST_IN(a_copy_in_use_stays_when_the_file_changes, in_site)
{
    struct resource old, new;

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

TASK_TEST_IN(a_new_copy_takes_the_room_of_one_without_readers, in_site)
{
    struct resource held;
    char name[32], text[32];

    make_many();
    site_text("root/held", "held");
    begin();
    check_res(await_open("held", &held), 0);
    ck_assert_ptr_nonnull(held.content);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%u", i);
        snprintf(text, sizeof text, "this is %u", i);
        ck_assert_msg(await_expect(name, text) || await_expect(name, text) ||
                      await_expect(name, text), "no room for %u", i);
    }
    await_check_text(&held, "held");
    await_close_it(&held);
    return end();
}

/* Whether there is a copy of it, even an old one. */
static bool cache_has(const char *name)
{
    return cache_table_find(&cache, view_of(name)) != NULL;
}

/* As a robot that visits each file once. */
TASK_TEST_IN(files_that_are_requested_once_take_the_room_of_no_copy, in_site)
{
    char name[32], text[32];
    unsigned copies = 0;

    make_many();
    begin();
    for (unsigned i = 0; i < CACHE_ENTRIES / 4; i++) {
        snprintf(name, sizeof name, "%u", i);
        snprintf(text, sizeof text, "this is %u", i);
        ck_assert(await_expect(name, text));
    }
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "%u", i);
        snprintf(text, sizeof text, "this is %u", i);
        (void)await_expect(name, text);
    }
    for (unsigned i = 0; i < CACHE_ENTRIES / 4; i++) {
        snprintf(name, sizeof name, "%u", i);
        copies += cache_has(name);
    }
    ck_assert_uint_eq(copies, CACHE_ENTRIES / 4);
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

TASK_TEST_IN(when_all_copies_are_read_files_are_opened, in_site)
{
    static struct resource files[MANY];
    unsigned copies = 0;
    char name[32], text[32];

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

/* To look for what is not there must not cost those who look for what is. The
 * copy is trusted for a second: who takes longer has shown nothing. */
TASK_TEST_IN(a_missing_file_evicts_no_copy, in_site)
{
    struct resource file;
    char name[32];

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

TASK_TEST_IN(an_opening_while_a_copy_is_made_gets_no_copy, in_site)
{
    static struct reader readers[50];
    const struct cache_entry *entry = NULL;

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

TASK_TEST_IN(a_copy_is_never_of_two_files, in_site)
{
    static struct reader readers[8];
    static char a[70000], b[50000];
    bool is_over = false;

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
 * says so, or the next call does. An unfinished copy is never used. */
TASK_TEST_IN(a_cancel_is_never_lost, in_site)
{
    static struct reader reader;
    int cancelled = 0;

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

int main(void)
{
    suite_begin("cache_shared");
    suite_add(a_copy_in_use_stays_when_the_file_changes);
    suite_add(a_new_copy_takes_the_room_of_one_without_readers);
    suite_add(files_that_are_requested_once_take_the_room_of_no_copy);
    suite_add_unless(too_few_files(),
                     when_all_copies_are_read_files_are_opened);
    suite_add(a_missing_file_evicts_no_copy);
    suite_add(an_opening_while_a_copy_is_made_gets_no_copy);
    suite_add(a_copy_is_never_of_two_files);
    suite_add(a_cancel_is_never_lost);
    return suite_end();
}

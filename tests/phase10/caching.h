/* caching.h: a cache of a root full of files, in a loop.
 *
 * Test support of phase 10. Needs: client.h, with_loop.h, cache.h. */
#ifndef TESTS_PHASE10_CACHING_H
#define TESTS_PHASE10_CACHING_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "cache.h"
#include "client.h"
#include "fds.h"
#include "suite.h"
#include "with_loop.h"

#define countof(array) (sizeof array / sizeof *array)

static struct cache cache;

/* Runs a test's body in a loop, with a cache of a new root. */
static inline void in_site(task_fn *body)
{
    int before = fds_open();

    site_make();
    check_res(run(body, NULL), 0);
    site_remove();
    ck_assert_int_eq(fds_open(), before);
}

static inline void begin(void)
{
    int root = open(site_root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    check(root >= 0);
    check_res(cache_init(&cache, root, CACHE_BYTES), 0);
}

static inline int end(void)
{
    int root = cache.root;

    cache_finish(&cache);
    close(root);
    return 0;
}

static inline int await_open(const char *path, struct resource *out)
{
    if (cache_take(&cache, view_of(path), out))
        return 0;
    return cache_await_open(&cache, view_of(path), out);
}

static inline void await_close_it(struct resource *file)
{
    cache_await_close(&cache, file);
}

/* Checks the content of the resource, which is a copy or an open file. */
static inline void await_check_text(const struct resource *file,
                                    const char *text)
{
    static char bytes[CACHE_SMALL_MAX + 1];
    const char *content = file->content;

    ck_assert_uint_eq(file->size, strlen(text));
    if (content == NULL) {
        content = bytes;
        check_res(await_read(file->fd, bytes, sizeof bytes, 0), file->size);
    }
    ck_assert_msg(memcmp(content, text, file->size) == 0, "not \"%s\"", text);
}

/* Opens, compares and closes. Returns whether it was a copy. */
static inline bool await_expect(const char *path, const char *text)
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

#endif

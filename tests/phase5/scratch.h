/* scratch.h: a directory that a test may fill, and that goes away with it.
 *
 * Test support. Needs: suite.h. */
#ifndef TESTS_PHASE5_SCRATCH_H
#define TESTS_PHASE5_SCRATCH_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

/* Makes an empty directory, with nothing left of it once it is left, and enters
 * it: tests name files without a path. */
static inline void scratch_enter(void)
{
    char name[] = "/tmp/one-ring-XXXXXX";

    ck_assert(mkdtemp(name) != NULL && chdir(name) == 0);
}

/* Removes the files of these names, and the directory. */
static inline void scratch_leave(const char *const *names)
{
    char cwd[64];

    ck_assert(getcwd(cwd, sizeof cwd) != NULL);
    for (; *names != NULL; names++)
        unlink(*names);
    ck_assert(chdir("/") == 0 && rmdir(cwd) == 0);
}

static inline void scratch_write(const char *name, const char *text, size_t len)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    ck_assert(fd >= 0 && write(fd, text, len) == (ssize_t)len);
    close(fd);
}

/* Checks that the file has exactly this content. */
static inline void scratch_expect(const char *name, const char *text)
{
    char is[256];
    int fd = open(name, O_RDONLY);
    ssize_t got = read(fd, is, sizeof is - 1);

    ck_assert(got >= 0);
    is[got] = '\0';
    close(fd);
    ck_assert_str_eq(is, text);
}

#endif

/* awaiting.h: files, pipes and helper tasks for the operations.
 *
 * Test support of phase 3. Needs: with_loop.h. */
#ifndef TESTS_PHASE3_AWAITING_H
#define TESTS_PHASE3_AWAITING_H

#include <stdio.h>
#include <unistd.h>

#include "await.h"
#include "operation.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)

static struct task helpers[4];
static char path[256];
static int ends[2];

static inline void spawn(int i, task_fn *fn)
{
    check_res(task_spawn(&helpers[i], "helper", fn, NULL), 0);
}

/* A name that is free, in the folder that tests/run throws away. */
static inline void name_file(void)
{
    const char *dir = getenv("TMPDIR");

    snprintf(path, sizeof path, "%s/await.%d", dir != NULL ? dir : "/tmp",
             (int)getpid());
    unlink(path);
}

static inline void make_file(const char *text)
{
    FILE *file;

    name_file();
    file = fopen(path, "we");
    check(file != NULL);
    fputs(text, file);
    fclose(file);
}

static inline void make_sockets(void)
{
    check_res(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
}

static inline void make_pipe(void)
{
    check_res(pipe(ends), 0);
}

static inline void close_ends(void)
{
    close(ends[0]);
    close(ends[1]);
}

#define BIG ((size_t)3 << 20)

static unsigned char *big;

static inline int drain_slowly(void *arg)
{
    static unsigned char got[4096];
    size_t total = 0;
    int len;

    (void)arg;
    while ((len = await_recv(ends[1], got, sizeof got, 0)) > 0) {
        ck_assert_int_eq(memcmp(got, big + total, (size_t)len), 0);
        total += (size_t)len;
    }
    check_res(len, 0);
    return (int)total;
}

#endif

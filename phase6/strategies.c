/* strategies.c: three strategies to read many files; see strategies.h.
 *
 * What it teaches: how alike they are. Each of them is a loop that takes the
 * next file, and a function that reads one; for the ring only the names of the
 * calls change. */
#include "strategies.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "group.h"

/* One thread's or one task's share. */
struct reader {
    struct strategy_job *job;
    atomic_int *next; /* borrowed: the file that nobody has taken yet */
    char *buf;        /* owned by the strategy: STRATEGY_BUF_LEN bytes */
    pthread_t thread;
    struct group_task task;
    uint64_t bytes, calls, sum;
    int failed;
};

/* Bytes at different offsets, files and orders of files give different sums;
 * the order in which the files happen to be read does not matter. */
static void add_sum(struct reader *reader, int file, const char *buf, int len)
{
    uint64_t sum = (uint64_t)file * UINT64_C(0x9e3779b97f4a7c15) + 1;

    if (!reader->job->wants_sum)
        return;
    for (int i = 0; i < len; i++)
        sum = (sum ^ (unsigned char)buf[i]) * UINT64_C(0x100000001b3);
    reader->sum += sum;
}

/* The file to read now; job->count or more: all are taken. Tasks share a thread
 * and would need no atomic; threads do, and the strategies are to be alike. */
static int take_next(struct reader *reader)
{
    return atomic_fetch_add_explicit(reader->next, 1, memory_order_relaxed);
}

/* --- with system calls --------------------------------------------------- */

static int read_file(struct reader *reader, int file)
{
    int fd = open(reader->job->names[file], O_RDONLY | O_CLOEXEC), result;
    ssize_t got;

    if (fd < 0)
        return -errno;
    do {
        got = read(fd, reader->buf, STRATEGY_BUF_LEN);
        reader->calls++;
        reader->bytes += got > 0 ? (uint64_t)got : 0;
        add_sum(reader, file, reader->buf, (int)got);
    } while (got > 0);
    result = got < 0 ? -errno : 0;
    close(fd);
    reader->calls += 2;
    return result;
}

static int read_files(struct reader *reader)
{
    int file, result = 0;

    while (result == 0 && (file = take_next(reader)) < reader->job->count) {
        result = read_file(reader, file);
        reader->failed = file;
    }
    return result;
}

static void *strategies_run_thread(void *arg)
{
    return (void *)(intptr_t)read_files(arg);
}

/* --- with tasks ----------------------------------------------------------- */

/* Compare read_file: the buffer is the kernel's while this task waits, and no
 * other task has it. */
static int strategies_await_read_file(struct reader *reader, int file)
{
    int fd = await_openat(AT_FDCWD, reader->job->names[file], O_RDONLY, 0), got;
    uint64_t offset = 0;

    if (fd < 0)
        return fd;
    do {
        got = await_read(fd, reader->buf, STRATEGY_BUF_LEN, offset);
        offset += got > 0 ? (uint64_t)got : 0;
        add_sum(reader, file, reader->buf, got);
    } while (got > 0);
    reader->bytes += offset;
    await_close(fd);
    return got;
}

static int strategies_run_task(void *arg)
{
    struct reader *reader = arg;
    int file, result = 0;

    while (result == 0 && (file = take_next(reader)) < reader->job->count) {
        result = strategies_await_read_file(reader, file);
        reader->failed = file;
    }
    return result;
}

/* --- the strategies: start the readers, and wait for them ----------------- */

static struct reader *make_readers(struct strategy_job *job, int count,
                                   atomic_int *next)
{
    size_t len = (size_t)count * (sizeof(struct reader) + STRATEGY_BUF_LEN);
    struct reader *readers = malloc(len);

    if (readers == NULL)
        return NULL;
    /* The buffers, behind them, are not touched before they are used. */
    memset(readers, 0, (size_t)count * sizeof *readers);
    for (int i = 0; i < count; i++) {
        readers[i].job = job;
        readers[i].next = next;
        readers[i].buf =
            (char *)(readers + count) + (size_t)i * STRATEGY_BUF_LEN;
    }
    return readers;
}

/* Adds a reader's share to the whole. */
static int gather(struct strategy_job *job, const struct reader *reader,
                  int result)
{
    job->bytes += reader->bytes;
    job->calls += reader->calls;
    job->sum += reader->sum;
    if (result < 0)
        job->failed = reader->failed;
    return result;
}

static int strategies_read_sync(struct strategy_job *job)
{
    atomic_int next = 0;
    struct reader *reader = make_readers(job, 1, &next);
    int result;

    if (reader == NULL)
        return -ENOMEM;
    result = gather(job, reader, read_files(reader));
    free(reader);
    return result;
}

static int strategies_read_with_threads(struct strategy_job *job)
{
    atomic_int next = 0;
    struct reader *readers = make_readers(job, job->at_once, &next);
    int result = 0, started = 0;

    if (readers == NULL)
        return -ENOMEM;
    while (result == 0 && started < job->at_once) {
        result = -pthread_create(&readers[started].thread, NULL,
                                 strategies_run_thread, &readers[started]);
        started += result == 0;
    }
    for (int i = 0; i < started; i++) {
        void *ended;
        int rc;

        pthread_join(readers[i].thread, &ended);
        rc = gather(job, &readers[i], (int)(intptr_t)ended);
        result = result < 0 ? result : rc;
    }
    free(readers);
    return result;
}

struct ring_job {
    struct strategy_job *job;
    struct reader *readers;
};

/* The first failure ends the other tasks; the threads above run to the end. */
static int strategies_run_group(void *arg)
{
    struct ring_job *ring_job = arg;
    struct strategy_job *job = ring_job->job;
    struct group group = {0};
    int rc = 0, result;

    for (int i = 0; rc == 0 && i < job->at_once; i++) {
        struct reader *reader = &ring_job->readers[i];

        rc = group_spawn(&group, &reader->task, "reader", strategies_run_task,
                         reader);
    }
    result = group_await_all(&group);
    return result < 0 ? result : rc;
}

static int strategies_read_with_tasks(struct strategy_job *job)
{
    static struct loop loop;
    atomic_int next = 0;
    struct loop_options options = {.tasks_max = (uint32_t)job->at_once + 1};
    struct ring_job ring_job = {job, make_readers(job, job->at_once, &next)};
    int result;

    if (ring_job.readers == NULL)
        return -ENOMEM;
    result = loop_init(&loop, &options);
    if (result == 0) {
        result = loop_run(&loop, strategies_run_group, &ring_job);
        job->calls += loop.ring.counters.enters;
        loop_finish(&loop);
    }
    for (int i = 0; i < job->at_once; i++)
        gather(job, &ring_job.readers[i],
               ring_job.readers[i].task.task.result == result ? result : 0);
    free(ring_job.readers);
    return result;
}

const struct strategy strategies[STRATEGIES_COUNT] = {
    {"sync", strategies_read_sync},
    {"threads", strategies_read_with_threads},
    {"ring", strategies_read_with_tasks},
};

/* judge_inputs.c: what a case feeds to an answer; see judge.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "judge.h"

void judge_fill(void *buf, size_t len, unsigned seed)
{
    unsigned char *bytes = buf;

    for (size_t i = 0; i < len; i++) {
        seed = seed * 1103515245u + 12345u;
        bytes[i] = (unsigned char)(seed >> 16);
    }
}

void judge_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        judge_cannot("pipe", -errno);
}

void judge_write(int fd, const void *bytes, size_t len)
{
    if (write(fd, bytes, len) != (ssize_t)len)
        judge_cannot("write", -errno);
}

int judge_file(const void *bytes, size_t len)
{
    int fd = memfd_create("judge", MFD_CLOEXEC);

    if (fd < 0)
        judge_cannot("memfd_create", -errno);
    judge_write(fd, bytes, len);
    if (lseek(fd, 0, SEEK_SET) < 0)
        judge_cannot("lseek", -errno);
    return fd;
}

struct feeder {
    void (*feed)(void *);
    void *arg;
};

static void *feeder_run(void *arg)
{
    const struct feeder *feeder = arg;

    feeder->feed(feeder->arg);
    return NULL;
}

void judge_thread(void (*feed)(void *), void *arg)
{
    static struct feeder feeder; /* one per case */
    pthread_t thread;
    int error;

    feeder = (struct feeder){feed, arg};
    error = pthread_create(&thread, NULL, feeder_run, &feeder);
    if (error != 0)
        judge_cannot("pthread_create", -error);
}

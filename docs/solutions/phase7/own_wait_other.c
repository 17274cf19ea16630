/* own_wait: the same as own_wait.c, in another way: poll waits on the ring's
 * descriptor, which is readable while the CQ has a result. */
#include "own_wait.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <time.h>

static long long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int own_wait(struct own_results *results, struct io_uring_cqe *cqe,
             unsigned limit_ms)
{
    long long end_ms = now_ms() + limit_ms + 1;
    uint32_t head = *results->head;
    bool is_late = false;

    while (head == *results->tail) {
        struct pollfd watched = {results->ring_fd, POLLIN, 0};
        long long left_ms = end_ms - now_ms();

        if (is_late)
            return -ETIME;
        is_late = left_ms <= 0;
        if (poll(&watched, 1, is_late ? 0 : (int)left_ms) < 0 &&
            errno != EINTR)
            return -errno;
        if (watched.revents & POLLNVAL)
            return -EBADF;
    }
    *cqe = results->cqes[head & results->mask];
    ++*results->head;
    return 0;
}

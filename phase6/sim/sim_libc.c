/* sim_libc.c: calls of the C library that programs make without lib.
 *
 * What it teaches: the linker prefers a function of the program to one of a
 * shared library, so a program may define poll(2) itself. */
#include <poll.h>
#include <time.h>

#include "sim_check.h"
#include "sim_file.h"
#include "sim_world.h"

/* The programs wait for nothing here. They let time pass before they enter
 * again, or ask which descriptors are free: POLLNVAL. */
int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    int found = 0;

    check_that(count == 0 || timeout_ms == 0, "simulated-operation",
               "a wait in poll(2) for files:", (int64_t)count);
    for (nfds_t i = 0; i < count; i++) {
        bool is_open = fds[i].fd < FILE_FIRST_FD || file_of(fds[i].fd) != NULL;

        check_that(fds[i].events == 0, "simulated-operation",
                   "poll(2) of a file, for the events", fds[i].events);
        fds[i].revents = is_open ? 0 : POLLNVAL;
        found += !is_open;
    }
    world_pass((uint64_t)timeout_ms * 1000000);
    return found;
}

int nanosleep(const struct timespec *pause, struct timespec *left)
{
    (void)left; /* nothing interrupts it */
    world_pass((uint64_t)pause->tv_sec * 1000000000u +
               (uint64_t)pause->tv_nsec);
    return 0;
}

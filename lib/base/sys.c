/* sys.c: the system calls of lib that are not ring operations; see sys.h.
 * Introduced in phase 0. Needs: sys.h, err.h.
 *
 * What it teaches: how to contain errno. A thread has one errno, but a loop
 * runs many tasks in one thread. So this file reads errno right after each call
 * and returns it as -errno. Its callers never read errno. */
#include "sys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "err.h"

#ifndef MADV_GUARD_INSTALL /* Linux 6.13; not in Debian 12's headers */
#define MADV_GUARD_INSTALL 102
#endif

/* Converts a result of -1 to -errno, and returns any other result unchanged. */
static int result_of(long returned)
{
    return returned == -1 ? -errno : (int)returned;
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec time;
    int rc = clock_gettime(clock, &time);

    assert(rc == 0); /* fails only for a clock that does not exist */
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t sys_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t sys_wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int sys_map(void **memory, size_t len)
{
    /* MAP_NORESERVE: phase 3 maps many stacks, and uses few of their pages. */
    void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return -errno;
    /* With huge pages, the first access to a stack would use 2 MiB. A kernel
     * without huge pages rejects this call and does not need it. */
    (void)madvise(p, len, MADV_NOHUGEPAGE);
    *memory = p;
    return 0;
}

int sys_unmap(void *memory, size_t len)
{
    return result_of(munmap(memory, len));
}

int sys_guard(void *memory, size_t len)
{
    /* A guard marker does not split the mapping. mprotect splits it, and
     * vm.max_map_count limits the number of mappings. */
    if (madvise(memory, len, MADV_GUARD_INSTALL) == 0)
        return 0;
    return result_of(mprotect(memory, len, PROT_NONE));
}

void sys_discard(void *memory, size_t len)
{
    (void)madvise(memory, len, MADV_DONTNEED); /* fails only for wrong ranges */
}

int sys_map_forgotten(void **page)
{
    int rc = sys_map(page, sys_page_size());

    if (rc == 0 && madvise(*page, sys_page_size(), MADV_WIPEONFORK) != 0) {
        rc = -errno;
        (void)sys_unmap(*page, sys_page_size());
    }
    return rc;
}

size_t sys_page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

int sys_open(const char *path, int flags, mode_t mode)
{
    return result_of(open(path, flags | O_CLOEXEC, mode));
}

int sys_close(int fd)
{
    return result_of(close(fd));
}

int sys_duplicate(int fd, int to)
{
    return result_of(to < 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0)
                            : dup3(fd, to, O_CLOEXEC));
}

int sys_stat(int fd, struct stat *out)
{
    return result_of(fstat(fd, out));
}

int sys_position(int fd, uint64_t *offset)
{
    off_t position = lseek(fd, 0, SEEK_CUR);

    if (position < 0)
        return -errno;
    *offset = (uint64_t)position;
    return 0;
}

int sys_file_system(int fd, uint64_t *magic)
{
    struct statfs about;

    if (fstatfs(fd, &about) < 0)
        return -errno;
    *magic = (uint64_t)about.f_type;
    return 0;
}

int64_t sys_seek(int fd, int64_t offset, int whence)
{
    off_t at = lseek(fd, offset, whence);

    return at == -1 ? -errno : at;
}

int sys_truncate(int fd, uint64_t len)
{
    return result_of(ftruncate(fd, (off_t)len));
}

int sys_open_flags(int fd)
{
    return result_of(fcntl(fd, F_GETFL));
}

int sys_read_text(const char *path, char *text, size_t len)
{
    int fd, result;
    size_t used = 0;
    ssize_t got;

    assert(len > 0);
    text[0] = '\0';
    fd = sys_open(path, O_RDONLY, 0);
    if (fd < 0)
        return fd;
    do {
        got = read(fd, text + used, len - 1 - used);
        if (got > 0)
            used += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    result = got < 0 ? -errno : (int)used;
    text[used] = '\0';
    (void)close(fd); /* nothing was written: no data is lost */
    return result;
}

int sys_socket(int domain, int type, int protocol)
{
    return result_of(socket(domain, type | SOCK_CLOEXEC, protocol));
}

int sys_bind(int fd, const struct sockaddr *address, socklen_t len)
{
    return result_of(bind(fd, address, len));
}

int sys_listen(int fd, int backlog)
{
    return result_of(listen(fd, backlog));
}

int sys_local_address(int fd, struct sockaddr_storage *out, socklen_t *len)
{
    *len = sizeof *out;
    return result_of(getsockname(fd, (struct sockaddr *)out, len));
}

int sys_set_option(int fd, int level, int option, int value)
{
    return result_of(setsockopt(fd, level, option, &value, sizeof value));
}

int sys_set_linger(int fd, const struct linger *linger)
{
    return result_of(setsockopt(fd, SOL_SOCKET, SO_LINGER, linger,
                                sizeof *linger));
}

int sys_signal_fd(const sigset_t *set)
{
    int rc = result_of(sigprocmask(SIG_BLOCK, set, NULL));

    return rc < 0 ? rc : result_of(signalfd(-1, set, SFD_CLOEXEC));
}

int sys_ignore_signal(int number)
{
    return signal(number, SIG_IGN) == SIG_ERR ? -errno : 0;
}

int sys_event_fd(void)
{
    return result_of(eventfd(0, EFD_CLOEXEC));
}

int sys_event_signal(int fd)
{
    uint64_t one = 1;

    return write(fd, &one, sizeof one) == sizeof one ? 0 : -errno;
}

int sys_watch_open(void)
{
    return result_of(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
}

int sys_watch_add(int fd, const char *path, uint32_t events)
{
    return result_of(inotify_add_watch(fd, path, events));
}

int sys_read(int fd, void *buf, size_t len)
{
    return result_of(read(fd, buf, len));
}

uint64_t sys_open_files_max(void)
{
    struct rlimit limit;
    int rc = getrlimit(RLIMIT_NOFILE, &limit);

    assert(rc == 0);
    return limit.rlim_cur;
}

/* pthread functions return a positive errno, and do not set errno. */
int sys_thread_start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
    return -pthread_create(thread, NULL, fn, arg);
}

int sys_thread_join(pthread_t thread)
{
    return -pthread_join(thread, NULL);
}

int sys_thread_id(void)
{
    return (int)syscall(SYS_gettid);
}

void sys_print_error(const char *text, size_t len)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

    /* A write to a full pipe would block the thread. If poll reports a pipe as
     * writable, the pipe has room for PIPE_BUF bytes. */
    if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) &&
        write(STDERR_FILENO, text, len) < 0)
        return; /* a failure to print cannot be reported */
}

void sys_pause_ns(uint64_t delay_ns)
{
    const struct timespec delay = {(time_t)(delay_ns / 1000000000u),
                                   (long)(delay_ns % 1000000000u)};

    (void)nanosleep(&delay, NULL); /* a signal may end the pause early */
}

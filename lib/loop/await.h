/* await.h: the operations, as calls that suspend the task.
 * Introduced in phase 3. Needs: future.h, loop.h.
 *
 *     int fd = await_openat(AT_FDCWD, path, O_RDONLY, 0);
 *     int got = await_read(fd, buf, sizeof buf, 0);
 *
 * Each call suspends the current task until the kernel is done.
 *
 * Returns >= 0        the result of the system call of that name; may be short
 *         -errno      its error
 *         -ECANCELED  the task was cancelled; no data or fd is lost
 *         -ETIME      its deadline passed; no data or fd is lost
 *
 * After a cancel or a deadline the call requests the end of the operation, and
 * waits for its CQE. If either happened before the call, it does not begin.
 * The kernel owns buffers, paths, addresses and iovecs until the call returns.
 * Lengths are bytes, at most AWAIT_LEN_MAX. New fds are close-on-exec.
 * Sources: the io_uring_prep_* man page of each name. */
#ifndef ONE_RING_AWAIT_H
#define ONE_RING_AWAIT_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "future.h"
#include "loop.h"

/* The longest transfer of one operation: its result is an int. */
#define AWAIT_LEN_MAX ((size_t)1 << 30)

/* The offset for "at the file's position, and move it": for pipes, ttys and
 * sockets. Have only one such operation in flight per file. */
#define AWAIT_STREAM UINT64_MAX

/* Files. await_openat2 sets O_CLOEXEC in *how, see openat2(2). */
int await_openat(int dir, const char *path, int flags, mode_t mode);
int await_openat2(int dir, const char *path, struct open_how *how);
int await_close(int fd); /* not interrupted: fd is always gone */
int await_read(int fd, void *buf, size_t len, uint64_t offset);
int await_write(int fd, const void *buf, size_t len, uint64_t offset);
int await_readv(int fd, const struct iovec *iov, unsigned count,
                uint64_t offset);
int await_writev(int fd, const struct iovec *iov, unsigned count,
                 uint64_t offset);
int await_fsync(int fd, unsigned flags); /* 0 or IORING_FSYNC_DATASYNC */
int await_statx(int dir, const char *path, int flags, unsigned mask,
                struct statx *out);
int await_renameat(int old_dir, const char *old_path, int new_dir,
                   const char *new_path);
int await_unlinkat(int dir, const char *path, int flags);
int await_splice(int in, int64_t in_offset, int out, int64_t out_offset,
                 unsigned len);

/* Writes all of buf: continues after a short write. Returns 0, or -errno after
 * an unknown part: as await_write, or -EIO if a write of 0 bytes completes. */
int await_write_all(int fd, const void *buf, size_t len, uint64_t offset);

/* Sockets. flags as in recv(2) and send(2); sends add MSG_NOSIGNAL. */
int await_accept(int fd, struct sockaddr *address, socklen_t *len);
int await_connect(int fd, const struct sockaddr *address, socklen_t len);
int await_recv(int fd, void *buf, size_t len, int flags);
int await_send(int fd, const void *buf, size_t len, int flags);
int await_sendmsg(int fd, const struct msghdr *message, int flags);
int await_recvmsg(int fd, struct msghdr *message, int flags);
int await_shutdown(int fd, int how);

/* Sends all of buf. Returns 0, or -errno after an unknown part: as await_send,
 * or -EIO if a send of 0 bytes completes. */
int await_send_all(int fd, const void *buf, size_t len);

/* Waits until fd, which other code reads or writes, has one of the poll(2)
 * events. Returns the events that it has, or -errno. */
int await_poll(int fd, unsigned events);

/* Suspends until delay_ns after loop_now_ns, which may be earlier than now.
 * Returns 0, -ECANCELED, -ETIME, or -ENOSPC if no timer is free. */
int await_sleep_ns(uint64_t delay_ns);

/* Sleeps by an operation, from its submit on: for comparison. Uses a slot and a
 * CQE. Returns 0, -ECANCELED or -ETIME. */
int await_timeout_ns(uint64_t delay_ns);

/* Waits while *word is value, until await_futex_wake or futex(2) in this
 * process.
 * Returns 0, -EAGAIN if *word differs, or -EINVAL before Linux 6.7. */
int await_futex_wait(const uint32_t *word, uint32_t value);

/* Wakes up to count waiters. Returns their number, or -EINVAL before 6.7. */
int await_futex_wake(const uint32_t *word, uint32_t count);

/* Waits as waitid(2). Returns 0 and fills *info; -EINVAL before Linux 6.7. */
int await_waitid(idtype_t type, id_t id, siginfo_t *info, int options);

/* Passes through the ring without an effect, for measuring. Returns 0. */
int await_nop(void);

/* Sets this task's one deadline: after delay_ns the call that suspends it
 * returns -ETIME, once. deadline_clear removes it. */
void deadline_set_ns(uint64_t delay_ns);
void deadline_clear(void);

/* To add an operation, write it like every call above:
 *
 *     struct await await;
 *     struct io_uring_sqe *sqe = await_start(&await);
 *     io_uring_prep_nop(sqe);
 *     return await_result(&await);
 *
 * Between await_start and await_result the task may start other operations, and
 * other tasks run. await must not move until await_result has returned. */
struct await {
    struct op op;
    struct future future;
    struct task_wait wait;
    bool is_held;             /* held has not been submitted */
    struct io_uring_sqe held; /* the SQE while an interruption is pending:
                                 await_result drops it */
};

/* Returns an SQE to fill. May suspend until a slot is free. While an
 * interruption is pending, the operation does not start. Then await_result
 * returns the interruption, or starts the operation if another call has
 * returned the interruption before. */
struct io_uring_sqe *await_start(struct await *await);

/* For await_result: return the result of a held SQE, or replace one below 0. */
int await_result_when_held(struct await *await);
int result_when_failed(int result);

/* Suspends until the result is in, and returns it. Inline: each call uses
 * it. */
static inline int await_result(struct await *await)
{
    int result;

    if (await->is_held)
        return await_result_when_held(await);
    result = future_wait_until_done(&await->future, &await->wait);
    return result >= 0 ? result : result_when_failed(result);
}

/* Requests that the operation ends early, or that it never starts if it has
 * not started yet. Call await_result afterwards, as without it. */
void cancel_await(struct await *await);

/* As await_result. Poisons buf, which the kernel writes, until the result. */
int await_result_of(struct await *await, const void *buf, size_t len);

/* As await_result, for an operation that an interruption must not end. */
int await_result_uninterrupted(struct await *await);

#endif

/* await.h: the operations, as calls that suspend the task.
 * Introduced in phase 3. Needs: future.h, loop.h.
 *
 *     int fd = await_openat(AT_FDCWD, path, O_RDONLY, 0);
 *     int got = await_read(fd, buf, sizeof buf, 0);
 *
 * Each call suspends the current task until the kernel is done, and returns
 * what the completion carries: >= 0, or -errno as the system call of that name
 * has it. If the task is cancelled or its deadline passes, the operation is
 * asked to end, its own CQE is waited for, and the call returns either its
 * result or -ECANCELED / -ETIME, never dropping bytes or an fd that did arrive.
 * If either happened before the call, the operation is not begun.
 *
 * The caller's buffers, paths, addresses and iovecs are the kernel's until the
 * call returns. Lengths are bytes, at most AWAIT_LEN_MAX; results may be short.
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

/* The longest transfer of one operation: a result is a positive int. */
#define AWAIT_LEN_MAX ((size_t)1 << 30)

/* The offset that means "at the file's position, and move it": for pipes, ttys
 * and sockets. Never have two of these in flight on one file. */
#define AWAIT_STREAM UINT64_MAX

/* Files. await_openat2 takes the how of openat2(2). */
int await_openat(int dir, const char *path, int flags, mode_t mode);
int await_openat2(int dir, const char *path, struct open_how *how);
int await_close(int fd); /* never interrupted: the fd is gone afterwards */
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

/* Writes all of buf: short writes are resumed.
 * Returns 0, or -errno after writing an unknown part. */
int await_write_all(int fd, const void *buf, size_t len, uint64_t offset);

/* Sockets. flags are those of recv(2), send(2); sends add MSG_NOSIGNAL. */
int await_accept(int fd, struct sockaddr *address, socklen_t *len);
int await_connect(int fd, const struct sockaddr *address, socklen_t len);
int await_recv(int fd, void *buf, size_t len, int flags);
int await_send(int fd, const void *buf, size_t len, int flags);
int await_sendmsg(int fd, const struct msghdr *message, int flags);
int await_recvmsg(int fd, struct msghdr *message, int flags);
int await_shutdown(int fd, int how);

/* Sends all of buf. Returns 0, or -errno after sending an unknown part. */
int await_send_all(int fd, const void *buf, size_t len);

/* Waits until fd, which somebody else reads or writes, has one of the poll(2)
 * events. Returns the events that it has, or -errno. */
int await_poll(int fd, unsigned events);

/* Suspends until delay_ns after loop_now_ns: the time that the task has run
 * since then is part of the delay. Returns 0, -ECANCELED or -ETIME. */
int await_sleep_ns(uint64_t delay_ns);

/* A sleep that the kernel times, from when it takes the SQE: for comparing.
 * Takes a slot in flight and an entry of the CQ. */
int await_timeout_ns(uint64_t delay_ns);

/* Waits while the word is value, until somebody wakes those who wait for it:
 * await_futex_wake, or any thread of this process by futex(2). Returns 0, or
 * -EAGAIN if the word is another. await_futex_wake wakes at most count, and
 * returns how many. Linux 6.7; before it -EINVAL. */
int await_futex_wait(const uint32_t *word, uint32_t value);
int await_futex_wake(const uint32_t *word, uint32_t count);

/* waitid(2). Returns 0 and *info; Linux 6.7; before it -EINVAL. */
int await_waitid(idtype_t type, id_t id, siginfo_t *info, int options);

/* A trip through the ring that does nothing. Returns 0. For measuring. */
int await_nop(void);

/* From now on, until deadline_clear: every call that suspends this task returns
 * -ETIME, once, when delay_ns have passed. A task has one deadline. */
void deadline_set_ns(uint64_t delay_ns);
void deadline_clear(void);

/* For adding an operation: every call above is written like this.
 *
 *     struct await await;
 *     struct io_uring_sqe *sqe = await_start(&await);
 *     io_uring_prep_nop(sqe);
 *     return await_result(&await);
 *
 * Between await_start and await_result other operations may be started, and
 * other tasks run: but await must not move until await_result has returned. */
struct await {
    struct op op;
    struct future future;
    struct task_wait wait;
    bool is_held;             /* held has not been submitted */
    struct io_uring_sqe held; /* where the SQE is while an interruption waits to
                                 be delivered: if await_result is called next,
                                 nobody will need it */
};

/* May suspend until a slot for an operation is free. Several that were begun
 * while an interruption was pending all return -ECANCELED or -ETIME. */
struct io_uring_sqe *await_start(struct await *await);

/* What to return for an SQE that was held, and for a result below 0. */
int result_when_held(void);
int result_when_failed(int result);

/* Inline for the reason that future_wait_until_done has. */
static inline int await_result(struct await *await)
{
    int result;

    if (await->is_held)
        return result_when_held();
    result = future_wait_until_done(&await->future, &await->wait);
    return result >= 0 ? result : result_when_failed(result);
}

/* The same, with a buffer that the kernel writes until the result is in (what
 * it only reads may be read by others too, and sent twice at a time); and for
 * an operation that must not be given up half way. */
int await_result_of(struct await *await, const void *buf, size_t len);
int await_result_uninterrupted(struct await *await);

#endif

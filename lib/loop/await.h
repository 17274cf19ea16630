/* await.h: ring operations as function calls that suspend the task.
 * Introduced in phase 3. Needs: future.h, loop.h.
 *
 *     int fd = await_openat(AT_FDCWD, path, O_RDONLY, 0);
 *     int got = await_read(fd, buf, sizeof buf, 0);
 *
 * Each call suspends the current task until the operation completes.
 *
 * Returns >= 0        the result of the system call; a transfer may be short
 *         -errno      the error of the system call
 *         -ECANCELED  the task was cancelled; no data or fd is lost
 *         -ETIME      the deadline passed; no data or fd is lost
 *         -ERR_NO_WORKER  the kernel cancelled the operation, because it could
 *                         not create an io-wq worker; see err.h
 *
 * After a cancel or a deadline (an interruption), the call cancels the
 * operation and waits for its CQE. If an interruption is already pending, the
 * call does not submit the operation. The kernel owns buffers, paths, addresses
 * and iovecs until the call returns. Lengths are in bytes, at most
 * AWAIT_LEN_MAX. New fds are close-on-exec. Sources: the io_uring_prep_* man
 * page of each operation. */
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

/* The longest transfer of one operation. The limit exists because results are
 * ints. */
#define AWAIT_LEN_MAX ((size_t)1 << 30)

/* The offset for files without a position: pipes, terminals, sockets. For any
 * other file it means the file's current position, which the operation
 * advances. A short write sometimes does not advance the position. So call
 * file_settle_position after a short write, as await_write_all does. Keep at
 * most one operation with this offset in flight per file. */
#define AWAIT_STREAM UINT64_MAX

/* File operations. await_openat2 sets O_CLOEXEC in *how; see openat2(2). */
int await_openat(int dir, const char *path, int flags, mode_t mode);
int await_openat2(int dir, const char *path, struct open_how *how);
int await_close(int fd); /* cannot be interrupted; always closes fd */
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

/* Writes all of buf. On failure, part of buf may have been written.
 *
 * Returns 0       success
 *         -EIO    a write returned 0
 *         -errno  from await_write */
int await_write_all(int fd, const void *buf, size_t len, uint64_t offset);

/* Socket operations. flags are as in recv(2) and send(2). await_send and
 * await_sendmsg add MSG_NOSIGNAL. */
int await_accept(int fd, struct sockaddr *address, socklen_t *len);
int await_connect(int fd, const struct sockaddr *address, socklen_t len);
int await_recv(int fd, void *buf, size_t len, int flags);
int await_send(int fd, const void *buf, size_t len, int flags);
int await_sendmsg(int fd, const struct msghdr *message, int flags);
int await_recvmsg(int fd, struct msghdr *message, int flags);
int await_shutdown(int fd, int how);

/* Sends all of buf. On failure, part of buf may have been sent.
 *
 * Returns 0       success
 *         -EIO    a send returned 0
 *         -errno  from await_send */
int await_send_all(int fd, const void *buf, size_t len);

/* Waits until at least one of events (see poll(2)) has occurred on fd. Returns
 * the events that have occurred, or -errno. */
int await_poll(int fd, unsigned events);

/* Suspends for delay_ns. The delay begins at loop_now_ns(), which may be
 * slightly in the past.
 *
 * Returns 0                   delay_ns have passed
 *         -ECANCELED, -ETIME  interrupted
 *         -ENOSPC             no timer is free */
int await_sleep_ns(uint64_t delay_ns);

/* Sleeps with a timeout operation, for comparison with await_sleep_ns. The
 * delay begins when the operation is submitted. Returns 0 after delay_ns, or
 * -ECANCELED or -ETIME if it is interrupted. */
int await_timeout_ns(uint64_t delay_ns);

/* If *word equals value, suspends until a task or thread of this process wakes
 * word (await_futex_wake, futex(2)).
 *
 * Returns 0        woken
 *         -EAGAIN  *word does not equal value
 *         -EINVAL  the kernel is older than Linux 6.7 */
int await_futex_wait(const uint32_t *word, uint32_t value);

/* Wakes at most count waiters. Returns the number of waiters that it woke, or
 * -EINVAL before Linux 6.7. */
int await_futex_wake(const uint32_t *word, uint32_t count);

/* Waits like waitid(2), and fills *info. Returns 0, or -EINVAL before Linux
 * 6.7. */
int await_waitid(idtype_t type, id_t id, siginfo_t *info, int options);

/* Runs an operation that does nothing, for measurements. Returns 0. */
int await_nop(void);

/* Sets this task's deadline, and replaces an earlier one. When delay_ns have
 * passed, one suspending call returns -ETIME: the call that the task is in, or
 * else the next call. */
void deadline_set_ns(uint64_t delay_ns);

/* Removes the deadline. */
void deadline_clear(void);

#endif

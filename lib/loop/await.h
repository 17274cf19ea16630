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
 * After a cancel or a deadline, the call cancels the operation and waits for
 * its CQE. If the task was interrupted before the call, nothing is submitted.
 * The kernel owns buffers, paths, addresses and iovecs until the call returns.
 * Lengths are in bytes, at most AWAIT_LEN_MAX. New fds are close-on-exec.
 * Sources: the io_uring_prep_* man page of each operation. */
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

/* The longest transfer of one operation, limited because results are ints. */
#define AWAIT_LEN_MAX ((size_t)1 << 30)

/* The offset for pipes, ttys and sockets. It means the file's own position,
 * which then advances. Keep at most one such operation in flight per file. A
 * short write may leave the position of a regular file where it was: call
 * file_settle_position, as await_write_all does. */
#define AWAIT_STREAM UINT64_MAX

/* Files. await_openat2 sets O_CLOEXEC in *how; see openat2(2). */
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

/* Writes all of buf. Returns 0, -errno from await_write, or -EIO if a write
 * returns 0. On failure, an unknown part of buf was written. */
int await_write_all(int fd, const void *buf, size_t len, uint64_t offset);

/* Sockets. flags are those of recv(2) and send(2). Sends add MSG_NOSIGNAL. */
int await_accept(int fd, struct sockaddr *address, socklen_t *len);
int await_connect(int fd, const struct sockaddr *address, socklen_t len);
int await_recv(int fd, void *buf, size_t len, int flags);
int await_send(int fd, const void *buf, size_t len, int flags);
int await_sendmsg(int fd, const struct msghdr *message, int flags);
int await_recvmsg(int fd, struct msghdr *message, int flags);
int await_shutdown(int fd, int how);

/* Sends all of buf. Returns 0, -errno from await_send, or -EIO if a send
 * returns 0. On failure, an unknown part of buf was sent. */
int await_send_all(int fd, const void *buf, size_t len);

/* Waits until fd has one of the poll(2) events. Returns them, or -errno. */
int await_poll(int fd, unsigned events);

/* Suspends until delay_ns after loop_now_ns(), which may be slightly in the
 * past. Returns 0, -ECANCELED, -ETIME, or -ENOSPC if no timer is free. */
int await_sleep_ns(uint64_t delay_ns);

/* Sleeps with a timeout operation, for comparison with await_sleep_ns. The
 * delay begins at the submit. Returns 0, -ECANCELED or -ETIME. */
int await_timeout_ns(uint64_t delay_ns);

/* Suspends if *word is value, until this process wakes word (await_futex_wake,
 * futex(2)). Returns 0, -EAGAIN if *word differs, or -EINVAL before Linux
 * 6.7. */
int await_futex_wait(const uint32_t *word, uint32_t value);

/* Wakes up to count waiters. Returns the number woken, or -EINVAL before Linux
 * 6.7. */
int await_futex_wake(const uint32_t *word, uint32_t count);

/* Waits like waitid(2), and fills *info. Returns 0, or -EINVAL before Linux
 * 6.7. */
int await_waitid(idtype_t type, id_t id, siginfo_t *info, int options);

/* Runs an operation that does nothing, for measurements. Returns 0. */
int await_nop(void);

/* Sets this task's only deadline. After delay_ns, the task's current or next
 * suspending call returns -ETIME, once. */
void deadline_set_ns(uint64_t delay_ns);

/* Removes the deadline. */
void deadline_clear(void);

#endif

/* sys.h: the system calls that are not ring operations.
 * Introduced in phase 0. Needs: nothing.
 *
 * sys.c wraps each system call in a function. If the function can fail, it
 * returns >= 0, or an -errno that the man page of the call lists. `ninja
 * stairs` uses nm to check which C library functions the rest of lib calls.
 * tests/tools/stairs.allow lists the permitted functions.
 *
 * Nothing here suspends a task. Use these functions at start-up, at shutdown,
 * and for the few calls that never block (clocks, sizes, socket options). The
 * caller owns each fd that a function returns (all are close-on-exec). */
#ifndef ONE_RING_SYS_H
#define ONE_RING_SYS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Returns the nanoseconds since an arbitrary start; the value never decreases
 * (CLOCK_MONOTONIC). sys_wall_ns counts from 1970 (CLOCK_REALTIME). */
uint64_t sys_now_ns(void);
uint64_t sys_wall_ns(void);

/* Maps len zeroed bytes, which do not use memory until they are touched. The
 * caller owns them, and releases them by calling sys_unmap with the same len.
 *
 * Returns 0        success; sys_map has set *memory
 *         -ENOMEM  no memory, or too many mappings
 *         -EINVAL  len is 0, or memory is not aligned to a page */
int sys_map(void **memory, size_t len);
int sys_unmap(void *memory, size_t len);

/* Makes every access to the page-aligned range fault. Uses a guard marker in
 * the page tables, or mprotect(2) on kernels before Linux 6.13, which have no
 * such markers. Returns 0, or -errno from mprotect(2). */
int sys_guard(void *memory, size_t len);

/* Releases the memory of the page-aligned range. The range stays mapped, and
 * its bytes become zero. */
void sys_discard(void *memory, size_t len);

/* Maps a page that the kernel zeroes in every child that fork(2) creates later
 * (MADV_WIPEONFORK, Linux 4.14). Release it with sys_unmap and the length
 * sys_page_size(). Returns 0, or -errno from mmap(2) or madvise(2). */
int sys_map_forgotten(void **page);

/* Returns the size of a page in bytes. */
size_t sys_page_size(void);

/* Opens the file at path. Returns an fd, or -errno from open(2). */
int sys_open(const char *path, int flags, mode_t mode);

/* Closes fd. Returns 0, or -errno from close(2): fd is closed even then. */
int sys_close(int fd);

/* Makes the descriptor `to` a duplicate of fd, after closing the file that was
 * open as `to`. If `to` is -1, allocates a new descriptor. Returns the
 * duplicate, or -errno from dup3(2) or fcntl(2). */
int sys_duplicate(int fd, int to);

/* Fills *out with the status of fd. Returns 0, or -errno from fstat(2). */
int sys_stat(int fd, struct stat *out);

/* Moves the position of fd.
 *
 * Returns >= 0     the new offset in bytes
 *         -ESPIPE  fd cannot seek
 *         -errno   from lseek(2) */
int64_t sys_seek(int fd, int64_t offset, int whence);

/* Sets the length of fd's file. Returns 0, or -errno from ftruncate(2). */
int sys_truncate(int fd, uint64_t len);

/* Returns the flags that fd was opened with, or -errno from fcntl(2). */
int sys_open_flags(int fd);

/* Stores in *offset the position of the next read or write of fd. Returns 0, or
 * -errno from lseek(2), such as -ESPIPE if fd cannot seek. */
int sys_position(int fd, uint64_t *offset);

/* Stores in *magic the magic number of fd's file system (f_type of statfs(2)).
 * Returns 0, or -errno from fstatfs(2). */
int sys_file_system(int fd, uint64_t *magic);

/* Reads at most len - 1 bytes of the file at path into text, and terminates
 * text with a NUL. Use it at start-up, for small files in /proc and /etc.
 *
 * Returns >= 0    the number of bytes
 *         -errno  from open(2) or read(2); text has the bytes read so far */
int sys_read_text(const char *path, char *text, size_t len);

/* Creates or configures a socket. A new socket does not have O_NONBLOCK,
 * because ring operations never block the thread. sys_local_address sets *out
 * to fd's address, and *len to its length. Each returns >= 0, or -errno from
 * socket(2), bind(2), listen(2), getsockname(2), or setsockopt(2). */
int sys_socket(int domain, int type, int protocol);
int sys_bind(int fd, const struct sockaddr *address, socklen_t len);
int sys_listen(int fd, int backlog);
int sys_local_address(int fd, struct sockaddr_storage *out, socklen_t *len);
int sys_set_option(int fd, int level, int option, int value);
int sys_set_linger(int fd, const struct linger *linger);

/* Blocks the signals in set for this thread. Call it before starting threads,
 * which inherit the mask. Returns a signalfd(2) to read through the ring, or
 * -errno from sigprocmask(2) or signalfd(2). */
int sys_signal_fd(const sigset_t *set);

/* Makes this process ignore a signal. Returns 0, or -errno from signal(2). */
int sys_ignore_signal(int number);

/* Returns a new eventfd, or -errno from eventfd(2). sys_event_signal adds 1 to
 * it (in any thread), and returns 0, or -errno from write(2). */
int sys_event_fd(void);
int sys_event_signal(int fd);

/* sys_watch_open returns a nonblocking inotify fd. sys_watch_add adds a watch
 * of path to fd, and returns its id. Both may return -errno: see inotify(7). */
int sys_watch_open(void);
int sys_watch_add(int fd, const char *path, uint32_t events);

/* Reads once from fd, which must be a regular file or nonblocking.
 *
 * Returns > 0     the number of bytes
 *         0       the end of the file
 *         -errno  from read(2) */
int sys_read(int fd, void *buf, size_t len);

/* Returns the maximum number of open files of this process (RLIMIT_NOFILE). */
uint64_t sys_open_files_max(void);

/* Starts a thread that calls fn(arg). sys_thread_join waits until the thread
 * has ended. Both return 0, or the -errno of pthread_create or pthread_join. */
int sys_thread_start(pthread_t *thread, void *(*fn)(void *), void *arg);
int sys_thread_join(pthread_t thread);

/* Returns the id of this thread (gettid(2)). */
int sys_thread_id(void);

/* Prints len bytes, at most PIPE_BUF (4096), to stderr in one write(2). Drops
 * them if stderr is closed or full. */
void sys_print_error(const char *text, size_t len);

/* Blocks this thread for delay_ns, or until it has handled a signal. */
void sys_pause_ns(uint64_t delay_ns);

#endif

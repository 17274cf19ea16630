/* sys.h: the one door to the operating system outside the ring.
 * Introduced in phase 0. Needs: nothing.
 *
 * Every system call that is not a ring operation stands in sys.c, as a function
 * that returns >= 0 or -errno; `ninja stairs` proves with nm that no other
 * object of lib calls one. So the rest of lib can be read, tested and simulated
 * without asking what the machine does.
 *
 * Nothing here suspends a task: these calls are for start-up, for shutdown, and
 * for the few questions that never block (clocks, sizes, socket options). */
#ifndef ONE_RING_SYS_H
#define ONE_RING_SYS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Time in nanoseconds since an arbitrary start, never going back
 * (CLOCK_MONOTONIC); and since 1970 (CLOCK_REALTIME). */
uint64_t sys_now_ns(void);
uint64_t sys_wall_ns(void);

/* Memory. sys_map gives len bytes of zeroes that cost nothing until they are
 * touched; the caller owns them until sys_unmap. Returns 0, -ENOMEM, -EINVAL.
 * sys_guard makes the page-aligned range fault on any touch: by a guard marker
 * in the page tables (Linux 6.13), else by mprotect. Returns 0 or -errno. */
int sys_map(void **memory, size_t len);
int sys_unmap(void *memory, size_t len);
int sys_guard(void *memory, size_t len);

/* A page that is all zeroes in every child that fork(2) makes from now on
 * (MADV_WIPEONFORK, Linux 4.14). Returns 0 or -errno; sys_unmap releases it,
 * with the length sys_page_size. */
int sys_map_forgotten(void **page);
size_t sys_page_size(void);

/* Files. Returns an fd (close-on-exec) or -errno; sys_close 0 or -errno, and
 * the fd is gone either way. sys_stat fills what fstat(2) says of fd, and
 * sys_position where its next read or write is: 0, or -ESPIPE for a stream. */
int sys_open(const char *path, int flags, mode_t mode);
int sys_close(int fd);
int sys_duplicate(int fd); /* another fd, close-on-exec, for the same file */
int sys_stat(int fd, struct stat *out);

/* lseek(2): the new offset, or -errno (-ESPIPE: a stream). ftruncate(2). The
 * flags that fd was opened with (fcntl(2), F_GETFL). */
int64_t sys_seek(int fd, int64_t offset, int whence);
int sys_truncate(int fd, uint64_t len);
int sys_open_flags(int fd);
int sys_position(int fd, uint64_t *offset);

/* The magic number of the file system that fd's file is on (statfs(2)'s
 * f_type). Returns 0 or -errno. */
int sys_file_system(int fd, uint64_t *magic);

/* Reads at most len bytes of the file at path into text and ends them with a
 * NUL: for the small files of /proc and /etc, at start-up. Returns the number
 * of bytes, at most len - 1, or -errno; text is then what was read before. */
int sys_read_text(const char *path, char *text, size_t len);

/* Sockets: socket(2), bind(2), listen(2), getsockname(2), setsockopt(2) with an
 * int. Each returns >= 0 or -errno. Sockets are close-on-exec and blocking: the
 * ring waits, nobody needs O_NONBLOCK. */
int sys_socket(int domain, int type, int protocol);
int sys_bind(int fd, const struct sockaddr *address, socklen_t len);
int sys_listen(int fd, int backlog);
int sys_local_address(int fd, struct sockaddr_storage *out, socklen_t *len);
int sys_set_option(int fd, int level, int option, int value);
int sys_set_linger(int fd, const struct linger *linger);

/* Signals. sys_signal_fd blocks the signals of set in this thread (so call it
 * before threads are made) and returns an fd that delivers them, to be read
 * through the ring. sys_ignore_signal sets a signal to SIG_IGN. */
int sys_signal_fd(const sigset_t *set);
int sys_ignore_signal(int number);

/* Events between threads: eventfd(2), and a write of 1 to it, which any thread
 * may do at any time. */
int sys_event_fd(void);
int sys_event_signal(int fd);

/* Watching directories: inotify_init1(2), an fd whose sys_read never blocks,
 * and inotify_add_watch(2). sys_read is read(2), for fds that do not block. */
int sys_watch_open(void);
int sys_watch_add(int fd, const char *path, uint32_t events);
int sys_read(int fd, void *buf, size_t len);

/* The number of open files that this process may have (RLIMIT_NOFILE, soft). */
uint64_t sys_open_files_max(void);

/* Threads: starts fn(arg) in one, and waits for its end. 0 or -errno. */
int sys_thread_start(pthread_t *thread, void *(*fn)(void *), void *arg);
int sys_thread_join(pthread_t thread);

/* The id of this thread (gettid(2)). */
int sys_thread_id(void);

/* Prints to stderr in one write(2), at most 4096 bytes of it; never suspends.
 * What a stderr cannot take that nobody reads is dropped. */
void sys_print_error(const char *text, size_t len);

/* Says on stderr what is broken beyond repair, and aborts. For the invariants
 * that, once gone, would let a program hand out wrong bytes. */
_Noreturn void sys_fatal(const char *what, int result);

#endif

/* sys_net.h: system calls for sockets and their names.
 * Introduced in phase 8. Needs: nothing.
 *
 * The rules are those of sys.h: each call returns >= 0 or -errno, and does not
 * suspend a task. */
#ifndef ONE_RING_SYS_NET_H
#define ONE_RING_SYS_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Opens /dev/null as each of the fds 0, 1 and 2 that is closed. Otherwise the
 * next sockets would get these numbers, and clients would receive the text that
 * the program prints. Returns 0, or -errno from open(2). */
int sys_open_stdio(void);

/* Returns true if the process ignores the signal. */
bool sys_signal_is_ignored(int number);

/* Sets the process's umask (the permissions that new files do not get), and
 * returns the previous umask. */
mode_t sys_umask(mode_t mask);

/* Raises the soft limit of open files to the hard limit (RLIMIT_NOFILE).
 * Returns the number of files that this process may now have open. */
uint64_t sys_raise_open_files(void);

/* Returns the number of bytes that this process may lock (RLIMIT_MEMLOCK, the
 * soft limit). */
uint64_t sys_locked_memory_max(void);

/* Fills *out for path, without following a symbolic link. Returns 0, or -errno
 * from lstat(2). */
int sys_stat_name(const char *path, struct stat *out);

/* Removes a name. Returns 0, or -errno from unlink(2). */
int sys_unlink(const char *path);

/* Opens a directory and locks it until the fd is closed. The lock (flock(2))
 * has no effect on programs that do not lock the directory themselves.
 *
 * Returns >= 0          the fd, which the caller owns
 *         -EWOULDBLOCK  another process has the lock
 *         -errno        from open(2) or flock(2) */
int sys_lock_directory(const char *path);

/* Connects fd. May block, as connect(2) does. Returns 0, or -errno from
 * connect(2). */
int sys_connect(int fd, const struct sockaddr *address, socklen_t len);

/* Stores the address of a connected socket's peer in *out. Returns 0, or -errno
 * from getpeername(2). */
int sys_peer_address(int fd, struct sockaddr_storage *out);

/* Stores how many bytes the peer of a TCP socket has acknowledged since the
 * connection began, and how many bytes in the send queue are not acknowledged
 * yet. Returns 0, or -errno from getsockopt(2) or ioctl(2) if fd is another
 * kind of socket. */
int sys_progress(int fd, uint64_t *acked, uint64_t *queued);

/* Sets the flags of fd that fcntl(2) can change, such as O_APPEND, to those in
 * flags. They belong to the open file, so they change for all its fds. Returns
 * 0 or -errno. */
int sys_set_open_flags(int fd, int flags);

/* Ends one direction of a connected socket, or both. After SHUT_RD,
 * recv(2) returns the data that has arrived, and then 0. Does not block.
 * Returns 0, or -errno from shutdown(2). */
int sys_shutdown(int fd, int how);

/* Checks that fd, which another process opened, is a stream socket that
 * listens. Sets FD_CLOEXEC.
 *
 * Returns 0         it is a stream socket that listens
 *         -EINVAL   it is another kind of socket, or does not listen
 *         -errno    from fcntl(2) or getsockopt(2): -EBADF, -ENOTSOCK */
int sys_adopt_listener(int fd);

/* Sends a datagram on a connected socket. Never waits. Returns the number of
 * bytes, or -errno from send(2). */
int sys_send_now(int fd, const void *bytes, size_t len);

/* Returns the process ID of this process. */
int sys_process_id(void);

/* Returns true if a read or accept of fd would not wait now. */
bool sys_has_input(int fd);

/* Finds at most max stream addresses of a host with getaddrinfo(3). Stores the
 * addresses, without ports, in found, their lengths in lens, and their number
 * in *count. Blocks: call it in a thread of a pool.
 *
 * Returns 0        success; *count may be 0
 *         -ENOENT  no such name, or it has no address
 *         -EAGAIN  the name server did not answer
 *         -ENOMEM  getaddrinfo(3) has no memory
 *         -EIO     another failure of the name server
 *         -errno   a system error of getaddrinfo(3) */
int sys_look_up(const char *host, struct sockaddr_storage *found,
                socklen_t *lens, unsigned max, unsigned *count);

/* Returns the index of the network interface of this name, or 0 if there is no
 * such interface. */
unsigned sys_interface_index(const char *name);

#endif

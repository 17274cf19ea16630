/* sim_sys_net.c: the system calls of lib/net/sys_net.h, simulated, and those of
 * sys.h for sockets; sim_socket.c has those with an effect.
 *
 * What it teaches: most calls of a server are made once, at start-up, and
 * nothing depends on their order. They need no simulation, only an answer. */
#include "sys_net.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "sim_check.h"
#include "sys.h"
#include "sys_process.h"

#define OPEN_FILES_MAX 64
#define LOCKED_MEMORY_MAX (UINT64_C(8) << 20)

/* Descriptors 0 to 2 are always open: the table begins after them. */
int sys_open_stdio(void)
{
    return 0;
}

/* As if started by hand, and not by nohup(1). */
bool sys_signal_is_ignored(int number)
{
    (void)number;
    return false;
}

/* A small number, so that the server reaches its own limits. */
uint64_t sys_raise_open_files(void)
{
    return OPEN_FILES_MAX;
}

uint64_t sys_open_files_max(void)
{
    return OPEN_FILES_MAX;
}

/* As much as most systems allow an ordinary user. */
uint64_t sys_locked_memory_max(void)
{
    return LOCKED_MEMORY_MAX;
}

/* There is no other program that could have the address. */
int sys_bind(int fd, const struct sockaddr *address, socklen_t len)
{
    (void)fd, (void)len;
    assert(address->sa_family == AF_INET);
    return 0;
}

/* The port stays 0: no peer needs it. */
int sys_local_address(int fd, struct sockaddr_storage *out, socklen_t *len)
{
    const struct sockaddr_in address = {.sin_family = AF_INET};

    (void)fd;
    memset(out, 0, sizeof *out);
    memcpy(out, &address, sizeof address);
    *len = sizeof address;
    return 0;
}

/* Every peer has the same address. */
int sys_peer_address(int fd, struct sockaddr_storage *out)
{
    socklen_t len;

    return sys_local_address(fd, out, &len);
}

/* No option changes what the program may observe here. */
int sys_set_option(int fd, int level, int option, int value)
{
    (void)fd, (void)level, (void)option, (void)value;
    return 0;
}

/* The calls below are not for a server with one thread and an IPv4 address. */
static int not_simulated(const char *call)
{
    check_fail("simulated-operation", "%s is not simulated", call);
}

int sys_duplicate(int fd, int to)
{
    (void)fd, (void)to;
    return not_simulated("dup");
}

int sys_set_open_flags(int fd, int flags)
{
    (void)fd, (void)flags;
    return not_simulated("fcntl");
}

int sys_thread_start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
    (void)thread, (void)fn, (void)arg;
    return not_simulated("pthread_create");
}

int sys_thread_join(pthread_t thread)
{
    (void)thread;
    return not_simulated("pthread_join");
}

/* It might block, so lib has it for tests only. */
int sys_connect(int fd, const struct sockaddr *address, socklen_t len)
{
    (void)fd, (void)address, (void)len;
    return not_simulated("connect");
}

/* The next calls are for a Unix socket. Its name would need a file system that
 * has more than files. */
mode_t sys_umask(mode_t mask)
{
    (void)mask;
    return (mode_t)not_simulated("umask");
}

int sys_stat_name(const char *path, struct stat *out)
{
    (void)path, (void)out;
    return not_simulated("lstat");
}

int sys_unlink(const char *path)
{
    (void)path;
    return not_simulated("unlink");
}

int sys_lock_directory(const char *path)
{
    (void)path;
    return not_simulated("flock");
}

unsigned sys_interface_index(const char *name)
{
    (void)name;
    return (unsigned)not_simulated("if_nametoindex");
}

/* Not called, because the environment has no variables of systemd. */
int sys_adopt_listener(int fd)
{
    (void)fd;
    return not_simulated("systemd's sockets");
}

int sys_send_now(int fd, const void *bytes, size_t len)
{
    (void)fd, (void)bytes, (void)len;
    return not_simulated("systemd's messages");
}

/* Fails as for a Unix socket: the kernel counts acknowledged bytes only for
 * TCP. */
int sys_progress(int fd, uint64_t *acked, uint64_t *queued)
{
    (void)fd, (void)acked, (void)queued;
    return -EOPNOTSUPP;
}

int sys_process_id(void)
{
    return not_simulated("getpid");
}

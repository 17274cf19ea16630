/* errors.c: the table of lib/ring/op_error, compared with this kernel.
 *
 * Each row that the table calls provoked is provoked here at least once, with
 * real files, sockets and limits. A trial runs in a child process, since it
 * may drop root or lower a limit, and its result is the child's exit code. */
#include "op_error.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "children.h"
#include "probe.h"
#include "ring.h"
#include "suite.h"
#include "uring_compat.h"

#define countof(array) (sizeof(array) / sizeof(array)[0])
#define SECOND UINT64_C(1000000000)
#define NOBODY 65534
#define ACCEPT_DONTWAIT (1u << 1) /* IORING_ACCEPT_DONTWAIT, since 6.10 */
#define SKIPPED 255 /* the exit code of a trial that cannot be tried */

/* One operation: the fields of its SQE, and the errno that it must end with.
 * fd is a function that makes the descriptor, in the child. */
struct trial {
    int op, error;
    int (*fd)(void);
    const void *addr;
    unsigned len;
    uint64_t off;
    unsigned flags;    /* rw_flags and its other names */
    uint32_t index;    /* file_index, and the input of a splice */
    uint64_t addr3;
    uint8_t sqe_flags;
    uint16_t ioprio;
    bool as_root;      /* needs root */
};

static struct ring ring;
static char room[70000];
static const struct iovec vector = {room, 8};
static const struct msghdr message = {.msg_iov = (struct iovec *)&vector,
                                      .msg_iovlen = 1};
static const struct iovec large = {room, sizeof room};
static const struct msghdr large_message = {.msg_iov = (struct iovec *)&large,
                                            .msg_iovlen = 1};
static struct sockaddr_in address;
static const struct sockaddr_un unix_address = {AF_UNIX, "socket"};
static const struct sockaddr_un no_address = {AF_UNIX, "no-socket"};
static const struct sockaddr_in broadcast = {
    AF_INET, 0x0900, {0xffffff7f}, {0}}; /* 127.255.255.255 */
static const struct msghdr to_all = {.msg_name = (void *)&broadcast,
                                     .msg_namelen = sizeof broadcast,
                                     .msg_iov = (struct iovec *)&vector,
                                     .msg_iovlen = 1};
static const struct __kernel_timespec soon = {0, 1000};
static struct statx is;
static uint32_t word[2];
static const struct open_how read_only, beneath = {.resolve = RESOLVE_BENEATH};
static const struct open_how direct = {.flags = O_DIRECT},
                             held = {.flags = O_WRONLY | O_NONBLOCK};
static const struct {
    struct open_how how;
    uint64_t field; /* that no kernel knows */
} newer = {.field = 1};

/* Files and pipes. */

static int here(void)
{
    return AT_FDCWD;
}

static int none(void)
{
    return 9999;
}

static int ordinary(void)
{
    return open("file", O_RDWR);
}

/* A file with the attribute user.long, of ten bytes. */
static int with_attribute(void)
{
    int fd = ordinary();

    if (fsetxattr(fd, "user.long", "long value", 10, 0) != 0)
        _exit(SKIPPED); /* this file system has no attributes */
    return fd;
}

static int directory(void)
{
    return open("dir", O_RDONLY);
}

static int own_memory(void)
{
    return open("/proc/self/mem", O_RDWR);
}

static int zeros(void)
{
    return open("/dev/zero", O_RDONLY);
}

static int full_device(void)
{
    return open("/dev/full", O_WRONLY);
}

static int empty_pipe(void)
{
    int ends[2];

    return pipe2(ends, O_NONBLOCK) == 0 ? ends[0] : -1;
}

static int full_pipe(void)
{
    int ends[2];

    if (pipe2(ends, O_NONBLOCK) != 0)
        return -1;
    while (write(ends[1], room, 4096) > 0)
        continue;
    return ends[1];
}

static int pipe_without_reader(void)
{
    int ends[2];

    if (pipe(ends) != 0)
        return -1;
    close(ends[0]);
    return ends[1];
}

static int sealed(void)
{
    int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

    (void)fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
    return fd;
}

static int pipe_with_data(void)
{
    int ends[2];

    return pipe(ends) == 0 && write(ends[1], room, 8) == 8 ? ends[0] : -1;
}

/* Splices have two descriptors: second is where the bytes come from. */
static int second = -1;

static int from_empty_pipe(void)
{
    second = empty_pipe();
    return full_pipe();
}

static int from_file_to_file(void)
{
    second = ordinary();
    return ordinary();
}

static int from_data_to_no_reader(void)
{
    second = pipe_with_data();
    return pipe_without_reader();
}

/* The ring's table of direct descriptors has one entry, which is used. */
static int full_table(void)
{
    int fd = ordinary();

    if (io_uring_register_files(&ring.uring, &fd, 1) != 0)
        _exit(SKIPPED);
    return AT_FDCWD;
}

/* A futex wait has its flags where others have a descriptor. */
static int futex_flags(void)
{
    return 2 | 128; /* FUTEX2_SIZE_U32 | FUTEX2_PRIVATE */
}

/* Limits, and the rights of another user. */

static void limit(int resource, rlim_t value)
{
    struct rlimit is_now;

    getrlimit(resource, &is_now);
    is_now.rlim_cur = value;
    setrlimit(resource, &is_now);
}

static int small_files(void)
{
    signal(SIGXFSZ, SIG_IGN);
    limit(RLIMIT_FSIZE, 0);
    return ordinary();
}

static int no_more_fds(void)
{
    int next = dup(STDIN_FILENO);

    close(next);
    limit(RLIMIT_NOFILE, (rlim_t)next);
    return AT_FDCWD;
}

static int another_user(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 ||
                           setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                           setresuid(NOBODY, NOBODY, NOBODY) != 0))
        _exit(SKIPPED);
    return AT_FDCWD;
}

static int no_threads(void)
{
    another_user();
    limit(RLIMIT_NPROC, 0);
    return -1;
}

static int leased(void)
{
    int fd = open("file", O_RDWR);

    signal(SIGIO, SIG_IGN);
    return fcntl(fd, F_SETLEASE, F_WRLCK) == 0 ? AT_FDCWD : -1;
}

/* Sockets. */

static int tcp(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static int udp(void)
{
    return socket(AF_INET, SOCK_DGRAM, 0);
}

static int unix_stream(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

/* Binds fd to a free port, whose address is then in address. */
static int bound(int fd)
{
    socklen_t len = sizeof address;

    address = (struct sockaddr_in){.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        _exit(SKIPPED);
    return fd;
}

static int deaf(void)
{
    return bound(tcp());
}

static int listener(void)
{
    int fd = bound(tcp());

    return listen(fd, 8) == 0 ? fd : -1;
}

static int connected(void)
{
    int fd = tcp();

    listener();
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd
                                                                         : -1;
}

static int waiting(void)
{
    int fd = listener(), client = tcp();

    (void)connect(client, (struct sockaddr *)&address, sizeof address);
    (void)no_more_fds();
    return fd;
}

/* The peer closes with SO_LINGER 0, which sends a reset. */
static int reset(void)
{
    const struct linger at_once = {1, 0};
    int server = listener(), fd = tcp(), peer;

    (void)connect(fd, (struct sockaddr *)&address, sizeof address);
    peer = accept(server, NULL, NULL);
    (void)setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(peer);
    return fd;
}

static int half_closed(void)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return -1;
    close(ends[1]);
    return ends[0];
}

static int full_socket(void)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return -1;
    while (send(ends[0], room, 4096, MSG_DONTWAIT) > 0)
        continue;
    return ends[0];
}

static int empty_socket(void)
{
    int ends[2];

    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 ? ends[0] : -1;
}

static int udp_connected(void)
{
    int fd = udp(), other = bound(udp());

    (void)other;
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd
                                                                         : -1;
}

/* The answer to the datagram is that its port is closed. */
static int udp_refused(void)
{
    int fd = udp(), other = bound(udp());

    close(other);
    (void)connect(fd, (struct sockaddr *)&address, sizeof address);
    (void)send(fd, room, 1, 0);
    return fd;
}

static int towards_nothing(void)
{
    close(bound(tcp()));
    return tcp();
}

static int unix_listener(void)
{
    int fd = unix_stream();

    unlink("socket");
    if (bind(fd, (const struct sockaddr *)&unix_address,
             sizeof unix_address) != 0 ||
        listen(fd, 0) != 0)
        return -1;
    return fd;
}

static int unix_queue_is_full(void)
{
    unix_listener();
    for (int fd = 0; fd >= 0;) {
        int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

        fd = connect(client, (const struct sockaddr *)&unix_address,
                     sizeof unix_address) == 0
                 ? client
                 : -1;
    }
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static int unix_datagram(void)
{
    unix_listener();
    return socket(AF_UNIX, SOCK_DGRAM, 0);
}

#define NAME_OF(n) n n n n n n n n n n
static const char long_name[] =
    NAME_OF("a long name of a file, ") NAME_OF("a long name of a file, ");

#define NEXT(variable) .addr = &(variable), .off = sizeof(variable)

/* Fields that follow the descriptor are in the order of the struct. */
#define TRIAL(opcode, number, make_fd, ...)                                   \
    {                                                                         \
        .op = (opcode), .error = (number), .fd = (make_fd), __VA_ARGS__       \
    }

static const struct trial trials[] = {
    TRIAL(IORING_OP_READ, EAGAIN, empty_pipe, room, 8, .flags = RWF_NOWAIT),
    TRIAL(IORING_OP_READV, EAGAIN, empty_pipe, &vector, 1,
          .flags = RWF_NOWAIT),
    TRIAL(IORING_OP_READ, EISDIR, directory, room, 8),
    TRIAL(IORING_OP_READV, EISDIR, directory, &vector, 1),
    TRIAL(IORING_OP_READ, EIO, own_memory, room, 8),
    TRIAL(IORING_OP_READ, ECONNRESET, reset, room, 8),
    TRIAL(IORING_OP_READ, ENOTCONN, tcp, room, 8),
    TRIAL(UR_OP_READ_MULTISHOT, ENOBUFS, pipe_with_data, NULL, 0, 0,
          .sqe_flags = IOSQE_BUFFER_SELECT),
    TRIAL(UR_OP_READ_MULTISHOT, EBADFD, ordinary, NULL, 0, 0,
          .sqe_flags = IOSQE_BUFFER_SELECT),
    TRIAL(IORING_OP_WRITE, EAGAIN, full_pipe, room, 8, .flags = RWF_NOWAIT),
    TRIAL(IORING_OP_WRITEV, EAGAIN, full_pipe, &vector, 1,
          .flags = RWF_NOWAIT),
    TRIAL(IORING_OP_WRITE, EPIPE, pipe_without_reader, room, 8),
    TRIAL(IORING_OP_WRITE, ENOSPC, full_device, room, 8),
    TRIAL(IORING_OP_WRITE, EFBIG, small_files, room, 8),
    TRIAL(IORING_OP_WRITE, EPERM, sealed, room, 8),
    TRIAL(IORING_OP_WRITE, ECONNRESET, reset, room, 8),
    TRIAL(IORING_OP_FSYNC, EINVAL, empty_pipe),
    TRIAL(UR_OP_FTRUNCATE, EINVAL, empty_pipe),
    TRIAL(UR_OP_FTRUNCATE, EFBIG, small_files, .off = 1 << 20),
    TRIAL(UR_OP_FTRUNCATE, EPERM, sealed, .off = 1 << 20),
    TRIAL(IORING_OP_FALLOCATE, ESPIPE, full_pipe, (void *)8),
    TRIAL(IORING_OP_FALLOCATE, EFBIG, small_files, (void *)(1 << 20)),
    TRIAL(IORING_OP_FALLOCATE, EPERM, sealed, (void *)(1 << 20)),
    TRIAL(IORING_OP_FGETXATTR, EOPNOTSUPP, ordinary, "none.such", 8,
          (uintptr_t)room),
    TRIAL(IORING_OP_FSETXATTR, EOPNOTSUPP, ordinary, "none.such", 8,
          (uintptr_t)room),
    TRIAL(IORING_OP_FGETXATTR, ENODATA, with_attribute, "user.none", 8,
          (uintptr_t)room),
    TRIAL(IORING_OP_FGETXATTR, ERANGE, with_attribute, "user.long", 2,
          (uintptr_t)room),
    TRIAL(IORING_OP_FSETXATTR, E2BIG, ordinary, "user.long", 65537,
          (uintptr_t)room),
    TRIAL(IORING_OP_FSETXATTR, EPERM, empty_pipe, "user.x", 1,
          (uintptr_t)room),
    TRIAL(IORING_OP_SPLICE, EAGAIN, from_empty_pipe, (void *)-1, 8, UINT64_MAX,
          .flags = SPLICE_F_NONBLOCK),
    TRIAL(IORING_OP_TEE, EAGAIN, from_empty_pipe, .len = 8,
          .flags = SPLICE_F_NONBLOCK),
    TRIAL(IORING_OP_SPLICE, EINVAL, from_file_to_file, (void *)-1, 8,
          UINT64_MAX),
    TRIAL(IORING_OP_SPLICE, EPIPE, from_data_to_no_reader, (void *)-1, 8,
          UINT64_MAX),
    TRIAL(IORING_OP_SPLICE, ESPIPE, from_data_to_no_reader, (void *)8, 8,
          UINT64_MAX),

    TRIAL(IORING_OP_OPENAT, ENOENT, here, "missing"),
    TRIAL(IORING_OP_OPENAT2, ENOENT, here, "missing", sizeof read_only,
          (uintptr_t)&read_only),
    TRIAL(IORING_OP_STATX, ENOENT, here, "missing", STATX_SIZE, (uintptr_t)&is),
    TRIAL(IORING_OP_UNLINKAT, ENOENT, here, "missing"),
    TRIAL(IORING_OP_RENAMEAT, ENOENT, here, "missing", (unsigned)AT_FDCWD,
          (uintptr_t) "new"),
    TRIAL(IORING_OP_OPENAT, EACCES, another_user, "closed/file"),
    TRIAL(IORING_OP_STATX, EACCES, another_user, "closed/file", STATX_SIZE,
          (uintptr_t)&is),
    TRIAL(IORING_OP_OPENAT, ENOTDIR, here, "file/below"),
    TRIAL(IORING_OP_UNLINKAT, ENOTDIR, here, "file/below"),
    TRIAL(IORING_OP_OPENAT, ELOOP, here, "loop"),
    TRIAL(IORING_OP_STATX, ELOOP, here, "loop", STATX_SIZE, (uintptr_t)&is),
    TRIAL(IORING_OP_OPENAT, ENAMETOOLONG, here, long_name),
    TRIAL(IORING_OP_OPENAT, EAGAIN, leased, "file", .flags = O_NONBLOCK),
    TRIAL(IORING_OP_OPENAT, EEXIST, here, "file", .flags = O_CREAT | O_EXCL),
    TRIAL(IORING_OP_OPENAT, EISDIR, here, "dir", .flags = O_WRONLY),
    TRIAL(IORING_OP_OPENAT, EMFILE, no_more_fds, "file"),
    TRIAL(IORING_OP_OPENAT, ENFILE, full_table, "file",
          .index = IORING_FILE_INDEX_ALLOC),
    TRIAL(IORING_OP_OPENAT2, ENXIO, here, "fifo", sizeof held,
          (uintptr_t)&held),
    TRIAL(IORING_OP_OPENAT, EOPNOTSUPP, here, "/proc",
          .flags = O_TMPFILE | O_RDWR, .as_root = true),
    TRIAL(IORING_OP_OPENAT2, EINVAL, here, "/proc/version", sizeof direct,
          (uintptr_t)&direct),
    TRIAL(IORING_OP_OPENAT2, EXDEV, here, "..", sizeof beneath,
          (uintptr_t)&beneath),
    TRIAL(IORING_OP_OPENAT2, E2BIG, here, "file", sizeof newer,
          (uintptr_t)&newer),
    TRIAL(IORING_OP_UNLINKAT, EISDIR, here, "dir"),
    TRIAL(IORING_OP_UNLINKAT, ENOTEMPTY, here, "dir", .flags = AT_REMOVEDIR),
    TRIAL(IORING_OP_RENAMEAT, EEXIST, here, "file", (unsigned)AT_FDCWD,
          (uintptr_t) "other", .flags = RENAME_NOREPLACE),
    TRIAL(IORING_OP_RENAMEAT, ENOTEMPTY, here, "empty", (unsigned)AT_FDCWD,
          (uintptr_t) "dir"),
    TRIAL(IORING_OP_RENAMEAT, EISDIR, here, "file", (unsigned)AT_FDCWD,
          (uintptr_t) "dir"),
    TRIAL(IORING_OP_RENAMEAT, EXDEV, here, "file", (unsigned)AT_FDCWD,
          (uintptr_t) "/proc/new"),
    TRIAL(IORING_OP_RENAMEAT, EINVAL, here, "dir", (unsigned)AT_FDCWD,
          (uintptr_t) "dir/new"),

    TRIAL(IORING_OP_ACCEPT, EAGAIN, listener, .ioprio = ACCEPT_DONTWAIT),
    TRIAL(IORING_OP_ACCEPT, EMFILE, waiting),
    TRIAL(IORING_OP_ACCEPT, EINVAL, deaf),
    TRIAL(IORING_OP_ACCEPT, EOPNOTSUPP, udp),
    TRIAL(IORING_OP_ACCEPT, ENOTSOCK, ordinary),
    TRIAL(IORING_OP_CONNECT, EAGAIN, unix_queue_is_full, NEXT(unix_address)),
    TRIAL(IORING_OP_CONNECT, ECONNREFUSED, towards_nothing, NEXT(address)),
    TRIAL(IORING_OP_CONNECT, ENOENT, unix_stream, NEXT(no_address)),
    TRIAL(IORING_OP_CONNECT, EISCONN, connected, NEXT(address)),
    TRIAL(IORING_OP_CONNECT, EAFNOSUPPORT, tcp, NEXT(unix_address)),
    TRIAL(IORING_OP_CONNECT, EPROTOTYPE, unix_datagram, NEXT(unix_address)),
    TRIAL(IORING_OP_CONNECT, ENOTSOCK, ordinary, NEXT(address)),
    TRIAL(IORING_OP_SEND, EPIPE, half_closed, room, 8, .flags = MSG_NOSIGNAL),
    TRIAL(IORING_OP_SENDMSG, EPIPE, half_closed, &message, 1,
          .flags = MSG_NOSIGNAL),
    TRIAL(IORING_OP_SEND, ECONNRESET, reset, room, 8, .flags = MSG_NOSIGNAL),
    TRIAL(IORING_OP_RECV, ECONNRESET, reset, room, 8),
    TRIAL(IORING_OP_RECVMSG, ECONNRESET, reset, &message, 1),
    TRIAL(IORING_OP_SEND, ECONNREFUSED, udp_refused, room, 8),
    TRIAL(IORING_OP_RECV, ECONNREFUSED, udp_refused, room, 8),
    TRIAL(IORING_OP_SEND, EAGAIN, full_socket, room, 8, .flags = MSG_DONTWAIT),
    TRIAL(IORING_OP_RECV, EAGAIN, empty_socket, room, 8, .flags = MSG_DONTWAIT),
    TRIAL(IORING_OP_SEND, EMSGSIZE, udp_connected, room, sizeof room),
    TRIAL(IORING_OP_SENDMSG, EMSGSIZE, udp_connected, &large_message, 1),
    TRIAL(IORING_OP_SEND, EDESTADDRREQ, udp, room, 8),
    TRIAL(IORING_OP_SENDMSG, EACCES, udp, &to_all, 1),
    TRIAL(IORING_OP_RECV, ENOBUFS, empty_socket, NULL, 0,
          .sqe_flags = IOSQE_BUFFER_SELECT),
    TRIAL(IORING_OP_SEND, ENOTCONN, unix_stream, room, 8,
          .flags = MSG_NOSIGNAL),
    TRIAL(IORING_OP_RECV, ENOTCONN, tcp, room, 8),
    TRIAL(IORING_OP_RECV, ENOTSOCK, ordinary, room, 8),
    TRIAL(IORING_OP_SHUTDOWN, ENOTCONN, tcp),

    TRIAL(IORING_OP_TIMEOUT, ETIME, none, &soon, 1),
    TRIAL(IORING_OP_ASYNC_CANCEL, ENOENT, none, &ring),
    TRIAL(IORING_OP_POLL_REMOVE, ENOENT, none, &ring),
    TRIAL(IORING_OP_TIMEOUT_REMOVE, ENOENT, none, &ring),
    TRIAL(IORING_OP_LINK_TIMEOUT, ETIME, none, &soon, 1),
    TRIAL(UR_OP_FUTEX_WAIT, EAGAIN, futex_flags, &word, .off = 1,
          .addr3 = UINT32_MAX),
    TRIAL(UR_OP_WAITID, ECHILD, here, .len = P_ALL, .index = WEXITED),
    TRIAL(IORING_OP_MSG_RING, EBADFD, ordinary),
    TRIAL(IORING_OP_NOP, ECANCELED, no_threads, .sqe_flags = IOSQE_ASYNC),
    TRIAL(IORING_OP_READ, EBADF, none, room, 8),
    TRIAL(IORING_OP_CLOSE, EBADF, none),
    TRIAL(IORING_OP_READ, EFAULT, zeros, (const void *)8, 8),
    TRIAL(IORING_OP_TIMEOUT, EINVAL, none, &soon, 2),
};

/* An operation for the time-out behind it: data never comes. */
static void link_poll(void)
{
    struct io_uring_sqe *sqe;

    ring_reserve(&ring, 2);
    sqe = ring_sqe(&ring, HANDLE_NONE);
    io_uring_prep_poll_add(sqe, empty_socket(), POLLIN);
    sqe->flags = IOSQE_IO_LINK;
}

static int result_of(const struct trial *trial)
{
    int fd = trial->fd();
    struct io_uring_cqe cqe;
    struct io_uring_sqe *sqe;

    if (trial->op == IORING_OP_LINK_TIMEOUT)
        link_poll();
    sqe = ring_sqe(&ring, 1);
    io_uring_prep_rw(trial->op, sqe, fd, trial->addr, trial->len, trial->off);
    sqe->rw_flags = (int)trial->flags;
    sqe->file_index = trial->index;
    sqe->addr3 = trial->addr3;
    sqe->flags = trial->sqe_flags;
    sqe->ioprio = trial->ioprio;
    if (trial->op == IORING_OP_SPLICE || trial->op == IORING_OP_TEE)
        sqe->splice_fd_in = second;
    do {
        if (ring_enter(&ring, 1, SECOND) < 0)
            return 0;
        while (ring_next(&ring, &cqe))
            if (cqe.user_data == 1)
                return cqe.res;
    } while (ring.counters.enters < 3);
    return 0;
}

static char path[256];

/* Makes the files that the trials name. Every user may read them. */
static void make_files(void)
{
    const char *parent = getenv("TMPDIR");

    umask(0);
    snprintf(path, sizeof path, "%s/errors.XXXXXX", parent ? parent : "/tmp");
    check(mkdtemp(path) != NULL && chmod(path, 0755) == 0 && chdir(path) == 0);
    check(mkdir("dir", 0755) == 0 && mkdir("dir/entry", 0755) == 0 &&
          mkdir("empty", 0755) == 0 && mkdir("closed", 0) == 0 &&
          symlink("loop", "loop") == 0 && mkfifo("fifo", 0644) == 0);
    close(creat("file", 0644));
    close(creat("other", 0644));
}

static void remove_files(void)
{
    static const char *const names[] = {
        "file", "other", "fifo", "loop", "socket", "dir/entry", "dir", "empty",
        "closed",
    };

    for (size_t i = 0; i < countof(names); i++)
        (void)remove(names[i]);
    check(rmdir(path) == 0);
}

/* Returns the errno that the trial ended with, 0 for none, or SKIPPED. */
static int errno_of(const struct trial *trial)
{
    struct ring_options options = {.sq_entries = 4};
    int status;
    pid_t child;

    if (trial->as_root && geteuid() != 0)
        return SKIPPED;
    child = fork();
    if (child == 0) {
        signal(SIGPIPE, SIG_IGN);
        check_ring(ring_init(&ring, &options));
        _exit(-result_of(trial));
    }
    if (children_wait(child, &status, 0) != child || !WIFEXITED(status))
        return 0;
    return WEXITSTATUS(status);
}

TEST(each_provoked_errno_is_what_this_kernel_returns)
{
    struct probe probe;
    unsigned wrong = 0;

    check_res(probe_run(&probe), 0);
    make_files();
    for (size_t i = 0; i < countof(trials); i++) {
        const struct trial *trial = &trials[i];
        int error = probe_has_op(&probe, trial->op) ? errno_of(trial) : SKIPPED;

        if (error == trial->error || error == SKIPPED)
            continue;
        printf("trial %zu: opcode %d ended with %s, not with %s\n", i,
               trial->op, err_name(-error), err_name(-trial->error));
        wrong++;
    }
    remove_files();
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Reads a device for which the kernel needs a worker, and can have none. Exits
 * with the errno of the read. The kernel cancels the read by itself, or, on
 * Linux 6.18, when it is told to. */
static void read_without_worker(void)
{
    struct io_uring_cqe cqe;

    no_threads();
    io_uring_prep_read(ring_sqe(&ring, 1), open("/dev/full", O_RDONLY), room, 8,
                       0);
    (void)ring_enter(&ring, 1, SECOND / 10);
    io_uring_prep_cancel64(ring_sqe(&ring, 2), 1, 0);
    for (int i = 0; i < 20 && ring_enter(&ring, 1, SECOND) == 0; i++)
        while (ring_next(&ring, &cqe))
            if (cqe.user_data == 1)
                _exit(-cqe.res);
    _exit(0);
}

TEST(a_cancel_ends_a_read_that_gets_no_worker)
{
    struct ring_options options = {.sq_entries = 4};
    int status;
    pid_t child = fork();

    if (child == 0) {
        check_ring(ring_init(&ring, &options));
        read_without_worker();
    }
    check_res(children_wait(child, &status, 0), child);
    check(WIFEXITED(status));
    if (WEXITSTATUS(status) != SKIPPED)
        check_res(-WEXITSTATUS(status), -ECANCELED);
}
END_TEST

TEST(each_row_is_provoked_if_and_only_if_it_says_so)
{
    size_t count;
    const struct op_error *table = op_error_table(&count);

    for (size_t i = 0; i < count; i++) {
        bool has_trial = false;

        for (size_t k = 0; k < countof(trials); k++)
            has_trial = has_trial || op_error_find(trials[k].op,
                                                   -trials[k].error) ==
                                         &table[i];
        ck_assert_msg(has_trial == table[i].is_provoked, "row %zu: %s (%s)", i,
                      err_name(-table[i].error), table[i].meaning);
    }
}
END_TEST

/* The first row that fits hides the others, so a row must not come behind one
 * that holds for the same opcodes and errno. */
TEST(each_row_can_be_found)
{
    size_t count;
    const struct op_error *table = op_error_table(&count);

    for (size_t i = 0; i < count; i++) {
        int error = table[i].error != 0 ? table[i].error : ENOTUNIQ;
        bool is_found = false;

        for (int op = 0; op < 64; op++)
            is_found = is_found || op_error_find(op, -error) == &table[i];
        ck_assert_msg(is_found, "row %zu: %s (%s)", i,
                      err_name(-table[i].error), table[i].meaning);
    }
}
END_TEST

TEST(an_unknown_errno_is_the_objects_and_an_unknown_accept_waits)
{
    const int kinds[][3] = {
        {IORING_OP_READ, -ENOTUNIQ, ERROR_OBJECT},
        {IORING_OP_ACCEPT, -ENOTUNIQ, ERROR_LIMIT},
        {IORING_OP_ACCEPT, -EBADF, ERROR_BUG},
        {IORING_OP_ACCEPT, -ENETDOWN, ERROR_OBJECT},
        {-1, -EBADF, ERROR_OBJECT},
        {64, -EBADF, ERROR_OBJECT},
        {1000, -ENOTUNIQ, ERROR_OBJECT},
    };

    for (size_t i = 0; i < countof(kinds); i++)
        ck_assert_int_eq(op_error_kind(kinds[i][0], kinds[i][1]), kinds[i][2]);
}
END_TEST

TEST(each_opcode_of_a_trial_has_a_manual_page)
{
    for (size_t i = 0; i < countof(trials); i++)
        ck_assert_msg(op_error_source(trials[i].op) != NULL, "opcode %d",
                      trials[i].op);
    ck_assert_ptr_null(op_error_source(63));
}
END_TEST

int main(void)
{
    suite_begin("errors");
    suite_add(each_provoked_errno_is_what_this_kernel_returns);
    suite_add(a_cancel_ends_a_read_that_gets_no_worker);
    suite_add(each_row_is_provoked_if_and_only_if_it_says_so);
    suite_add(each_row_can_be_found);
    suite_add(an_unknown_errno_is_the_objects_and_an_unknown_accept_waits);
    suite_add(each_opcode_of_a_trial_has_a_manual_page);
    return suite_end();
}

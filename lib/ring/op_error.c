/* op_error.c: the meaning of an operation's errors; see op_error.h.
 * Introduced in phase 2. Needs: op_error.h, uring_compat.h.
 *
 * What it teaches: errors are data. A table can be read, printed, checked row
 * by row against the kernel, and compared with the manual. A decision in the
 * middle of a function cannot. */
#include "op_error.h"

#include <assert.h>
#include <errno.h>

#include "uring_compat.h"

#define countof(array) (sizeof(array) / sizeof(array)[0])

/* A set of opcodes is a bit mask, because all opcodes that we use are below
 * 64. */
#define OP(name) (UINT64_C(1) << IORING_OP_##name)
#define NEWER(name) (UINT64_C(1) << UR_OP_##name)

#define READS (OP(READ) | OP(READV) | OP(READ_FIXED))
#define WRITES (OP(WRITE) | OP(WRITEV) | OP(WRITE_FIXED))
#define OPENS (OP(OPENAT) | OP(OPENAT2))
#define PATHS (OPENS | OP(STATX) | OP(UNLINKAT) | OP(RENAMEAT))
#define SPLICES (OP(SPLICE) | OP(TEE))
#define GETS_XATTR (OP(FGETXATTR) | OP(GETXATTR))
#define SETS_XATTR (OP(FSETXATTR) | OP(SETXATTR))
#define ZERO_COPY (OP(SEND_ZC) | OP(SENDMSG_ZC))
#define SENDS (OP(SEND) | OP(SENDMSG) | ZERO_COPY)
#define RECEIVES (OP(RECV) | OP(RECVMSG))
#define SOCKETS (OP(ACCEPT) | OP(CONNECT) | SENDS | RECEIVES | OP(SHUTDOWN))
#define ALL UINT64_MAX

/* The source of a row: a test provokes the error (RUN), or only a manual page
 * lists it (READ_ONLY). */
#define RUN true
#define READ_ONLY false

/* op_error_find returns the first row that fits, so rows for few opcodes come
 * before rows for many. */
static const struct op_error table[] = {
    /* Files. EIO from a read concerns one file. After EIO from an fsync the
     * kernel has dropped the data, so a second fsync would succeed although the
     * data is lost. */
    {READS, EAGAIN, ERROR_RETRY, RUN, "no data now (RWF_NOWAIT): poll first"},
    {READS, EISDIR, ERROR_OBJECT, RUN, "a directory"},
    {READS, EIO, ERROR_OBJECT, RUN, "the device or file cannot deliver"},
    {READS, ECONNRESET, ERROR_OBJECT, RUN, "the peer reset the connection"},
    {READS, ENOTCONN, ERROR_BUG, RUN, "a socket without a peer"},
    {READS, ESTALE, ERROR_OBJECT, READ_ONLY, "the file server lost the file"},
    {NEWER(READ_MULTISHOT), ENOBUFS, ERROR_LIMIT, RUN,
     "no provided buffer: read again after one is released"},
    {NEWER(READ_MULTISHOT), EBADFD, ERROR_BUG, RUN,
     "a regular file, which cannot be polled"},
    {WRITES, EAGAIN, ERROR_RETRY, RUN, "no room now (RWF_NOWAIT): poll first"},
    {WRITES, EPIPE, ERROR_OBJECT, RUN, "no reader; SIGPIPE is sent as well"},
    {WRITES, ENOSPC, ERROR_OBJECT, RUN, "the file system is full"},
    {WRITES, EDQUOT, ERROR_OBJECT, READ_ONLY, "the user's quota is used up"},
    {WRITES, EFBIG, ERROR_LIMIT, RUN, "RLIMIT_FSIZE, or the largest file"},
    {WRITES, EPERM, ERROR_OBJECT, RUN, "a seal or attribute forbids it"},
    {WRITES, EIO, ERROR_OBJECT, READ_ONLY, "the device failed"},
    {WRITES, ECONNRESET, ERROR_OBJECT, RUN, "the peer reset the connection"},
    {OP(FSYNC), EINVAL, ERROR_OBJECT, RUN, "it cannot be synced (a pipe)"},
    {OP(FSYNC), EROFS, ERROR_OBJECT, READ_ONLY, "the file system is read-only"},
    {OP(FSYNC), EIO, ERROR_OBJECT, READ_ONLY,
     "written data is lost: never repeat the fsync"},
    {OP(FSYNC), ENOSPC, ERROR_OBJECT, READ_ONLY, "written data is lost"},
    {OP(FSYNC), EDQUOT, ERROR_OBJECT, READ_ONLY, "written data is lost"},
    {OP(CLOSE), EINTR, ERROR_OBJECT, READ_ONLY,
     "the descriptor is closed: do not close it again"},
    {OP(CLOSE), EIO, ERROR_OBJECT, READ_ONLY, "written data is lost"},
    {OP(CLOSE), ENOSPC, ERROR_OBJECT, READ_ONLY, "written data is lost"},
    {OP(CLOSE), EDQUOT, ERROR_OBJECT, READ_ONLY, "written data is lost"},
    {NEWER(FTRUNCATE), EINVAL, ERROR_OBJECT, RUN, "it has no length (a pipe)"},
    {NEWER(FTRUNCATE), EFBIG, ERROR_LIMIT, RUN,
     "RLIMIT_FSIZE, or the largest file"},
    {NEWER(FTRUNCATE), EPERM, ERROR_OBJECT, RUN, "a seal forbids it"},
    {OP(FALLOCATE), EOPNOTSUPP, ERROR_OBJECT, READ_ONLY,
     "the file system cannot do this: go on without it"},
    {OP(FALLOCATE), ESPIPE, ERROR_OBJECT, RUN, "it has no length (a pipe)"},
    {OP(FALLOCATE), EFBIG, ERROR_LIMIT, RUN,
     "RLIMIT_FSIZE, or the largest file"},
    {OP(FALLOCATE), ENOSPC, ERROR_OBJECT, READ_ONLY, "no room for all of it"},
    {OP(FALLOCATE), EPERM, ERROR_OBJECT, RUN, "a seal forbids it"},
    {GETS_XATTR | SETS_XATTR, EOPNOTSUPP, ERROR_OBJECT, RUN,
     "the file system has no such attributes: go on without them"},
    {GETS_XATTR, ENODATA, ERROR_OBJECT, RUN, "it has no such attribute"},
    {GETS_XATTR, ERANGE, ERROR_OBJECT, RUN, "the value is longer than that"},
    {SETS_XATTR, E2BIG, ERROR_BUG, RUN, "a value above 64 KiB"},
    {SETS_XATTR, ENOSPC, ERROR_OBJECT, READ_ONLY, "no room for the value"},
    {SETS_XATTR, EPERM, ERROR_OBJECT, RUN, "user.* of a pipe, or it is denied"},
    {SPLICES, EAGAIN, ERROR_RETRY, RUN, "no data or no room: poll first"},
    {SPLICES, EINVAL, ERROR_OBJECT, RUN,
     "it cannot be spliced: copy with read and write"},
    {SPLICES, EPIPE, ERROR_OBJECT, RUN, "the pipe has no reader"},
    {OP(SPLICE), ESPIPE, ERROR_BUG, RUN, "an offset for a pipe"},

    /* Paths. */
    {PATHS, ENOENT, ERROR_OBJECT, RUN, "there is no such file"},
    {PATHS, EACCES, ERROR_OBJECT, RUN, "this user may not"},
    {PATHS, ENOTDIR, ERROR_OBJECT, RUN, "the path goes through a file"},
    {PATHS, ELOOP, ERROR_OBJECT, RUN, "a symbolic link that is not followed"},
    {PATHS, ENAMETOOLONG, ERROR_OBJECT, RUN, "a name above 255 bytes"},
    {PATHS, ESTALE, ERROR_OBJECT, READ_ONLY, "the file server lost the file"},
    {PATHS, EROFS, ERROR_OBJECT, READ_ONLY, "the file system is read-only"},
    {PATHS, ENOSPC, ERROR_OBJECT, READ_ONLY, "no room for a directory entry"},
    {PATHS, EDQUOT, ERROR_OBJECT, READ_ONLY, "the user's quota is used up"},
    {PATHS, EPERM, ERROR_OBJECT, READ_ONLY, "an attribute or seal forbids it"},
    {PATHS, EBUSY, ERROR_OBJECT, READ_ONLY, "a mount point, or in use"},
    {OPENS, EAGAIN, ERROR_RETRY, RUN,
     "a lease and O_NONBLOCK, or a rename during the walk"},
    {OPENS, EEXIST, ERROR_OBJECT, RUN, "O_EXCL, and the file exists"},
    {OPENS, EISDIR, ERROR_OBJECT, RUN, "a directory cannot be written"},
    {OPENS, EMFILE, ERROR_LIMIT, RUN, "RLIMIT_NOFILE: wait for a close"},
    {OPENS | OP(ACCEPT), ENFILE, ERROR_LIMIT, RUN,
     "the table of the system, or of the ring, is full"},
    {OPENS, ENXIO, ERROR_OBJECT, RUN, "a FIFO without a reader, or no device"},
    {OPENS, ENODEV, ERROR_OBJECT, READ_ONLY, "no driver for the device"},
    {OPENS, ETXTBSY, ERROR_OBJECT, READ_ONLY, "a program that runs"},
    {OPENS, EOPNOTSUPP, ERROR_OBJECT, RUN, "the file system has no O_TMPFILE"},
    {OPENS, EINVAL, ERROR_OBJECT, RUN, "no O_DIRECT there, or wrong flags"},
    {OP(OPENAT2), EXDEV, ERROR_OBJECT, RUN, "the path leaves RESOLVE_BENEATH"},
    {OP(OPENAT2), E2BIG, ERROR_BUG, RUN, "open_how has an unknown field"},
    {OP(UNLINKAT), EISDIR, ERROR_OBJECT, RUN, "a directory: AT_REMOVEDIR"},
    {OP(UNLINKAT), ENOTEMPTY, ERROR_OBJECT, RUN, "the directory has entries"},
    {OP(RENAMEAT), EEXIST, ERROR_OBJECT, RUN, "NOREPLACE, and it exists"},
    {OP(RENAMEAT), ENOTEMPTY, ERROR_OBJECT, RUN, "the directory has entries"},
    {OP(RENAMEAT), EISDIR, ERROR_OBJECT, RUN, "the target is a directory"},
    {OP(RENAMEAT), EXDEV, ERROR_OBJECT, RUN, "another file system: copy"},
    {OP(RENAMEAT), EINVAL, ERROR_OBJECT, RUN, "a directory into itself"},

    /* Sockets. Some errors of accept(2) concern a single client. The next
     * accept then returns another client. */
    {OP(SOCKET), EAFNOSUPPORT, ERROR_LIMIT, READ_ONLY,
     "the kernel has no such family of addresses"},
    {OP(SOCKET), EMFILE, ERROR_LIMIT, READ_ONLY, "RLIMIT_NOFILE"},
    {OP(SOCKET), ENFILE, ERROR_LIMIT, READ_ONLY,
     "the table of files is full; direct: no free index"},
    {OP(ACCEPT), EAGAIN, ERROR_RETRY, RUN, "ACCEPT_DONTWAIT: poll first"},
    {OP(ACCEPT), ECONNABORTED, ERROR_OBJECT, READ_ONLY, "this client has gone"},
    {OP(ACCEPT), EPROTO, ERROR_OBJECT, READ_ONLY, "this client has gone"},
    {OP(ACCEPT), EMFILE, ERROR_LIMIT, RUN, "RLIMIT_NOFILE: wait for a close"},
    {OP(ACCEPT), EINVAL, ERROR_BUG, RUN, "the socket does not listen"},
    {OP(ACCEPT) | OP(CONNECT), EOPNOTSUPP, ERROR_BUG, RUN,
     "not a stream socket, or a listener"},
    {OP(CONNECT), EINPROGRESS, ERROR_RETRY, READ_ONLY,
     "not connected yet: poll, then read SO_ERROR"},
    {OP(CONNECT), EAGAIN, ERROR_RETRY, RUN, "the listener's queue is full"},
    {OP(CONNECT), ECONNREFUSED, ERROR_OBJECT, RUN, "nothing listens there"},
    {OP(CONNECT), ENOENT, ERROR_OBJECT, RUN, "there is no such Unix socket"},
    {OP(CONNECT), EACCES, ERROR_OBJECT, READ_ONLY, "this user may not"},
    {OP(CONNECT), EADDRNOTAVAIL, ERROR_LIMIT, READ_ONLY, "no free local port"},
    {OP(CONNECT), EISCONN, ERROR_BUG, RUN, "the socket has a peer already"},
    {OP(CONNECT), EALREADY, ERROR_BUG, READ_ONLY, "a connect is in progress"},
    {OP(CONNECT), EAFNOSUPPORT, ERROR_BUG, RUN, "the wrong family of address"},
    {OP(CONNECT), EPROTOTYPE, ERROR_BUG, RUN, "the wrong type of socket"},
    {SENDS, EPIPE, ERROR_OBJECT, RUN, "the peer reads no more"},
    {SENDS | RECEIVES, ECONNRESET, ERROR_OBJECT, RUN, "the peer reset it"},
    {SENDS | RECEIVES, ECONNREFUSED, ERROR_OBJECT, RUN,
     "a datagram found no receiver"},
    {SENDS | RECEIVES, EAGAIN, ERROR_RETRY, RUN, "MSG_DONTWAIT: poll first"},
    {SENDS, EMSGSIZE, ERROR_BUG, RUN, "too large for one datagram"},
    {SENDS, EDESTADDRREQ, ERROR_BUG, RUN, "a datagram without an address"},
    {SENDS, EACCES, ERROR_BUG, RUN, "broadcast without SO_BROADCAST"},
    {ZERO_COPY, EOPNOTSUPP, ERROR_BUG, READ_ONLY,
     "this kind of socket has no zero copy"},
    {SENDS, ENOBUFS, ERROR_LIMIT, READ_ONLY, "the device's queue is full"},
    {RECEIVES, ENOBUFS, ERROR_LIMIT, RUN,
     "no provided buffer: receive again after one is released"},
    {RECEIVES | SENDS, ENOTCONN, ERROR_BUG, RUN, "a socket without a peer"},
    {OP(SHUTDOWN), ENOTCONN, ERROR_OBJECT, RUN, "the peer reset it before"},
    {SOCKETS, ETIMEDOUT, ERROR_OBJECT, READ_ONLY, "the peer does not answer"},
    {SOCKETS, EHOSTUNREACH, ERROR_OBJECT, READ_ONLY, "no way to the peer"},
    {SOCKETS, ENETUNREACH, ERROR_OBJECT, READ_ONLY, "no way to the peer"},
    {SOCKETS, ENETDOWN, ERROR_OBJECT, READ_ONLY, "the interface is down"},
    {SOCKETS, EPERM, ERROR_LIMIT, READ_ONLY, "a firewall forbids it"},
    {SOCKETS, ENOTSOCK, ERROR_BUG, RUN, "not a socket"},

    /* Timeouts, cancels, waits, and messages between rings. */
    {OP(TIMEOUT), ETIME, ERROR_NONE, RUN, "the time has passed"},
    {OP(LINK_TIMEOUT), ETIME, ERROR_NONE, RUN,
     "the time has passed, and the linked operation was cancelled"},
    {OP(ASYNC_CANCEL) | OP(POLL_REMOVE) | OP(TIMEOUT_REMOVE), ENOENT,
     ERROR_NONE, RUN, "it has ended, or a worker runs it: wait for its CQE"},
    {OP(ASYNC_CANCEL) | OP(POLL_REMOVE) | OP(TIMEOUT_REMOVE) | OP(LINK_TIMEOUT),
     EALREADY, ERROR_NONE, READ_ONLY, "it is about to end: wait for its CQE"},
    {NEWER(FUTEX_WAIT), EAGAIN, ERROR_NONE, RUN, "the word has changed"},
    {NEWER(WAITID), ECHILD, ERROR_OBJECT, RUN, "no such child"},
    {OP(MSG_RING), EBADFD, ERROR_BUG, RUN, "fd is not a ring"},
    {OP(MSG_RING), EOVERFLOW, ERROR_LIMIT, READ_ONLY,
     "the other ring's CQ is full: send later"},

    /* Every opcode. An unknown error of an accept may be permanent. A loop that
     * then repeats the accept immediately would use a whole CPU. */
    {ALL, ECANCELED, ERROR_LIMIT, RUN,
     "without a cancel or a link of ours: no io-wq worker (RLIMIT_NPROC)"},
    {ALL, EINTR, ERROR_RETRY, READ_ONLY, "a signal or a cancel interrupted it"},
    {ALL, EAGAIN, ERROR_RETRY, READ_ONLY, "not now: poll first"},
    {ALL, ENOMEM, ERROR_LIMIT, READ_ONLY, "the kernel has no memory"},
    {ALL, ENOBUFS, ERROR_LIMIT, READ_ONLY, "the kernel has no memory"},
    {ALL, EBADF, ERROR_BUG, RUN, "not open, or not for this"},
    {ALL, EFAULT, ERROR_BUG, RUN, "an address that is not ours"},
    {ALL, EINVAL, ERROR_BUG, RUN,
     "a wrong argument, or the kernel lacks the opcode"},
    {OP(ACCEPT), 0, ERROR_LIMIT, READ_ONLY,
     "unknown: accept again after a delay, never at once"},
    {ALL, 0, ERROR_OBJECT, READ_ONLY, "unknown: report it, and do not retry"},
};

/* The manual pages. op_error_source returns the page of the first row that has
 * the opcode. */
static const struct {
    uint64_t ops;
    const char *page;
} pages[] = {
    {READS, "read(2)"},
    {WRITES, "write(2)"},
    {NEWER(READ_MULTISHOT), "io_uring_prep_read_multishot(3)"},
    {OP(FSYNC), "fsync(2)"},
    {OP(CLOSE), "close(2)"},
    {NEWER(FTRUNCATE), "ftruncate(2)"},
    {OP(FALLOCATE), "fallocate(2)"},
    {GETS_XATTR, "getxattr(2)"},
    {SETS_XATTR, "setxattr(2)"},
    {OP(SPLICE), "splice(2)"},
    {OP(TEE), "tee(2)"},
    {OP(OPENAT), "open(2)"},
    {OP(OPENAT2), "openat2(2)"},
    {OP(STATX), "statx(2)"},
    {OP(UNLINKAT), "unlink(2)"},
    {OP(RENAMEAT), "rename(2)"},
    {OP(ACCEPT), "accept(2)"},
    {OP(CONNECT), "connect(2)"},
    {OP(SOCKET), "socket(2)"},
    {ZERO_COPY, "io_uring_prep_send_zc(3)"},
    {SENDS, "send(2)"},
    {RECEIVES, "recv(2)"},
    {OP(SHUTDOWN), "shutdown(2)"},
    {OP(POLL_ADD) | OP(POLL_REMOVE), "io_uring_prep_poll_add(3)"},
    {OP(TIMEOUT) | OP(TIMEOUT_REMOVE), "io_uring_prep_timeout(3)"},
    {OP(LINK_TIMEOUT), "io_uring_prep_link_timeout(3)"},
    {OP(ASYNC_CANCEL), "io_uring_prep_cancel(3)"},
    {NEWER(FUTEX_WAIT) | NEWER(FUTEX_WAKE), "futex(2)"},
    {NEWER(WAITID), "waitid(2)"},
    {OP(MSG_RING), "io_uring_prep_msg_ring(3)"},
    {OP(NOP), "io_uring_enter(2)"},
};

static uint64_t set_of(int opcode)
{
    return opcode >= 0 && opcode < 64 ? UINT64_C(1) << opcode : 0;
}

const struct op_error *op_error_find(int opcode, int result)
{
    const struct op_error *last = &table[countof(table) - 1];

    for (const struct op_error *row = table; row < last; row++)
        if ((row->ops & set_of(opcode)) != 0 &&
            (row->error == -result || row->error == 0))
            return row;
    return last;
}

const struct op_error *op_error_table(size_t *count)
{
    *count = countof(table);
    return table;
}

const char *op_error_kind_name(enum error_kind kind)
{
    static const char *const names[] = {
        [ERROR_NONE] = "none",   [ERROR_RETRY] = "retry",
        [ERROR_OBJECT] = "object", [ERROR_LIMIT] = "limit",
        [ERROR_BUG] = "bug",
    };

    assert(kind < countof(names));
    return names[kind];
}

const char *op_error_source(int opcode)
{
    for (size_t i = 0; i < countof(pages); i++)
        if ((pages[i].ops & set_of(opcode)) != 0)
            return pages[i].page;
    return NULL;
}

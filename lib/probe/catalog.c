/* catalog.c: io_uring's opcodes, features and flags by name; see catalog.h.
 * Introduced in phase 0. Needs: catalog.h.
 *
 * What it teaches: how an interface grows. A new opcode, feature or flag gets
 * the next free number, and the number never changes. So the tables show the
 * history of io_uring from top to bottom. The last two columns are the first
 * phase that needs an entry, and its use in that phase. If no phase needs an
 * entry, these columns are 0 and NULL. */
#include "catalog.h"

#include <linux/io_uring.h>
#include <stddef.h>

#define countof(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* The opcode is the index into ops. The assertions check the first opcode of
 * the header, and the last opcode of liburing 2.3, which is the oldest version
 * that lib supports. */
_Static_assert(IORING_OP_NOP == 0, "the table of opcodes starts at NOP");
_Static_assert(IORING_OP_SENDMSG_ZC == 48, "2.3 ends at opcode 48");

static const struct catalog_entry ops[] = {
    /* 5.1 was the first release with io_uring. Its reads and writes need iovecs
     * or registered buffers, and it has no accept, send or receive. */
    {"NOP", "5.1", 2, "most of the labs"},
    {"READV", "5.1", 2, "the vectored mode of batch"},
    {"WRITEV", "5.1", 2, "the vectored mode of batch"},
    {"FSYNC", "5.1", 1, "making sure that a copy is on disk"},
    {"READ_FIXED", "5.1", 2, "the fixed mode of batch"},
    {"WRITE_FIXED", "5.1", 2, "the fixed mode of batch"},
    {"POLL_ADD", "5.1", 2, "a lab; later descriptors of a host loop"},
    {"POLL_REMOVE", "5.1", 6, "a lab: changing a poll in flight"},
    {"SYNC_FILE_RANGE", "5.2", 6, "a lab: writing pages back"},
    {"SENDMSG", "5.3", 8, "datagrams, and a response with its body"},
    {"RECVMSG", "5.3", 8, "datagrams"},
    /* 5.4 and 5.5: timeouts, cancellation, accept and connect. */
    {"TIMEOUT", "5.4", 2, "a lab; later sleeping and deadlines"},
    {"TIMEOUT_REMOVE", "5.5", 6, "a lab: changing a timeout in flight"},
    {"ACCEPT", "5.5", 8, "every server"},
    {"ASYNC_CANCEL", "5.5", 3, "cancelling, deadlines"},
    {"LINK_TIMEOUT", "5.5", 6, "labs: a time limit for one operation"},
    {"CONNECT", "5.5", 6, "time limits; later the clients"},
    /* 5.6: operations that replace most of a program's system calls. */
    {"FALLOCATE", "5.6", 6, "a lab: the space of a file"},
    {"OPENAT", "5.6", 1, "opening files in cp-uring"},
    {"CLOSE", "5.6", 1, "closing files in cp-uring"},
    {"FILES_UPDATE", "5.6", 0, NULL},
    {"STATX", "5.6", 5, "sizes and kinds of files"},
    {"READ", "5.6", 1, "every program that reads"},
    {"WRITE", "5.6", 1, "every program that writes"},
    {"FADVISE", "5.6", 6, "a lab: pages that the kernel may drop"},
    {"MADVISE", "5.6", 6, "a lab: pages that the kernel may drop"},
    {"SEND", "5.6", 6, "a claim; later every server"},
    {"RECV", "5.6", 2, "a lab; later every server"},
    {"OPENAT2", "5.6", 10, "keeping a server inside its root"},
    {"EPOLL_CTL", "5.6", 8, "a lab: epoll through a ring"},
    /* 5.7 and 5.8: provided buffers, and moving data through pipes. */
    {"SPLICE", "5.7", 2, "the splice lab; later files to sockets"},
    {"PROVIDE_BUFFERS", "5.7", 8, "a lab: what buffer rings replace"},
    {"REMOVE_BUFFERS", "5.7", 0, NULL},
    {"TEE", "5.8", 2, "the splice lab"},
    /* 5.11 and 5.15: mostly operations on directory entries. */
    {"SHUTDOWN", "5.11", 8, "closing a connection gracefully"},
    {"RENAMEAT", "5.11", 1, "renaming a finished copy"},
    {"UNLINKAT", "5.11", 3, "removing files from a task"},
    {"MKDIRAT", "5.15", 6, "a lab: names of files"},
    {"SYMLINKAT", "5.15", 6, "a lab: names of files"},
    {"LINKAT", "5.15", 6, "a lab: names of files"},
    /* 5.18 and 5.19: messages between rings, extended attributes, sockets, and
     * commands to drivers. */
    {"MSG_RING", "5.18", 4, "waking a ring in another thread: a lab"},
    {"FSETXATTR", "5.19", 1, "cp -p: extended attributes"},
    {"SETXATTR", "5.19", 6, "a lab: extended attributes"},
    {"FGETXATTR", "5.19", 1, "cp -p: extended attributes"},
    {"GETXATTR", "5.19", 6, "a lab: extended attributes"},
    {"SOCKET", "5.19", 8, "a step: sockets without descriptors"},
    {"URING_CMD", "5.19", 8, "a step: options of such sockets"},
    /* 6.0 and 6.1: zero-copy sends, which post two completions each. */
    {"SEND_ZC", "6.0", 8, "a step: sends without a copy"},
    {"SENDMSG_ZC", "6.1", 8, "a step: sends without a copy"},
    /* 6.7: multishot reads, child processes, futexes. liburing 2.3's header
     * lacks the opcodes from here on; uring_compat.h defines those up to
     * PIPE. */
    {"READ_MULTISHOT", "6.7", 6, "a lab: one read, many events"},
    {"WAITID", "6.7", 4, "waiting for a child without a descriptor"},
    {"FUTEX_WAIT", "6.7", 3, "waiting until a thread changes a word"},
    {"FUTEX_WAKE", "6.7", 3, "waking the waiters of a word"},
    {"FUTEX_WAITV", "6.7", 0, NULL},
    {"FIXED_FD_INSTALL", "6.8", 8, "a step: a descriptor for a socket"},
    {"FTRUNCATE", "6.9", 5, "truncating a file object"},
    /* 6.11: the ring can now set up a listening socket. */
    {"BIND", "6.11", 8, "a step: sockets without descriptors"},
    {"LISTEN", "6.11", 8, "a step: sockets without descriptors"},
    {"RECV_ZC", "6.15", 0, NULL},
    {"EPOLL_WAIT", "6.15", 8, "a lab: epoll through a ring"},
    {"READV_FIXED", "6.15", 6, "a lab: parts of a registered buffer"},
    {"WRITEV_FIXED", "6.15", 6, "a lab: parts of a registered buffer"},
    {"PIPE", "6.16", 8, "the pipes of the relay"},
    /* 6.19: 128-byte SQEs in a ring of 64-byte SQEs. */
    {"NOP128", "6.19", 0, NULL},
    {"URING_CMD128", "6.19", 0, NULL},
};

/* io_uring_setup reports these bits in params.features, so a program need not
 * try a feature to find out if the kernel has it. */
static const struct catalog_entry features[] = {
    {"SINGLE_MMAP", "5.4", 1, "both rings in one mapping"},
    {"NODROP", "5.5", 2, "no completion is lost when the CQ is full"},
    /* Without SUBMIT_STABLE, a timespec or an array of iovecs must stay valid
     * until its operation completes. */
    {"SUBMIT_STABLE", "5.5", 1, "arguments are read at submit"},
    {"RW_CUR_POS", "5.6", 1, "offset -1 is the file's position"},
    {"CUR_PERSONALITY", "5.6", 0, NULL},
    /* The kernel polls a socket that is not ready, so no thread blocks. */
    {"FAST_POLL", "5.7", 8, "thousands of idle connections"},
    {"POLL_32BITS", "5.9", 0, NULL},
    {"SQPOLL_NONFIXED", "5.11", 2, "the SQPOLL lab"},
    {"EXT_ARG", "5.11", 3, "waiting until a deadline in one call"},
    {"NATIVE_WORKERS", "5.12", 0, NULL},
    {"RSRC_TAGS", "5.13", 0, NULL},
    {"CQE_SKIP", "5.17", 0, NULL},
    /* The descriptor is looked up when the operation runs, so a linked read may
     * use the slot that the preceding open fills. */
    {"LINKED_FILE", "5.17", 2, "open, read, close as one chain"},
    {"REG_REG_RING", "6.3", 6, "a lab: a ring without a descriptor"},
    {"RECVSEND_BUNDLE", "6.10", 0, NULL},
    {"MIN_TIMEOUT", "6.12", 6, "a lab: fewer wake-ups"},
    {"RW_ATTR", "6.14", 0, NULL},
    {"NO_IOWAIT", "6.15", 0, NULL},
};

/* A program passes these bits to io_uring_setup, which rejects an unknown bit
 * with -EINVAL. So probe_try_flags can find out which flags a kernel has. */
static const struct catalog_entry flags[] = {
    {"IOPOLL", "5.1", 2, "the IOPOLL lab"},
    {"SQPOLL", "5.1", 2, "the SQPOLL lab"},
    {"SQ_AFF", "5.1", 0, NULL},
    {"CQSIZE", "5.5", 2, "a CQ size that is not twice the SQ"},
    {"CLAMP", "5.6", 2, "reducing too many entries to the limit"},
    {"ATTACH_WQ", "5.6", 0, NULL},
    {"R_DISABLED", "5.10", 0, NULL},
    /* 5.18 to 6.1: most of these are flags of lib's default ring. If the kernel
     * does not know one of them, lib makes a ring without it. */
    {"SUBMIT_ALL", "5.18", 2, "a bad entry does not stop a batch"},
    {"COOP_TASKRUN", "5.19", 2, "no interrupt per completion"},
    {"TASKRUN_FLAG", "5.19", 2, "a flag in the ring: completions wait"},
    {"SQE128", "5.19", 0, NULL},
    {"CQE32", "5.19", 0, NULL},
    {"SINGLE_ISSUER", "6.0", 2, "the default ring"},
    {"DEFER_TASKRUN", "6.1", 2, "completions only when we enter"},
    {"NO_MMAP", "6.5", 0, NULL},
    {"REGISTERED_FD_ONLY", "6.5", 0, NULL},
    /* A ring with this flag has no SQ array. liburing 2.3 writes to that array,
     * so it cannot use such a ring. */
    {"NO_SQARRAY", "6.6", 0, NULL},
    {"HYBRID_IOPOLL", "6.13", 0, NULL},
    {"CQE_MIXED", "6.18", 0, NULL},
    {"SQE_MIXED", "6.19", 0, NULL},
    {"SQ_REWIND", "7.0", 0, NULL},
};

int catalog_ops(void)
{
    return countof(ops);
}

int catalog_features(void)
{
    return countof(features);
}

int catalog_flags(void)
{
    return countof(flags);
}

const struct catalog_entry *catalog_op(int op)
{
    return op >= 0 && op < countof(ops) ? &ops[op] : NULL;
}

const struct catalog_entry *catalog_feature(int bit)
{
    return bit >= 0 && bit < countof(features) ? &features[bit] : NULL;
}

const struct catalog_entry *catalog_flag(int bit)
{
    return bit >= 0 && bit < countof(flags) ? &flags[bit] : NULL;
}

const char *catalog_op_name(int op)
{
    const struct catalog_entry *entry = catalog_op(op);

    return entry != NULL ? entry->name : "?";
}

/* confine.h: a server gives up the rights that it does not need.
 * Introduced in phase 10. Needs: nothing.
 *
 * What it teaches: an attacker who takes over a process gets its rights. So a
 * server first opens what it needs, then gives up the right to open more, and
 * only then reads its first request. The operations of a ring lose these
 * rights, too, because they run with the credentials of the thread that submits
 * them.
 *
 *     open --> confine_process --> threads, rings --> requests
 *
 * A rule names a directory by a descriptor, so it applies to that directory and
 * not to its path. If the path later refers to another directory, the rule does
 * not apply to the new one. */
#ifndef ONE_RING_CONFINE_H
#define ONE_RING_CONFINE_H

/* The rights that a process keeps below a directory. */
enum confine_right {
    CONFINE_READ,   /* read files and list directories */
    CONFINE_WRITE,  /* create files, and write to them */
    CONFINE_SOCKET, /* bind, find and remove Unix sockets */
};

struct confine_rule {
    int directory; /* borrowed: a descriptor, which may have O_PATH */
    enum confine_right right;
};

/* Values for the parameter port of confine_process. */
enum { CONFINE_ANY_PORT = 0, CONFINE_NO_PORT = -1 };

struct confined {
    int privileges; /* 0: exec cannot add privileges; or -errno */
    int landlock;   /* the version of Landlock in force; or -errno */
};

/* Gives up the right to gain privileges by exec. If the kernel has Landlock,
 * with which a process can restrict itself (landlock(7)), gives up these
 * rights, too:
 *  - all rights to files, except those that the rules keep
 *  - since version 4 of Landlock: to connect by TCP, and to bind a TCP port
 *    other than port. CONFINE_ANY_PORT keeps the right to bind all ports.
 *  - since version 6: to send signals to a process, and to connect to its
 *    abstract Unix sockets, unless it is this process or a child
 * Descriptors that are open stay usable. The process cannot undo this.
 *
 * Affects the calling thread and threads that it creates later, so call it
 * before other threads exist. If the kernel lacks a part of this, does the
 * rest. The result reports which part is in force. Does not suspend. */
struct confined confine_process(const struct confine_rule *rules,
                                unsigned count, int port);

/* Returns a static string with the reason why Landlock is not in force. result
 * is confined.landlock, which is below 0. */
const char *confine_why_no_landlock(int result);

#endif

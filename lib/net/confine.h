/* confine.h: a server gives up the rights that it does not need.
 * Introduced in phase 10. Needs: nothing.
 *
 * What it teaches: a process that was broken into has the rights that it kept.
 * So a server first opens what it needs, then gives up the right to open more,
 * and only then reads its first request. The kernel enforces this for the
 * operations of a ring, too: they run with the credentials of the thread that
 * submits them.
 *
 *     open --> confine_process --> threads, rings --> requests
 *
 * A rule names a directory by a descriptor. It is about that directory, and not
 * about its name: if another directory takes the name, no rule allows it. */
#ifndef ONE_RING_CONFINE_H
#define ONE_RING_CONFINE_H

/* What a process may still do below a directory. */
enum confine_right {
    CONFINE_READ,   /* read files and list directories */
    CONFINE_WRITE,  /* create files, and write to them */
    CONFINE_SOCKET, /* bind, find and remove Unix sockets */
};

struct confine_rule {
    int directory; /* borrowed: a descriptor, which may have O_PATH */
    enum confine_right right;
};

/* For the port of confine_process. */
enum { CONFINE_ANY_PORT = 0, CONFINE_NO_PORT = -1 };

struct confined {
    int privileges; /* 0: none can be gained by exec; or -errno */
    int landlock;   /* the version of Landlock in force; or -errno */
};

/* Gives up the right to gain privileges by exec. With Landlock, gives up all
 * rights to files except those that the rules keep, the right to connect by
 * TCP, and the right to bind TCP ports except port. Since version 6 of
 * Landlock, also gives up sending signals to processes outside, and connecting
 * to their abstract Unix sockets. Descriptors that are open stay usable.
 * Nothing can undo this.
 *
 * Affects the calling thread and threads that it creates later, so call it
 * before there are others. What the kernel lacks is left out: see the
 * result. */
struct confined confine_process(const struct confine_rule *rules,
                                unsigned count, int port);

/* Returns why Landlock is not in force: result is confined.landlock, below 0.
 * Static storage. */
const char *confine_why_no_landlock(int result);

#endif

/* docroot.h: the directory that is served, found again if it was replaced.
 *
 * What it teaches: a name and what it names are two things. Requests are served
 * below a descriptor, so that a rename cannot lead them elsewhere. But a site
 * is often deployed by building its directory again, or by turning a link to
 * another release. Then the descriptor refers to a directory that no name leads
 * to, and the server would be stale until its restart.
 *
 * So the name is looked up again, at most once per second, and only when a
 * request comes. All rings share one descriptor. dup3(2) replaces its directory
 * in one step: each open, in any ring, sees the old one or the new one. */
#ifndef PHASE10_DOCROOT_H
#define PHASE10_DOCROOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct docroot {
    const char *name; /* borrowed: argv's */
    int fd;           /* owned; the number never changes */
    atomic_uint generation;    /* how often the directory was replaced */
    atomic_flag is_looking;    /* a task of some ring looks the name up */
    _Atomic uint64_t next_ns;  /* no look-up before this time */
    bool is_confined; /* only the first directory, or one of --may-read, can be
                         opened: sandbox.h. Set before there are threads */
    bool is_gone; /* the name leads to no directory, which was reported; only
                     the task that looks uses it */
};

/* Initializes root, and opens the directory. Fails now if it cannot be read and
 * searched: otherwise the server would refuse every request without a reason.
 *
 * Returns 0       success
 *         -errno  from open(2) */
int docroot_open(struct docroot *root, const char *name);

/* Returns true if docroot_await_look would look the name up, and suspend. */
bool docroot_is_due(const struct docroot *root);

/* Looks the name up if it is time to. If it leads to another directory, serves
 * that one, and prints a line. If it leads to none, or to one that the sandbox
 * does not allow, goes on with the old one, and prints a line, once. Suspends.
 * The caller compares generation afterwards.
 *
 * Returns 0                   success, whatever was found
 *         -ECANCELED, -ETIME  interrupted */
int docroot_await_look(struct docroot *root);

#endif

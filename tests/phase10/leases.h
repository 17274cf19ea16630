/* leases.h: a file that cannot be opened until its lease is released.
 *
 * Test support of phase 10. Needs: client.h. */
#ifndef TESTS_PHASE10_LEASES_H
#define TESTS_PHASE10_LEASES_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client.h"

/* Takes a lease on root/leased: an open of it waits until the lease is
 * released. Returns the descriptor that has the lease. */
static inline int take_lease(void)
{
    int fd;

    site_text("root/leased", "hello");
    signal(SIGIO, SIG_IGN);
    fd = open(site_path("root/leased"), O_RDWR | O_CLOEXEC);
    check(fd >= 0);
    check_res(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
    return fd;
}

/* NULL, or why no lease can be taken here. */
static inline const char *no_leases(void)
{
    const char *tmp = getenv("TMPDIR");
    static char name[4096];
    int fd, rc;

    snprintf(name, sizeof name, "%s/lease.XXXXXX", tmp != NULL ? tmp : "/tmp");
    fd = mkstemp(name);
    rc = fcntl(fd, F_SETLEASE, F_WRLCK);
    close(fd);
    unlink(name);
    return rc == 0 ? NULL : "there are no leases here";
}

#endif

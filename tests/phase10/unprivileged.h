/* unprivileged.h: starts serve as a user who may not read every file.
 *
 * Test support of phase 10. Needs: client.h. */
#ifndef TESTS_PHASE10_UNPRIVILEGED_H
#define TESTS_PHASE10_UNPRIVILEGED_H

#include <unistd.h>

#include "client.h"

#define NOBODY 65534

/* Starts serve upon the site that was made. Root may read every file: then the
 * server runs as another user. */
static inline void start_without_privileges(void)
{
    bool is_root = geteuid() == 0;

    if (is_root) {
        check_res(setresgid(NOBODY, NOBODY, 0), 0);
        check_res(setresuid(NOBODY, NOBODY, 0), 0);
    }
    daemon_start(&server, "serve", "--root", site_root, NULL);
    if (is_root) {
        check_res(setresuid(0, 0, 0), 0);
        check_res(setresgid(0, 0, 0), 0);
    }
}

#endif

/* mounts.h: mounts that only the processes of one test see.
 *
 * Test support. Needs root. */
#ifndef TESTS_MOUNTS_H
#define TESTS_MOUNTS_H

/* Returns NULL if mounts_leave would succeed, otherwise the reason why it would
 * not. Root in a container may mount only with CAP_SYS_ADMIN. */
const char *mounts_missing(void);

/* Moves this process into a new mount namespace. Other processes do not see
 * what it mounts after that, and the mounts end with the process. Returns 0 or
 * -errno. */
int mounts_leave(void);

#endif

/* mounts.h: mounts of a test's own, which nobody else sees.
 *
 * Test support. Needs root. */
#ifndef TESTS_MOUNTS_H
#define TESTS_MOUNTS_H

/* NULL if mounts_leave succeeds here, else the reason why not: a container's
 * root may not mount, unless it was given the right. */
const char *mounts_missing(void);

/* From here on what this process mounts, nobody else sees, and it goes when the
 * process ends. Returns 0 or -errno. */
int mounts_leave(void);

#endif

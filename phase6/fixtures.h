/* fixtures.h: files to read, for who brings none.
 *
 * They are made in a folder of their own in $TMPDIR (or /var/tmp, which is on a
 * disk), and go when the program does. */
#ifndef PHASE6_FIXTURES_H
#define PHASE6_FIXTURES_H

#include <stddef.h>

struct made {
    char dir[256];
    char **names; /* owned; count of them */
    int count;
};

/* Makes count files of len bytes. Returns 0, or -errno after taking back what
 * was made; made->dir says where it was tried. */
int made_init(struct made *made, int count, size_t len);

/* Removes them. Accepts a zeroed one. */
void made_finish(struct made *made);

#endif

/* mime.h: what kind of content a file's name promises.
 * Introduced in phase 10. Needs: view.h, sys.h.
 *
 * The table is made at start-up: the types of the web that are built in, then
 * the system's /etc/mime.types over them. From then on it is read only: a look
 * into it costs a hash, allocates nothing, and any thread may do it. Types that
 * begin with "text/", and JavaScript's, get "; charset=utf-8", since without
 * it a browser guesses.
 *
 * Left out: Content-Encoding. A .svgz or .tar.gz is sent as the bytes that it
 * is made of. */
#ifndef ONE_RING_MIME_H
#define ONE_RING_MIME_H

#include <stddef.h>

#include "view.h"

/* Limits. Debian 12's file has 1,552 extensions of at most 30 bytes, 74 kB in
 * all; twice that fits. The slots must be a power of two, and are never filled
 * beyond three quarters, which keeps a search short. */
#define MIME_FILE_MAX (256 * 1024)
#define MIME_SLOTS 4096
#define MIME_EXTENSIONS_MAX (MIME_SLOTS / 4 * 3)
#define MIME_POOL_MAX (128 * 1024)
#define MIME_EXTENSION_MAX 31

struct mime_slot {
    struct view extension; /* lower case, no dot; empty: the slot is free */
    struct view type;      /* with its charset, ready for Content-Type */
};

/* The table, about 260 kB: make it static. Its views point into pool and into
 * constants: do not move it. */
struct mime {
    struct mime_slot slots[MIME_SLOTS];
    size_t count;             /* slots in use */
    size_t used;              /* bytes of pool in use */
    char pool[MIME_POOL_MAX]; /* the strings that came from the file */
};

/* Fills types with what is built in and with the file of that name, if not
 * NULL: lines "TYPE/SUBTYPE [EXTENSION...]", '#' begins a comment. Where both
 * know an extension the file's type holds, and in the file the last. A line
 * whose type could not stand in a header field is skipped, and so is an
 * extension of more than MIME_EXTENSION_MAX bytes.
 *
 * Returns the number of extensions known, or -errno: of reading the file; or
 * -EFBIG if not all of it fits in the limits above. Either way the table is
 * good, with the built-in types at least, and the server may go on. */
int mime_init(struct mime *types, const char *file);

/* The Content-Type of the file at path (only what follows the last '/' counts).
 * Extensions match without regard to case, and the longest known one wins:
 * "a.tm.json" is looked up as tm.json, then as json. A leading dot begins no
 * extension: ".html" has none.
 *
 * Returns a view that lives as long as types; never empty: an unknown one is
 * "application/octet-stream". */
struct view mime_type(const struct mime *types, struct view path);

#endif

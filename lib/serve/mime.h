/* mime.h: the content type of a file, by the extension of its name.
 * Introduced in phase 10. Needs: view.h, sys.h.
 *
 * The table is made at start-up: built-in types of the web, then the system's
 * /etc/mime.types, which overrides them. Afterwards it is read only: a lookup
 * costs a hash, allocates nothing, and any thread may make one. Types that
 * begin with "text/", and JavaScript's, get "; charset=utf-8", since a browser
 * guesses without it.
 *
 * Left out: Content-Encoding. A .svgz or .tar.gz is sent as it is. */
#ifndef ONE_RING_MIME_H
#define ONE_RING_MIME_H

#include <stddef.h>

#include "view.h"

/* Limits. Debian 12's file has 1,552 extensions of at most 30 bytes, 74 kB in
 * all; about twice that fits. The number of slots is a power of two. At most
 * three quarters are used, which keeps a search short. */
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
    char pool[MIME_POOL_MAX]; /* the strings of the file */
};

/* Fills types with the built-in types, then with the file of that name, if not
 * NULL. Its lines are "TYPE/SUBTYPE [EXTENSION...]"; '#' begins a comment. A
 * later line overrides earlier ones and the built-in types. Skips a line whose
 * type is not valid in a header field, and an extension of more than
 * MIME_EXTENSION_MAX bytes. After a failure the table is valid, too, with the
 * built-in types at least, and the server may continue.
 *
 * Returns  > 0           the number of extensions in the table
 *          -EFBIG        the file does not fit into the limits above
 *          -ENOMEM       no memory to read the file
 *          other -errno  from open(2), read(2) */
int mime_init(struct mime *types, const char *file);

/* Returns the Content-Type of the file at path, by the name behind its last
 * '/'. Ignores case. The longest known extension is used: "a.tm.json" is looked
 * up as tm.json, then as json. A leading dot does not begin an extension:
 * ".html" has none. The view is valid as long as types, and never empty: for an
 * unknown extension it is "application/octet-stream". */
struct view mime_type(const struct mime *types, struct view path);

#endif

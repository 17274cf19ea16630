/* mime.h: finds the content type of a file by its extension.
 * Introduced in phase 10. Needs: view.h, sys.h.
 *
 * mime_init fills the table with built-in web types and then with the types of
 * a file such as /etc/mime.types. The built-in types take precedence, because a
 * wrong type breaks a page: the server sends "nosniff", so a browser does not
 * correct the type. After mime_init the table is read-only, so any thread may
 * use it. A lookup computes a hash and allocates nothing. Types that begin with
 * "text/", and the type of JavaScript, get "; charset=utf-8", because a browser
 * would guess the charset without it.
 *
 * This module does not set Content-Encoding, so a .svgz or .tar.gz file is sent
 * as it is. */
#ifndef ONE_RING_MIME_H
#define ONE_RING_MIME_H

#include <stddef.h>

#include "view.h"

/* The limits. Debian 12's /etc/mime.types is 74 kB long and has 1,552
 * extensions of at most 30 bytes. The table has room for about twice as many.
 * The number of slots is a power of two. At most three quarters of them are
 * used, so that searches are short. */
#define MIME_FILE_MAX (256 * 1024)
#define MIME_SLOTS 4096
#define MIME_EXTENSIONS_MAX (MIME_SLOTS / 4 * 3)
#define MIME_POOL_MAX (128 * 1024)
#define MIME_EXTENSION_MAX 31

struct mime_slot {
    struct view extension; /* without the dot; empty if the slot is free */
    struct view type;      /* with its charset, ready for Content-Type */
};

/* The table. It is about 260 kB, so make it static. Do not move it, because its
 * views point into pool. */
struct mime {
    struct mime_slot slots[MIME_SLOTS];
    size_t count;             /* slots in use */
    size_t used;              /* bytes of pool in use */
    char pool[MIME_POOL_MAX]; /* strings from the file */
};

/* Fills types with the built-in types, and then, if file is not NULL, with
 * those of file. The lines of the file are "TYPE/SUBTYPE [EXTENSION...]"; "#"
 * begins a comment. A later line overrides earlier lines, but not a built-in
 * type. Skips a line whose type is not valid in a header field, and an
 * extension of more than MIME_EXTENSION_MAX bytes. After a failure the table
 * has at least the built-in types, and the server may continue.
 *
 * Returns  > 0           the number of extensions in the table
 *          -EFBIG        the file does not fit into the limits above
 *          -ENOMEM       no memory to read the file
 *          other -errno  from open(2), read(2) */
int mime_init(struct mime *types, const char *file);

/* Returns the Content-Type of the file at path. Looks only at the part after
 * the last "/", and ignores case. The longest known extension is used:
 * "a.tm.json" is looked up as tm.json, then as json. A leading dot does not
 * begin an extension: ".html" has none. Returns "application/octet-stream" for
 * an unknown extension, and text/plain for README, LICENSE, and other names
 * without an extension that people read. The view is valid as long as types
 * is. */
struct view mime_type(const struct mime *types, struct view path);

#endif

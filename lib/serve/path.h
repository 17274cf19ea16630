/* path.h: from a request target to a name below the root, and back.
 * Introduced in phase 10. Needs: view.h.
 *
 *     /docs/%61.html?x=1  --path_decode-->    docs/a.html
 *     /docs/              --path_decode-->    docs/
 *     docs, x=1           --path_location-->  /docs/?x=1
 *
 * The kernel keeps a request inside the root: cache.c opens the name with
 * openat2(2), RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS. The rules here are the
 * second layer. They also give each file one name, so that a cache can use it
 * as a key. In the order in which they are applied:
 *
 *  - The query and the fragment are cut first. Then the path is split at '/',
 *    and then each segment is percent-decoded, once: "%252e" is a file called
 *    "%2e", never a dot. No step is repeated after a later one.
 *  - Refused as malformed (-EINVAL): '%' without two hex digits; a decoded NUL
 *    or '/', which would split a segment again; a backslash, raw or decoded,
 *    which some clients and file systems use as '/'; a raw control character,
 *    space or byte over 126, which no target may contain. Such a byte is valid
 *    in a file name if it was encoded.
 *  - Empty segments are removed: "//a" is "a", as in POSIX.
 *  - "." is removed, and ".." removes the segment before it (RFC 3986, section
 *    5.2.4), encoded or not. A ".." without a segment before it would leave the
 *    root: it is malformed, although the RFC would ignore it.
 *  - A segment that begins with '.' or ends with '~' (an editor's backup) does
 *    not exist (-ENOENT) unless hidden files are allowed. The exception is
 *    .well-known as the first segment (RFC 8615).
 *
 * No function here suspends, allocates, or keeps a pointer after the call. */
#ifndef ONE_RING_PATH_H
#define ONE_RING_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "view.h"

/* A name relative to the root, in a buffer that the caller owns. It never
 * begins with '/', and has no empty, "." or ".." segment and no NUL inside. It
 * is empty for the root itself. It ends in '/' if and only if the target named
 * a directory: then append the name of the index. openat2 would refuse "", and
 * refuses a file with a trailing '/' (-ENOTDIR). */
struct path {
    char *text;  /* borrowed: size bytes; a NUL ends the name */
    size_t size; /* at least 1; the kernel accepts up to PATH_MAX */
    size_t len;  /* bytes of the name, without the NUL */
};

/* Writes the name of target's file to path. target is an origin-form, or the
 * path of an absolute-form (http.h: request.path), and must not overlap the
 * buffer. On failure path is empty.
 *
 * Returns  0              success
 *          -EINVAL        malformed, or does not begin with '/': answer 400
 *          -ENOENT        hidden, and allow_hidden is false: answer 404
 *          -ENAMETOOLONG  a part of the name, or all of it, has more than
 *                         size - 1 bytes: answer 414 */
int path_decode(struct path *path, struct view target, bool allow_hidden);

/* True if path needs the name of an index: it is empty or ends in '/'. */
bool path_is_directory(const struct path *path);

/* Appends the plain name of a file, usually the index, to a directory's path.
 *
 * Returns  0              success
 *          -ENAMETOOLONG  it does not fit; path is not changed */
int path_append(struct path *path, struct view name);

/* Writes a Location field for a directory that path names without a trailing
 * '/': '/' path '/', then '?' query unless the view is none (http.h:
 * request.query). It percent-encodes every byte that a URI does not allow, so
 * no name and no query can end the line. The location begins with exactly one
 * '/', so it cannot name another host. Asserts that path is not empty and does
 * not end in '/'.
 *
 * Returns  > 0            the number of bytes before the NUL, at most three
 *                         times the input's length plus 3
 *          -ENAMETOOLONG  it does not fit; out is undefined */
int path_location(char *out, size_t size, const struct path *path,
                  struct view query);

#endif

/* path.h: from a request target to a name below the root, and back.
 * Introduced in phase 10. Needs: view.h.
 *
 *     /docs/%61.html?x=1  --path_decode-->    docs/a.html
 *     /docs/              --path_decode-->    docs/
 *     docs, x=1           --path_location-->  /docs/?x=1
 *
 * What keeps a request inside the root is the kernel: the name is opened with
 * openat2(2), RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS. The rules here are the
 * second layer, and they make one name of one file, so that a cache may use it
 * as a key. They are, in the order in which a segment meets them:
 *
 *  - The query and the fragment are cut first. Then the path is split at '/',
 *    and then each segment is percent-decoded, once: "%252e" is a file called
 *    "%2e", never a dot. No step is repeated after a later one.
 *  - Refused as malformed (-EINVAL): '%' without two hex digits; a decoded NUL
 *    or '/', which would split what was split already; a backslash, raw or
 *    decoded, which some clients and some file systems take for a '/'; a raw
 *    control character, space or byte over 126, which no target may contain.
 *    Decoded, such bytes are bytes of a file name like any other.
 *  - Empty segments vanish: "//a" is "a", as POSIX has it.
 *  - "." vanishes and ".." takes the segment before it along (RFC 3986, section
 *    5.2.4), however they were encoded. A ".." with nothing left to take would
 *    leave the root: malformed, where the RFC would ignore it.
 *  - A segment that begins with '.' or ends with '~' (an editor's backup) does
 *    not exist (-ENOENT) unless hidden files are allowed. Exempt is .well-known
 *    as the first segment (RFC 8615).
 *
 * Nothing here suspends, allocates or keeps a pointer beyond the call. */
#ifndef ONE_RING_PATH_H
#define ONE_RING_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "view.h"

/* A name relative to the root, in a buffer that the caller owns. It never
 * begins with '/', has no empty, "." or ".." segment and no NUL inside.
 * It is empty for the root itself. It ends in '/' if and only if the target
 * named a directory: then append the index's name; openat2 would refuse "",
 * and a trailing '/' makes it refuse a file (-ENOTDIR). */
struct path {
    char *text;  /* borrowed: size bytes; a NUL ends the name */
    size_t size; /* at least 1; PATH_MAX is as much as the kernel takes */
    size_t len;  /* bytes of the name, without the NUL */
};

/* Makes path the name of what target asks for: an origin-form, or the path of
 * an absolute-form, which looks the same (http.h: request.path). target and the
 * buffer must not overlap.
 *
 * Returns 0, or with path left empty:
 *   -EINVAL        malformed, or does not begin with '/' (answer 400)
 *   -ENOENT        hidden, and allow_hidden is false (404)
 *   -ENAMETOOLONG  more than size - 1 bytes, if only on the way (414) */
int path_decode(struct path *path, struct view target, bool allow_hidden);

/* Whether path wants a directory's index: it is empty or ends in '/'. */
bool path_is_directory(const struct path *path);

/* Appends the plain name of a file, the index's usually, to a path that is a
 * directory. Returns 0, or -ENAMETOOLONG with path as it was. */
int path_append(struct path *path, struct view name);

/* Writes where the directory that path names without a trailing '/' is to be
 * found: '/' path '/', and '?' query unless that is none (http.h:
 * request.query); for a Location field. Every byte that a URI does not have is
 * percent-encoded, so that no name and no query can end the line; and it begins
 * with exactly one '/', so that it cannot name another host. Asserts that path
 * does not end in '/', as the root always does.
 *
 * Returns the number of bytes, at most three times the input's and 3, and ends
 * them with a NUL; or -ENAMETOOLONG, with out in no particular state. */
int path_location(char *out, size_t size, const struct path *path,
                  struct view query);

#endif

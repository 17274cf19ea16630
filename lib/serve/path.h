/* path.h: converts a request target to a name below the root, and back.
 * Introduced in phase 10. Needs: view.h.
 *
 *     /docs/%61.html?x=1  --path_decode-->    docs/a.html
 *     /docs/              --path_decode-->    docs/
 *     docs, x=1           --path_location-->  docs/?x=1
 *
 * The root is the directory that a server serves. The kernel keeps a request
 * inside the root: resource.c opens the name with openat2(2) and the flags
 * RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS. The rules here are a second layer of
 * defence. They also give each file a single name, so that a cache can use the
 * name as a key. path_decode applies the rules in this order:
 *
 *  - The query and the fragment are removed first. Then the path is split at
 *    '/', and each segment is percent-decoded once: "%252e" is a file called
 *    "%2e", never a dot. No step runs twice.
 *  - These are refused as malformed (-EINVAL): '%' without two hex digits; a
 *    decoded NUL, which would end the name; a decoded '/', which would split a
 *    segment again; a backslash, raw or decoded, which some clients and file
 *    systems use as '/'; and a raw control character, space or byte over 126,
 *    which no target may contain. If such a control character, space or byte is
 *    percent-encoded, it is accepted, because a file name may contain it.
 *  - Empty segments are removed: "//a" is "a", as in POSIX.
 *  - "." is removed, and ".." removes the segment before it, whether the dots
 *    were encoded or not (RFC 3986, section 5.2.4). A ".." without a segment
 *    before it would leave the root. It is refused as malformed, although the
 *    RFC ignores it.
 *  - A segment that begins with '.' or ends with '~' (an editor's backup) is
 *    hidden. It is refused (-ENOENT) unless hidden files are allowed. If the
 *    first segment is .well-known, it is not hidden (RFC 8615).
 *
 * No function here suspends, allocates, or keeps a pointer after the call. */
#ifndef ONE_RING_PATH_H
#define ONE_RING_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "view.h"

/* A name relative to the root, in a buffer that the caller owns. It never
 * begins with '/', has no empty, "." or ".." segment, and contains no NUL. The
 * root itself is the empty name. Any other name ends in '/' if and only if the
 * target named a directory. To open a directory's index file, append the file's
 * name first (path_append), because openat2 refuses an empty name. If the name
 * of a file ends in '/', openat2 returns -ENOTDIR. */
struct path {
    char *text;  /* borrowed: size bytes, NUL-terminated */
    size_t size; /* at least 1; the kernel accepts up to PATH_MAX */
    size_t len;  /* length of the name, without the NUL */
};

/* Writes the name of the file that target refers to. target is an origin-form
 * such as "/a?b", or the path of an absolute-form (RFC 9112, section 3.2;
 * http.h: request.path). It must not overlap the buffer. On failure path is
 * empty.
 *
 * Returns  0              success
 *          -EINVAL        malformed, or does not begin with '/': answer 400
 *          -ENOENT        hidden, and allow_hidden is false: answer 404
 *          -ENAMETOOLONG  the name, or the decoded path before a ".." has
 *                         removed a segment, has more than size - 1 bytes:
 *                         answer 404 */
int path_decode(struct path *path, struct view target, bool allow_hidden);

/* Returns true if path names a directory. Such a path is empty or ends in '/',
 * and the name of an index file must be appended to it. */
bool path_is_directory(const struct path *path);

/* Returns the last segment of path: the name of a file, or an empty view if
 * path ends in '/'. The view is borrowed from path. */
struct view path_last_segment(const struct path *path);

/* Appends the name of a file, usually the index, to the path of a directory.
 *
 * Returns  0              success
 *          -ENAMETOOLONG  the name does not fit; path is not changed */
int path_append(struct path *path, struct view name);

/* Appends suffix to the name of a file, for example ".gz".
 *
 * Returns  0              success
 *          -ENAMETOOLONG  the name does not fit; path is not changed */
int path_append_suffix(struct path *path, struct view suffix);

/* The bytes that path_link may need for a name of len bytes, with the NUL. */
#define PATH_LINK_MAX(len) (3 * (len) + 4)

/* Writes a percent-encoded relative reference to a file in the same directory:
 * "./" if name has a ':', then name, then '/' if is_directory is true. name is
 * not empty and has no '/'. In a page, escape the result once more (html.h).
 *
 * Returns  > 0            the number of bytes before the NUL
 *          -ENAMETOOLONG  the reference does not fit; out is undefined */
int path_link(char *out, size_t size, struct view name, bool is_directory);

/* Returns true if segment is hidden, so that path_decode refuses a name that
 * contains it, unless allow_hidden is true. is_first is true for the first
 * segment of a name. */
bool path_is_hidden(struct view segment, bool is_first);

/* Writes the value of a Location field for a directory that path names without
 * a trailing '/'. The value is the last segment of path, then '/', and, if
 * query is not none, '?' and query (http.h: request.query). It is relative to
 * the request's target (RFC 9110, section 10.2.2), so it is also correct if a
 * proxy serves the site below a prefix. If the segment has a ':', the value
 * begins with "./", because otherwise a client would take the part before the
 * ':' for a scheme (RFC 3986, section 4.2). So the location cannot name another
 * host. Percent-encodes every byte that a URI does not allow, so neither the
 * name nor the query can end the line. Asserts that path is not empty and does
 * not end in '/'.
 *
 * Returns  > 0            the number of bytes before the NUL, at most three
 *                         times the input's length plus 4
 *          -ENAMETOOLONG  the value does not fit; out is undefined */
int path_location(char *out, size_t size, const struct path *path,
                  struct view query);

#endif

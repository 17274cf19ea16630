/* safe_path.h: converts a target to a path.
 *
 * An exercise of phase 10; see phase10/exercises/README.md. */
#ifndef SAFE_PATH_H
#define SAFE_PATH_H

#include <stddef.h>

/* Decodes target, the path of a request, which begins with "/". Writes a path
 * that is relative to the root of the site, with a zero byte, to
 * out[0..size). The path has no empty segment, no "." and no "..". The root
 * itself is ".".
 *
 * Returns >= 0           the length of the path
 *         -EPERM         the target leads out of the root
 *         -EINVAL        a "%" without two hex digits, or an encoded "/" or
 *                        zero byte
 *         -ENAMETOOLONG  out is too small */
int safe_path(const char *target, char *out, size_t size);

#endif

/* decide.h: from a request and its open file to the status of the answer.
 *
 * What it teaches: most requests have no condition. One cheap test of the
 * fields detects that, and only the other requests need the expensive code. */
#ifndef PHASE10_DECIDE_H
#define PHASE10_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "negotiate.h"
#include "range.h"
#include "resource.h"
#include "site.h"
#include "validator.h"

/* Returns true if the file's time changes with its content. Package builds and
 * images set all times to 0 or 1 (Nix, ostree, Bazel). A client that got such a
 * date would keep an old copy for years. */
static inline bool decide_has_date(const struct resource *file)
{
    return file->modified_s > 1;
}

/* The longest tag, with the suffix of a coding. */
#define DECIDE_SUFFIX_MAX 4u
#define DECIDE_TAG_MAX (VALIDATOR_MAX + DECIDE_SUFFIX_MAX)

/* Writes the file's tag into text. Siblings in several codings may have the
 * same time and size, and a cache must not take one for another. So the tag of
 * a sibling names its coding (RFC 9110, section 8.8.3.3). Returns the tag, or
 * (NULL, 0) if the file has none: --etag mtime, and no date. */
struct view decide_tag(const struct site *site, const struct resource *file,
                       enum coding coding, char text[DECIDE_TAG_MAX]);

/* Decides the status of the answer to a GET or HEAD request for the file, which
 * is in that coding.
 *
 * Returns  200            the file; *part is the whole
 *          206            *part of the file
 *          304, 412, 416  nothing of the file; *part is the whole */
int decide_status(const struct site *site, const struct http_request *request,
                  const struct resource *file, enum coding coding,
                  struct range *part);

#endif

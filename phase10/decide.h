/* decide.h: from a request and its open file to the status of the answer.
 *
 * What it teaches: most requests have no condition. One cheap test of the
 * fields detects that, and only the other requests need the expensive code. */
#ifndef PHASE10_DECIDE_H
#define PHASE10_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"
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

/* Writes the file's tag into text. Returns it, or (NULL, 0) if the file has
 * none: --etag mtime, and no date. */
struct view decide_tag(const struct site *site, const struct resource *file,
                       char text[VALIDATOR_MAX]);

/* Decides the status of the answer to a GET or HEAD request for the file.
 *
 * Returns  200            the file; *part is the whole
 *          206            *part of the file
 *          304, 412, 416  nothing of the file; *part is the whole */
int decide_status(const struct site *site, const struct http_request *request,
                  const struct resource *file, struct range *part);

#endif

/* find.h: from a request to its open file.
 *
 * What it teaches: a request's target becomes a name below the root, and the
 * name becomes an open file, in this order: decode the path, append the index
 * of a directory, look for a new root if that is due, and open. A target that
 * fails at one step never reaches the next one.
 *
 * A file may have siblings, which hold the same content in a coding:
 *
 *     app.js   app.js.br   app.js.gz   app.js.zst
 *
 * A client that accepts a sibling's coding gets the sibling. */
#ifndef PHASE10_FIND_H
#define PHASE10_FIND_H

#include "answer.h"
#include "resource.h"

/* Opens the file that answer->request names, or its sibling in the coding that
 * the client prefers. With --listing, opens the page of a directory without
 * an index. With --spa, opens its file for a page that does not exist. Leaves
 * the name of the file in answer->path, its coding in answer->coding, and its
 * kind in answer->found. A request with Range gets the file itself, unless only
 * a sibling exists. A sibling is not used if it is older than the file, or
 * cannot be read. The caller closes file with find_await_close. Sends the
 * answers that are in the outbox before it waits for a disk. Suspends.
 *
 * Returns 0           file is open; it may be a directory, which needs a slash
 *         -ECANCELED  the task was cancelled
 *         -ETIME      the disk took longer than --send-ms
 *         -errno      status_of_result gives the status to answer with */
int find_await_file(struct answer *answer, struct resource *file);

/* Opens the file at path, which is below the root and ends with a NUL: the copy
 * in the cache if there is one. The caller closes it with cache_await_close.
 * Returns like find_await_file. */
int find_await_open(struct answer *answer, struct view path,
                    struct resource *file);

/* Closes the file that find_await_file opened. May suspend. */
void find_await_close(struct answer *answer, struct resource *file);

#endif

/* find.h: from a request to its open file.
 *
 * What it teaches: a request's target becomes a name below the root, and the
 * name becomes an open file, in this order: decode the path, append the index
 * of a directory, look for a new root if it is time to, and open. A target that
 * fails at one step never reaches the next one. */
#ifndef PHASE10_FIND_H
#define PHASE10_FIND_H

#include "answer.h"
#include "resource.h"

/* Opens the file that answer->request names. Leaves its name in answer->path.
 * The caller closes file with cache_await_close. Sends the answers that are in
 * the outbox before it waits for a disk. Suspends.
 *
 * Returns 0           file is open; it may be a directory, which needs a slash
 *         -ECANCELED  the task was cancelled
 *         -ETIME      the disk took longer than --send-ms
 *         -errno      status_of_result gives the status to answer with */
int find_await_file(struct answer *answer, struct resource *file);

#endif

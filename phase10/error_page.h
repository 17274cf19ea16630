/* error_page.h: the page of an answer that is not a file.
 *
 * What it teaches: a page about a failure must not fail itself. The file of
 * --error-page comes from the same disk, and needs a descriptor, just as the
 * file that could not be sent. So the program also contains a page, which needs
 * neither, and sends it if the file fails. */
#ifndef PHASE10_ERROR_PAGE_H
#define PHASE10_ERROR_PAGE_H

#include "answer.h"
#include "response.h"

/* Adds the page of head->status: the file of --error-page if it can be read, or
 * else that of the server. A file keeps the status. It has no tag, no range,
 * and Cache-Control: no-store, so that no cache stores it as the file that was
 * requested. Suspends.
 *
 * Returns 0       the answer is in the outbox or sent
 *         -errno  the connection is unusable, or the task was cancelled */
int error_page_await_send(struct answer *answer,
                          const struct response_head *head);

#endif

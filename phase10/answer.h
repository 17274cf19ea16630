/* answer.h: from a request to its response.
 *
 * A connection has one answer, which it uses for one request after the other:
 *
 *     session --> answer --> find --> path, docroot, cache
 *          |         |----> decide --> condition, validator
 *          |         `----> outbox --> response, transfer
 *          `----> inbox --> stream
 *
 * session calls answer and inbox. These two use neither session nor each
 * other. */
#ifndef PHASE10_ANSWER_H
#define PHASE10_ANSWER_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "decide.h"
#include "http.h"
#include "negotiate.h"
#include "outbox.h"
#include "path.h"
#include "response.h"
#include "server.h"
#include "site.h"

/* The kind of file that find.h opened. */
enum found {
    FOUND_FILE,     /* or a directory, requested without a slash at its end */
    FOUND_LISTING,  /* the page of a directory */
    FOUND_NO_INDEX, /* nothing: a directory without an index */
};

struct answer {
    struct conn *conn; /* borrowed, as the next three */
    struct site *site;
    const struct limits *limits;
    const struct http_request *request;
    struct path path;    /* the name of the file, without its coding's suffix */
    enum found found;
    enum coding coding;  /* of the file that was found */
    char path_text[PATH_MAX];
    char tag[DECIDE_TAG_MAX];
    char location[3 * HTTP_LINE_MAX + 5]; /* of a redirect, encoded */
    struct outbox outbox;
};

/* Returns true if result is that of a task that must end: it was cancelled, or
 * its connection has failed. After a success the task goes on, even if the
 * server is aborting the connection (pace.h), because the task must close the
 * file that it has opened. */
static inline bool answer_must_end(const struct answer *answer, int result)
{
    return result == -ECANCELED || (result < 0 && answer->conn->aborts);
}

/* Returns the seconds that an answer announces in Keep-Alive; 0: none. */
static inline unsigned answer_keep_alive_s(const struct limits *limits)
{
    return limits->idle_ms / 1000;
}

/* Answers a request that was parsed. keep: another request may follow. The
 * answer may stay in the outbox. Before the task waits for a disk, it sends the
 * answers that are in the outbox.
 *
 * Returns 0       the response is in the outbox or sent
 *         -errno  the connection cannot be used any more; if a response was
 *                 begun and not finished, conn->aborts is set */
int answer_await_send(struct answer *answer, bool keep);

/* Answers with the page of a status. Returns like answer_await_send. */
int answer_await_page(struct answer *answer, int status, bool keep);

/* Answers with a short text. Returns like answer_await_send. */
int answer_await_text(struct answer *answer, int status, struct view text,
                      bool keep);

#endif

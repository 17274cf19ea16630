/* session.h: one HTTP connection, request after request.
 *
 * What it teaches: keep-alive, pipelining and time-outs as a loop that reads
 * straight down. Every wait has its deadline, every request is answered or the
 * connection closed, and a request that is not understood is the last. */
#ifndef PHASE10_SESSION_H
#define PHASE10_SESSION_H

#include <limits.h>

#include "cache.h"
#include "date.h"
#include "http.h"
#include "inbox.h"
#include "mime.h"
#include "path.h"
#include "response.h"
#include "server.h"
#include "transfer.h"

/* What all connections of a ring share. */
struct site {
    const struct mime *types; /* borrowed; read only, shared by all rings */
    struct cache cache;
    struct transfer_pool pool;
    struct date_cache date;
    bool shows_hidden;
};

/* A body up to this size is copied behind its head and sent with it in one
 * piece; beyond, two pieces cost less than the copy. */
#define SESSION_COPY_MAX 4096

/* What one connection has for itself. */
struct session {
    struct conn *conn; /* borrowed */
    struct site *site; /* borrowed */
    const struct limits *limits;
    struct http_limits http_limits;
    struct inbox inbox;
    struct http_request request;
    struct path path;
    char path_text[PATH_MAX];
    char location[3 * HTTP_TARGET_MAX + 4]; /* a redirect's, encoded */
    char out[RESPONSE_HEAD_MAX + 3 * HTTP_TARGET_MAX + SESSION_COPY_MAX];
};

/* Serves a connection to its end. session_serve is the task's function. */
void session_serve(struct conn *conn);

/* Answers the request that was parsed; keep says whether another may follow.
 * Returns 0, or -errno: the connection is good for nothing any more, and is
 * marked to be reset if a response was begun and not finished. In answer.c. */
int await_answer(struct session *session, bool keep);

/* Answers with the page of a status, and Connection: close unless keep. */
int await_answer_page(struct session *session, int status, bool keep);

#endif

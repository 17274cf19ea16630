/* session.h: one HTTP connection, request after request.
 *
 * What it teaches: keep-alive, pipelining, and timeouts as one loop. Each wait
 * has a deadline. The server answers each request, or closes the connection. A
 * request that cannot be parsed is the last one of its connection. */
#ifndef PHASE10_SESSION_H
#define PHASE10_SESSION_H

#include "answer.h"
#include "discard.h"
#include "http.h"
#include "inbox.h"
#include "records.h"
#include "server.h"

struct session {
    struct conn *conn; /* borrowed */
    const struct limits *limits; /* borrowed */
    struct http_limits http_limits;
    struct http_request request;
    struct inbox inbox;
    struct discard discard;
    size_t used; /* bytes of the head, and of the body that have arrived */
    int rest;    /* of the body: 0, -EAGAIN or -EFBIG, see discard.h */
    struct records records;
    struct answer answer;
};

/* Serves a connection to its end: the task body of a connection. Its server has
 * a struct site as context. */
void session_serve(struct conn *conn);

#endif

/* session.c: one HTTP connection, request after request; see session.h. */
#include "session.h"

#include <errno.h>
#include <sys/socket.h>

#include "await.h"

#define NS_PER_MS UINT64_C(1000000)

/* After the last response: how long, and how much, a client may go on sending
 * before the connection is closed under it. */
#define LINGER_NS UINT64_C(1000000000)
#define LINGER_MAX (HTTP_BODY_MAX + HTTP_HEAD_MAX)

/* Waits for a request and parses its head. The time for it runs from its first
 * byte, not from the last that came: a peer that sends one byte now and then
 * gains nothing by it.
 *
 * Returns the head's length; 0 if the connection ended before a request began;
 * -EBADMSG, the request's error says why; -ETIME, -ECANCELED, ... */
static int await_request(struct session *session)
{
    struct http_request *request = &session->request;
    const struct limits *limits = session->limits;
    bool is_timed = false;
    size_t len;
    char *bytes = inbox_bytes(&session->inbox, &len);
    int rc;

    http_request_init(request, &session->http_limits);
    /* What has arrived is answered, also if the server is to stop. */
    conn_set_idle(session->conn,
                  len == 0 && !stream_has_chunk(&session->conn->in));
    if (len == 0)
        deadline_set_ns(limits->idle_ms * NS_PER_MS);
    for (;;) {
        if (len > 0) {
            rc = http_parse_request(request, bytes, len);
            if (rc != -EAGAIN)
                return rc;
            conn_set_idle(session->conn, false);
            if (!is_timed)
                deadline_set_ns(limits->header_ms * NS_PER_MS);
            is_timed = true;
        }
        rc = await_inbox_more(&session->inbox);
        if (rc <= 0)
            return rc == 0 && http_has_begun(request) ? -ECONNRESET : rc;
        bytes = inbox_bytes(&session->inbox, &len);
    }
}

/* A body is not read here: the connection ends with the answer. So what follows
 * the head is never taken for a request. */
static bool has_body(const struct http_request *request)
{
    return request->is_chunked || request->content_length > 0;
}

/* Closing while the peer still sends would make its kernel drop the answer
 * that it has not read yet: say that nothing more will come, and listen for a
 * while. */
static void await_linger(struct session *session)
{
    size_t seen = 0, len;
    int rc;

    deadline_set_ns(LINGER_NS);
    if (await_shutdown(session->conn->fd, SHUT_WR) < 0)
        return;
    do {
        (void)inbox_bytes(&session->inbox, &len);
        inbox_drop(&session->inbox, len);
        seen += len;
        rc = await_inbox_more(&session->inbox);
    } while (rc > 0 && seen < LINGER_MAX);
}

/* What a request that did not come whole, or was not one, is answered. */
static void await_refusal(struct session *session, int result)
{
    int status = session->request.error.status;

    if (result == -ETIME)
        status = http_has_begun(&session->request) ? 408 : 0;
    else if (result != -EBADMSG)
        status = 0;
    if (status != 0 && await_answer_page(session, status, false) == 0)
        await_linger(session);
}

/* The task body of a connection. Whatever ends it, nothing is left to be done
 * but to stop the receive and close, which server.c does. */
void session_serve(struct conn *conn)
{
    struct session *session = conn->state;
    bool keep = true;

    session->conn = conn;
    session->site = conn->server->context;
    session->limits = conn->server->options.limits;
    session->http_limits = (struct http_limits)HTTP_LIMITS_DEFAULT;
    inbox_init(&session->inbox, &conn->in);
    while (keep) {
        struct http_request *request = &session->request;
        int head_len = await_request(session);

        if (head_len <= 0) {
            await_refusal(session, head_len);
            break;
        }
        conn_set_idle(conn, false);
        keep = request->keep_alive && !has_body(request) &&
               !conn_should_end(conn);
        if (await_answer(session, keep) < 0)
            break;
        inbox_drop(&session->inbox, (size_t)head_len);
        if (!keep)
            await_linger(session);
    }
    inbox_finish(&session->inbox);
}

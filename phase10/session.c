/* session.c: one HTTP connection, request after request; see session.h. */
#include "session.h"

#include <errno.h>

#include "await.h"
#include "dormant.h"
#include "linger.h"

#define NS_PER_MS UINT64_C(1000000)

/* An idle connection is closed this much later than Keep-Alive announces. A
 * client may send a request just before the announced time, and the request may
 * arrive after it. */
#define IDLE_GRACE_MS 500u

static const struct linger_limits linger_limits = LINGER_LIMITS_DEFAULT;

/* Returns the time in ms after which an idle connection is closed. */
static unsigned idle_ms(const struct limits *limits)
{
    return limits->idle_ms +
           (answer_keep_alive_s(limits) > 0 ? IDLE_GRACE_MS : 0);
}

/* Sets the deadline of the wait for bytes. Before the first byte of a head, it
 * is the deadline of an idle connection. Then it is that of the head, unless
 * is_timed is true: that deadline was set before. Returns true if the deadline
 * of the head is set now. */
static bool session_limit_wait(struct session *session, bool has_bytes,
                               bool is_timed)
{
    const struct limits *limits = session->limits;
    bool has_begun = has_bytes || stream_has_chunk(&session->conn->in);

    /* A request that has arrived is answered even while the server stops. */
    if (!has_begun) {
        conn_set_idle(session->conn, true);
        deadline_set_ns(idle_ms(limits) * NS_PER_MS);
        return false;
    }
    conn_wait_peer(session->conn);
    if (!is_timed)
        deadline_set_ns(limits->header_ms * NS_PER_MS);
    return true;
}

/* Waits for a request and parses its head. Sends the answers in the outbox
 * before it waits: the client may need them for its next request. The deadline
 * runs from the request's first byte, not from its latest: a peer that sends
 * one byte now and then cannot extend it.
 *
 * Returns > 0         the length of the head
 *         -EAGAIN     the connection is dormant: return from serve
 *         0           the connection ended before a request began
 *         -EBADMSG    not a request; request.error gives the reason
 *         -ETIME      the deadline has passed
 *         -errno      the connection failed, or the task was cancelled */
static int session_await_request(struct session *session)
{
    struct http_request *request = &session->request;
    struct outbox *outbox = &session->answer.outbox;
    bool is_timed = false;
    int rc;

    http_request_init(request, &session->http_limits);
    for (;;) {
        size_t len;
        const char *bytes = inbox_bytes(&session->inbox, &len);

        if (len > 0) {
            rc = http_parse_request(request, bytes, len);
            if (rc != -EAGAIN)
                return rc;
        }
        if (!stream_has_chunk(&session->conn->in)) { /* the task will wait */
            rc = outbox_await_flush(outbox);
            if (rc < 0)
                return rc;
        }
        if (len == 0 && !http_has_begun(request) &&
            dormant_begin(session->conn, idle_ms(session->limits)))
            return -EAGAIN;
        is_timed = session_limit_wait(session, len > 0, is_timed);
        rc = inbox_await_more(&session->inbox);
        if (rc <= 0)
            return rc == 0 && http_has_begun(request) ? -ECONNRESET : rc;
    }
}

/* Begins the record of an answer. Sends the answers in the outbox first if
 * there is no room for their records and this one. Returns 0 or -errno. */
static int session_await_record(struct session *session,
                                const struct http_request *request)
{
    int rc = 0;

    if (!records_have_room(&session->records))
        rc = outbox_await_flush(&session->answer.outbox);
    if (rc == 0)
        records_begin(&session->records, request);
    return rc;
}

/* Answers a request. Returns 0, or -errno if the connection is unusable. */
static int session_await_answer(struct session *session, bool keep)
{
    const struct outbox *outbox = &session->answer.outbox;
    int rc = session_await_record(session, &session->request);

    if (rc < 0)
        return rc;
    rc = monitor_await_answer(&session->answer, keep);
    if (rc <= 0) {
        records_forget(&session->records);
        return rc;
    }
    rc = answer_await_send(&session->answer, keep);
    records_end(&session->records, outbox_end(outbox));
    records_sent(&session->records, outbox->sent, 0);
    return rc;
}

/* Sends the last answers, and waits until the peer closes, too. */
static void session_await_end(struct session *session)
{
    if (outbox_await_flush(&session->answer.outbox) < 0)
        return;
    conn_wait_peer(session->conn);
    linger_await_end(&session->inbox, &linger_limits);
}

/* Answers input that is not a complete request, if an answer makes sense. */
static void session_await_refusal(struct session *session, int result)
{
    int rc, status = session->request.error.status;

    if (result == -ETIME)
        status = http_has_begun(&session->request) ? 408 : 0;
    else if (result != -EBADMSG)
        status = 0;
    if (status == 0 || session_await_record(session, NULL) < 0)
        return;
    rc = answer_await_page(&session->answer, status, false);
    records_end(&session->records, outbox_end(&session->answer.outbox));
    if (rc == 0)
        session_await_end(session);
}

/* Decodes the part of the body that has arrived. Sets used and rest. Returns 1,
 * or -EBADMSG after setting request.error to the reason. */
static int session_take_body(struct session *session, int head_len)
{
    struct http_request *request = &session->request;
    size_t body_len = 0;

    session->rest = 0;
    if (discard_is_needed(request))
        session->rest = discard_begin(&session->discard, request,
                                      &session->inbox, (size_t)head_len,
                                      &body_len);
    session->used = (size_t)head_len + body_len;
    if (session->rest != -EBADMSG)
        return 1;
    request->error = session->discard.body.error;
    return -EBADMSG;
}

/* Sends the answer, because the client may wait for it before it sends more.
 * Then reads and drops the rest of the body. Returns 0, or -errno if the
 * connection must end. */
static int session_await_rest(struct session *session)
{
    int rc = outbox_await_flush(&session->answer.outbox);

    if (rc < 0)
        return rc;
    conn_wait_peer(session->conn);
    deadline_set_ns(session->limits->header_ms * NS_PER_MS);
    return discard_await_rest(&session->discard, &session->inbox);
}

static void session_begin(struct session *session, struct conn *conn)
{
    session->conn = conn;
    session->limits = conn->server->options.limits;
    session->answer.conn = conn;
    session->answer.site = conn->server->context;
    session->answer.limits = session->limits;
    session->answer.request = &session->request;
    session->http_limits = (struct http_limits)HTTP_LIMITS_DEFAULT;
    records_init(&session->records, &session->answer.site->log,
                 &session->answer.site->traffic, &conn->peer);
    outbox_init(&session->answer.outbox, conn, &session->records);
    inbox_init(&session->inbox, &conn->in);
}

/* The task body of a connection. After it, server.c stops the receive and
 * closes the descriptor. */
void session_serve(struct conn *conn)
{
    struct session *session = conn->state;
    bool keep = true;

    session_begin(session, conn);
    while (keep) {
        int rc = session_await_request(session);

        if (rc > 0)
            rc = session_take_body(session, rc);
        if (rc <= 0) {
            if (!conn->aborts && rc != -EAGAIN)
                session_await_refusal(session, rc);
            break;
        }
        conn_set_idle(conn, false);
        keep = session->request.keep_alive && session->rest != -EFBIG &&
               ++conn->requests < session->answer.site->options->requests_max &&
               !conn_should_end(conn);
        if (session_await_answer(session, keep) < 0)
            break;
        inbox_drop(&session->inbox, session->used);
        if (keep && session->rest == -EAGAIN)
            keep = session_await_rest(session) == 0;
        if (!keep)
            session_await_end(session);
    }
    records_finish(&session->records, session->answer.outbox.sent);
    inbox_finish(&session->inbox);
}

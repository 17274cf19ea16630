/* hello: a web server that answers every request with a greeting.
 *
 * What it teaches: where a server calls the parser. A received chunk is not a
 * request: it may have half of one, or two and a half. So the connection
 * collects the bytes in a buffer, and the parser returns how many of them are
 * a head:
 *
 *     buf: | head | body | bytes of the next requests | free |
 *          ^ 0                                        ^ len
 *
 *   do      parse the bytes in the buffer before you wait for more
 *   do      read the body even if the server does not need it: it comes first
 *   do not  continue after an error: answer it, then close
 *
 * Read hello_serve() first. phase10/serve has the same loop and serves files.
 * It also has two parts that are missing here: a deadline for the whole head,
 * and a close that waits until the peer has read its answer. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "body.h"
#include "http.h"
#include "server_command.h"

#define NS_PER_MS UINT64_C(1000000)

/* The state of one connection. The server receives more only while buf has less
 * than a whole head, so one receive buffer always fits after the bytes. */
struct session {
    struct conn *conn; /* borrowed */
    struct http_request request;
    struct body body;
    size_t len; /* bytes in buf */
    char buf[HTTP_HEAD_MAX + LIMIT_BUF_LEN];
};

static_assert((int)HTTP_TRAILERS_MAX <= (int)HTTP_HEAD_MAX, "trailers fit");

/* Waits for more bytes and adds them to buf. Returns 1, 0 at the end of input,
 * or -errno. */
static int hello_await_more(struct session *session)
{
    struct conn *conn = session->conn;
    struct chunk chunk;
    int rc;

    deadline_set_ns(conn->server->options.limits->idle_ms * NS_PER_MS);
    rc = stream_await_chunk(&conn->in, &chunk);
    if (rc <= 0)
        return rc;
    assert(chunk.len <= sizeof session->buf - session->len);
    memcpy(session->buf + session->len, chunk.data, chunk.len);
    session->len += chunk.len;
    stream_release(&conn->in, &chunk);
    return 1;
}

/* Drops the first len bytes. The parser allows the other bytes to move. */
static void drop(struct session *session, size_t len)
{
    session->len -= len;
    memmove(session->buf, session->buf + len, session->len);
}

/* Waits for a whole head.
 *
 * Returns  > 0       the length of the head
 *          0         the peer ended the connection
 *          -EBADMSG  session->request.error has the reason
 *          -errno    another error */
static int hello_await_head(struct session *session)
{
    int n;

    http_request_init(&session->request, NULL);
    while ((n = http_parse_request(&session->request, session->buf,
                                   session->len)) == -EAGAIN) {
        if (http_has_begun(&session->request))
            conn_wait_peer(session->conn);
        else
            conn_set_idle(session->conn, true);
        n = hello_await_more(session);
        if (n <= 0)
            return n;
    }
    conn_set_idle(session->conn, false);
    return n;
}

/* Reads the body to its end and drops it. Returns 1 at its end, otherwise the
 * results of hello_await_head. */
static int hello_await_body(struct session *session)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    size_t got, consumed;
    int rc = 0;

    body_init(&session->body, &session->request);
    if (session->request.expects_continue)
        rc = await_send_all(session->conn->fd, go_on, sizeof go_on - 1);
    while (rc >= 0 && (rc = body_decode(&session->body, session->buf,
                                        session->len, &got, &consumed)) ==
                          -EAGAIN) {
        drop(session, consumed);
        rc = hello_await_more(session);
        if (rc == 0)
            return 0;
    }
    if (rc == 1)
        drop(session, consumed);
    if (rc == -EBADMSG)
        session->request.error = session->body.error;
    return rc;
}

/* Sends a response with text as the body. The answer to HEAD has the length of
 * the body, but not the body. Returns 0 or -errno. */
static int hello_await_answer(struct session *session, int status,
                              const char *text, bool keep)
{
    bool is_head = session->request.method == HTTP_HEAD;
    char response[512];
    int len = snprintf(response, sizeof response,
                       "HTTP/1.1 %d %s\r\n"
                       "Content-Type: text/plain\r\n"
                       "Content-Length: %zu\r\n"
                       "%s"
                       "Connection: %s\r\n"
                       "\r\n"
                       "%s\n",
                       status, status == 200 ? "OK" : "No", strlen(text) + 1,
                       status == 405 ? "Allow: GET, HEAD\r\n" : "",
                       keep ? "keep-alive" : "close", is_head ? "" : text);

    assert(len > 0 && (size_t)len < sizeof response);
    deadline_set_ns(session->conn->server->options.limits->send_ms * NS_PER_MS);
    return await_send_all(session->conn->fd, response,
                          (size_t)(is_head ? len - 1 : len));
}

/* Serves one connection: request after request, until the client or the server
 * ends it. */
static void hello_serve(struct conn *conn) /* task body */
{
    struct session *session = conn->state;
    struct http_request *request = &session->request;
    bool keep = true;
    int rc = 1;

    session->conn = conn;
    session->len = 0;
    while (keep && rc > 0) {
        rc = hello_await_head(session);
        if (rc > 0) {
            drop(session, (size_t)rc);
            rc = hello_await_body(session);
        }
        if (rc <= 0)
            break;
        keep = request->keep_alive && !conn_should_end(conn);
        if (request->method == HTTP_GET || request->method == HTTP_HEAD)
            rc = hello_await_answer(session, 200, "hello, world", keep);
        else
            rc = hello_await_answer(session, 405,
                                    "this page can only be read", keep);
        rc = rc < 0 ? rc : 1;
    }
    if (rc == -EBADMSG)
        (void)hello_await_answer(session, request->error.status,
                                 request->error.reason, false);
}

static void hello_print_listening(const struct net_address *address)
{
    char text[NET_TEXT_MAX];

    net_format(address, text);
    printf("listening on http://%s\n", text);
    fflush(stdout);
}

static const char help[] =
    "[options]\n"
    "Answers every HTTP/1.1 request with a greeting, until SIGTERM.\n\n"
    SERVER_COMMAND_HELP("8080")
    "  --help, --version\n";

static struct server_command server = SERVER_COMMAND_DEFAULT(8080);
static const struct command_option options[] = {
    SERVER_COMMAND_OPTIONS(server),
    {0},
};

int main(int argc, char **argv)
{
    struct service_options service = {
        .name = "hello connection",
        .serve = hello_serve,
        .state_len = sizeof(struct session),
        .on_listening = hello_print_listening,
    };
    struct command command = {
        .name = "hello",
        .help = help,
        .options = options,
    };
    int code = server_command_read(&server, &service, &command, argc, argv);

    if (code == COMMAND_GO_ON)
        code = service_main(&service, "hello");
    return command_finish(&command, code);
}

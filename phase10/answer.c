/* answer.c: from a request to its response.
 *
 * What it teaches: the order of the checks is the server's policy. Method, then
 * path, then file, then condition; each refusal is one line, and says why by
 * its status alone. Nothing of the request is ever repeated in a response, but
 * for a redirect's Location, which path_location encodes. */
#include <errno.h>
#include <string.h>

#include "await.h"
#include "session.h"
#include "sys.h"

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

static const struct view no_body = {NULL, 0};

/* HTTP/1.1 goes on without a word, HTTP/1.0 has to be told that it does. */
static enum response_connection connection_of(const struct session *session,
                                              bool keep)
{
    if (!keep)
        return RESPONSE_CLOSES;
    return session->request.minor == 0 ? RESPONSE_KEEPS_ALIVE
                                       : RESPONSE_PERSISTS;
}

/* What every head of this connection has. */
static struct response_head head_of(struct session *session, int status,
                                    bool keep)
{
    return (struct response_head){
        .status = status,
        .connection = connection_of(session, keep),
        .date = &session->site->date,
        .now_s = (int64_t)(sys_wall_ns() / NS_PER_S),
        .omits_body = session->request.method == HTTP_HEAD,
    };
}

/* From its first byte on a response is a promise. If it is not kept, the peer
 * must not take what it got for the whole: the connection is reset. */
static int promised(struct session *session, int result)
{
    if (result < 0)
        session->conn->aborts = true;
    return result;
}

/* The task is to end, or has waited long enough. */
static bool is_interruption(int result)
{
    return result == -ECANCELED || result == -ETIME;
}

/* Sends the len bytes of out, and body behind them. */
static int await_send_out(struct session *session, int len, struct view body)
{
    struct view head = {session->out, (size_t)len};

    if (len < 0) /* it does not fit: nothing was promised yet */
        return len;
    return promised(session, transfer_await_views(session->conn->fd, head, body,
                                                  session->limits->send_ms));
}

int await_answer_page(struct session *session, int status, bool keep)
{
    struct response_head head = head_of(session, status, keep);

    return await_send_out(session,
                          response_write_page(session->out,
                                              sizeof session->out, &head),
                          no_body);
}

/* A directory asked for without its slash: relative links in it would lead
 * astray. Redirects to the name with it. */
static int await_redirect(struct session *session, bool keep)
{
    struct response_head head = head_of(session, 301, keep);
    char *location = session->location;
    int len = path_location(location, sizeof session->location, &session->path,
                            session->request.query);

    if (len < 0)
        return await_answer_page(session, 414, keep);
    head.location = (struct view){location, (size_t)len};
    return await_send_out(session,
                          response_write_page(session->out,
                                              sizeof session->out, &head),
                          no_body);
}

/* If-Modified-Since: true if the client's copy is as new as the file. A date
 * that cannot be read, or lies in the future, is ignored; and so is any beside
 * If-None-Match: we give no tags, so that none matches (RFC 9110 13.1.3). */
static bool is_unmodified(struct session *session, const struct resource *file)
{
    struct view text = http_header(&session->request, "if-modified-since");
    int64_t now_s = (int64_t)(sys_wall_ns() / NS_PER_S);
    int64_t since_s;

    if (!view_is_none(http_header(&session->request, "if-none-match")))
        return false;
    return !view_is_none(text) && date_parse(text, now_s, &since_s) == 0 &&
           since_s <= now_s && file->modified_s <= since_s;
}

/* The head, and the file from where it lies. What cannot even be begun can
 * still be said otherwise. */
static int await_send_open_file(struct session *session, struct view head,
                                const struct resource *file, bool keep)
{
    struct transfer transfer = {
        .head = head,
        .file = file->fd,
        .len = file->size,
    };
    int rc = transfer_await_file(&session->site->pool, session->conn->fd,
                                 &transfer, session->limits->send_ms);

    if (rc < 0 && transfer.head.len == head.len && !is_interruption(rc))
        return await_answer_page(session, status_of_result(rc), keep);
    return promised(session, rc);
}

/* The head, and the file behind it: copied if it is small, in a second piece if
 * it is in memory, in many if it is not. */
static int await_send_file(struct session *session, struct view head,
                           const struct resource *file, bool keep)
{
    struct view content = {file->content, file->size};

    if (file->content == NULL)
        return await_send_open_file(session, head, file, keep);
    if (file->size <= SESSION_COPY_MAX &&
        head.len + file->size <= sizeof session->out) {
        memcpy(session->out + head.len, file->content, file->size);
        return await_send_out(session, (int)(head.len + file->size), no_body);
    }
    return await_send_out(session, (int)head.len, content);
}

/* What is said of a file, and the file itself where it is wanted. The type is
 * the name's, of the index too; nobody looks into the content for it. */
static int await_answer_file(struct session *session,
                             const struct resource *file, bool keep)
{
    bool unmodified = is_unmodified(session, file);
    struct response_head head = head_of(session, unmodified ? 304 : 200, keep);
    struct view name = {session->path.text, session->path.len};
    int len;

    head.type = mime_type(session->site->types, name);
    head.length = file->size;
    head.modified_s = file->modified_s;
    head.has_modified = true;
    len = response_write_head(session->out, sizeof session->out, &head);
    if (len < 0 || unmodified || head.omits_body)
        return await_send_out(session, len, no_body);
    return await_send_file(session, (struct view){session->out, (size_t)len},
                           file, keep);
}

/* Finds out which file is meant. Returns 0 with it open, or the -errno that
 * says, by status_of_result, what to answer. */
static int await_find(struct session *session, struct resource *file)
{
    struct site *site = session->site;
    struct path *path = &session->path;
    bool wants_index;
    int rc;

    path->text = session->path_text;
    path->size = sizeof session->path_text;
    rc = path_decode(path, session->request.path, site->shows_hidden);
    if (rc < 0)
        return rc;
    wants_index = path_is_directory(path);
    if (wants_index)
        rc = path_append(path, view_of("index.html"));
    if (rc < 0)
        return rc;
    rc = cache_await_open(&site->cache, (struct view){path->text, path->len},
                          file);
    if (rc == 0 && file->is_directory && wants_index) {
        cache_await_close(&site->cache, file);
        return -ENOENT; /* a directory that is called index.html */
    }
    return rc;
}

int await_answer(struct session *session, bool keep)
{
    struct http_request *request = &session->request;
    struct resource file;
    int rc;

    if (request->expects_other)
        return await_answer_page(session, 417, keep);
    if (request->method == HTTP_OTHER)
        return await_answer_page(session, 501, keep);
    if (request->method != HTTP_GET && request->method != HTTP_HEAD)
        return await_answer_page(session, 405, keep);
    /* A disk that does not answer is not waited for longer than a peer is. */
    deadline_set_ns(session->limits->send_ms * NS_PER_MS);
    rc = await_find(session, &file);
    if (is_interruption(rc))
        return rc;
    if (rc < 0)
        return await_answer_page(session, status_of_result(rc), keep);
    rc = file.is_directory ? await_redirect(session, keep)
                           : await_answer_file(session, &file, keep);
    cache_await_close(&session->site->cache, &file);
    return rc;
}

/* answer.c: from a request to its response; see answer.h.
 *
 * What it teaches: the order of the checks is the server's policy. Method, then
 * path, then file, then condition. Each refusal is one line, and only its
 * status gives the reason. A response repeats nothing of the request except a
 * redirect's Location, which path_location encodes. */
#include "answer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "err.h"
#include "sys.h"

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

static const struct view no_body = {NULL, 0};

/* Returns the fields that every head of this connection has. */
static struct response_head head_of(struct answer *answer, int status,
                                    bool keep)
{
    /* HTTP/1.1 keeps a connection by default; HTTP/1.0 needs the field. */
    enum response_connection kept = answer->request->minor == 0
                                        ? RESPONSE_KEEPS_ALIVE
                                        : RESPONSE_PERSISTS;

    return (struct response_head){
        .status = status,
        .connection = keep ? kept : RESPONSE_CLOSES,
        .keep_alive_s = answer_keep_alive_s(answer->limits),
        .date = &answer->site->date,
        .now_s = (int64_t)(sys_wall_ns() / NS_PER_S),
        .omits_body = answer->request->method == HTTP_HEAD,
    };
}

/* Once the first byte is sent, the response must be sent to its end. If that
 * fails, the connection is reset, so that the peer does not take the part that
 * it received for the whole. Returns result. */
static int promised(struct answer *answer, int result)
{
    if (result < 0)
        answer->conn->aborts = true;
    return result;
}

/* Sends the len bytes of out, and body behind them. A negative len is an error,
 * and nothing was sent. */
static int answer_await_out(struct answer *answer, int len, struct view body)
{
    struct view head = {answer->out, (size_t)len};

    if (len < 0)
        return len;
    return promised(answer, transfer_await_views(answer->conn->fd, head, body,
                                             answer->limits->send_ms));
}

/* Prints a line, once: no request tells the administrator what is wrong. */
static void report_no_worker(void)
{
    static atomic_flag is_reported = ATOMIC_FLAG_INIT;
    char line[512];

    if (atomic_flag_test_and_set(&is_reported))
        return;
    (void)snprintf(line, sizeof line, "serve: cannot open files: %s (%s); "
                   "requests are answered with 503\n",
                   err_words(-ERR_NO_WORKER), err_name(-ERR_NO_WORKER));
    sys_print_error(line, strlen(line));
}

/* Answers a failure with the page of its status. */
static int answer_await_failure(struct answer *answer, int result, bool keep)
{
    if (result == -ERR_NO_WORKER)
        report_no_worker();
    return answer_await_page(answer, status_of_result(result), keep);
}

int answer_await_page(struct answer *answer, int status, bool keep)
{
    struct response_head head = head_of(answer, status, keep);

    return answer_await_out(answer,
                            response_write_page(answer->out,
                                                sizeof answer->out, &head),
                            no_body);
}

/* Redirects a directory's name without the slash to the name with it: without
 * it, relative links in its page would be resolved in the parent directory. */
static int answer_await_redirect(struct answer *answer, bool keep)
{
    struct response_head head = head_of(answer, 301, keep);
    char *location = answer->location;
    int len = path_location(location, sizeof answer->location, &answer->path,
                            answer->request->query);

    if (len < 0)
        return answer_await_page(answer, 414, keep);
    head.location = (struct view){location, (size_t)len};
    return answer_await_out(answer,
                            response_write_page(answer->out,
                                                sizeof answer->out, &head),
                            no_body);
}

/* True if the file's time changes with its content. Package builds and images
 * set all times to 0 or 1 (Nix, ostree, Bazel). A client that got such a date
 * would keep an old copy for years. */
static bool has_modified(const struct resource *file)
{
    return file->modified_s != 0 && file->modified_s != 1;
}

/* True if the client's copy is as new as the file, by If-Modified-Since.
 * Ignores a date that cannot be parsed, a date in the future, and any date
 * beside If-None-Match: we send no tags, so no tag matches (RFC 9110 13.1.3).
 * */
static bool is_unmodified(struct answer *answer, const struct resource *file)
{
    struct view text = http_header(answer->request, "if-modified-since");
    int64_t now_s = (int64_t)(sys_wall_ns() / NS_PER_S);
    int64_t since_s;

    if (!view_is_none(http_header(answer->request, "if-none-match")))
        return false;
    return !view_is_none(text) && has_modified(file) &&
           date_parse(text, now_s, &since_s) == 0 && since_s <= now_s &&
           file->modified_s <= since_s;
}

/* Sends the head, and the file from its descriptor. If the transfer fails
 * before the first byte, answers with an error page instead. */
static int answer_await_open_file(struct answer *answer, struct view head,
                                  const struct resource *file, bool keep)
{
    struct transfer transfer = {
        .head = head,
        .file = file->fd,
        .len = file->size,
    };
    int rc = transfer_await_file(&answer->site->pool, answer->conn->fd,
                                 &transfer, answer->limits->send_ms);

    if (rc < 0 && rc != -ECANCELED && rc != -ETIME &&
        transfer.head.len == head.len)
        return answer_await_failure(answer, rc, keep);
    return promised(answer, rc);
}

/* Sends the head, and the file behind it: in the same segment if it is small,
 * in a second one if it is in memory, in many if it is not. */
static int answer_await_content(struct answer *answer, struct view head,
                                const struct resource *file, bool keep)
{
    struct view content = {file->content, file->size};

    if (file->content == NULL)
        return answer_await_open_file(answer, head, file, keep);
    if (file->size <= ANSWER_COPY_MAX &&
        head.len + file->size <= sizeof answer->out) {
        memcpy(answer->out + head.len, file->content, file->size);
        return answer_await_out(answer, (int)(head.len + file->size), no_body);
    }
    return answer_await_out(answer, (int)head.len, content);
}

/* Answers with a file: its head, and its content unless the client has it or
 * requests the head only. The type comes from the name, never from the
 * content. */
static int answer_await_file(struct answer *answer,
                             const struct resource *file, bool keep)
{
    bool unmodified = is_unmodified(answer, file);
    struct response_head head = head_of(answer, unmodified ? 304 : 200, keep);
    struct view name = {answer->path.text, answer->path.len};
    int len;

    head.type = mime_type(answer->site->types, name);
    head.length = file->size;
    head.modified_s = file->modified_s;
    head.has_modified = has_modified(file);
    len = response_write_head(answer->out, sizeof answer->out, &head);
    if (len < 0 || unmodified || head.omits_body)
        return answer_await_out(answer, len, no_body);
    return answer_await_content(answer, (struct view){answer->out, (size_t)len},
                                file, keep);
}

/* Looks for a new root. After a new one, copies of the old root's files must
 * not be served any more. Returns 0, or -ECANCELED or -ETIME. */
static int answer_await_root(struct site *site)
{
    int rc = docroot_await_look(site->root);
    unsigned generation = atomic_load(&site->root->generation);

    if (site->generation != generation)
        watch_forget(&site->cache.watch);
    site->generation = generation;
    return rc;
}

/* Opens the file that the request names.
 *
 * Returns 0       file is open
 *         -errno  status_of_result gives the status to answer with */
static int answer_await_find(struct answer *answer, struct resource *file)
{
    struct site *site = answer->site;
    struct path *path = &answer->path;
    bool wants_index;
    int rc;

    path->text = answer->path_text;
    path->size = sizeof answer->path_text;
    rc = path_decode(path, answer->request->path, site->shows_hidden);
    if (rc < 0)
        return rc;
    wants_index = path_is_directory(path);
    if (wants_index)
        rc = path_append(path, view_of("index.html"));
    if (rc == 0)
        rc = answer_await_root(site);
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

/* True if the target names a site of this server: all except an absolute target
 * with another scheme than http and https. A file of "ftp://host/x" is not ours
 * to answer for. */
static bool is_of_the_web(const struct http_request *request)
{
    struct view scheme = http_scheme(request);

    return view_is_none(scheme) ||
           view_equal_nocase(scheme, view_of("http")) ||
           view_equal_nocase(scheme, view_of("https"));
}

int answer_await_send(struct answer *answer, bool keep)
{
    const struct http_request *request = answer->request;
    struct resource file;
    int rc;

    if (!is_of_the_web(request))
        return answer_await_page(answer, 400, keep);
    if (request->expects_other)
        return answer_await_page(answer, 417, keep);
    if (request->method == HTTP_OTHER)
        return answer_await_page(answer, 501, keep);
    if (request->method == HTTP_OPTIONS)
        return answer_await_page(answer, 204, keep);
    if (request->method != HTTP_GET && request->method != HTTP_HEAD)
        return answer_await_page(answer, 405, keep);
    /* Wait for a disk no longer than for a peer. */
    deadline_set_ns(answer->limits->send_ms * NS_PER_MS);
    rc = answer_await_find(answer, &file);
    if (rc == -ECANCELED)
        return rc;
    if (rc == -ETIME) /* the disk, or the holder of a lease, is too slow */
        return answer_await_page(answer, 503, keep);
    if (rc < 0)
        return answer_await_failure(answer, rc, keep);
    rc = file.is_directory ? answer_await_redirect(answer, keep)
                           : answer_await_file(answer, &file, keep);
    cache_await_close(&answer->site->cache, &file);
    return rc;
}

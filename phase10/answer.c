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
#include "decide.h"
#include "err.h"
#include "error_page.h"
#include "find.h"
#include "sys.h"

#define NS_PER_S UINT64_C(1000000000)

/* How often a file is opened that was truncated or replaced before the first
 * byte of its answer. Another program may do so all the time: while a file of
 * 20 KB was truncated and written without a pause, one of 18,000 answers needed
 * more than two tries. */
#define OPEN_TRIES 8

/* Returns the wall clock in seconds. Reads it once per iteration of the loop:
 * for a thousand answers in one iteration, that is often enough. */
static int64_t now_s(struct site *site)
{
    uint64_t iteration = loop_current()->iterations;

    if (site->now_iteration != iteration)
        site->now_s = (int64_t)(sys_wall_ns() / NS_PER_S);
    site->now_iteration = iteration;
    return site->now_s;
}

/* Returns the fields that every head of this connection has. */
static struct response_head head_of(struct answer *answer, int status,
                                    bool keep)
{
    /* HTTP/1.1 keeps a connection by default; HTTP/1.0 needs the field. */
    enum response_connection kept = answer->request->minor == 0
                                        ? RESPONSE_KEEPS_ALIVE
                                        : RESPONSE_PERSISTS;
    const struct site_lines *lines = &answer->site->options->lines;

    return (struct response_head){
        .status = status,
        .connection = keep ? kept : RESPONSE_CLOSES,
        .keep_alive_s = answer_keep_alive_s(answer->limits),
        .date = &answer->site->date,
        .now_s = now_s(answer->site),
        .lines = status == 204 ? lines->preflight : lines->always,
        .omits_body = answer->request->method == HTTP_HEAD,
    };
}

/* Prints a line, once: without it, the administrator would see only statuses
 * and no cause. */
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

/* Answers a failure with the page of its status. If only a sibling exists, the
 * name is found only for clients that accept the sibling's coding. So the
 * answer has the lines that all answers for a name have. */
static int answer_await_failure(struct answer *answer, int result, bool keep)
{
    struct response_head head =
        head_of(answer, status_of_result(result), keep);

    if (result == -ERR_NO_WORKER)
        report_no_worker();
    head.lines = answer->site->options->lines.name;
    if (answer->found == FOUND_NO_INDEX)
        head.page = status_page_no_index();
    return error_page_await_send(answer, &head);
}

int answer_await_page(struct answer *answer, int status, bool keep)
{
    struct response_head head = head_of(answer, status, keep);

    return error_page_await_send(answer, &head);
}

int answer_await_text(struct answer *answer, int status, struct view text,
                      bool keep)
{
    struct response_head head = head_of(answer, status, keep);

    head.type = view_of("text/plain; charset=utf-8");
    head.length = text.len;
    return outbox_await_text(&answer->outbox, &head, text);
}

/* Redirects a directory's name without a slash at its end to the name with the
 * slash. Without the slash, a client would resolve relative links of the page
 * in the parent directory. */
static int answer_await_redirect(struct answer *answer, bool keep)
{
    struct response_head head = head_of(answer, 301, keep);
    char *location = answer->location;
    int len = path_location(location, sizeof answer->location, &answer->path,
                            http_view(answer->request, answer->request->query));

    if (len < 0)
        return answer_await_page(answer, 414, keep);
    head.location = (struct view){location, (size_t)len};
    head.lines = answer->site->options->lines.moved;
    return outbox_await_page(&answer->outbox, &head);
}

/* Adds a part of the file after its head. Returns 0 or -errno. Returns 1 if the
 * file could not be read and no byte was sent; then *result is the error. */
static int answer_await_content(struct answer *answer,
                                const struct resource *file,
                                struct range part, int *result)
{
    struct site *site = answer->site;

    if (file->content != NULL)
        return outbox_await_copy(&answer->outbox, &site->cache, file, part);
    return outbox_await_file(&answer->outbox, &site->pool, file, part, result);
}

/* Describes the file in head. The type comes from the name, never from the
 * content. For a copy, writes the lines of a 200 once, and keeps them. A copy
 * of app.js.gz may be sent for two names, app.js and app.js.gz, whose lines
 * differ: it keeps those of the name that was requested first. */
static void describe(struct answer *answer, const struct resource *file,
                     struct response_head *head)
{
    struct view name = {answer->path.text, answer->path.len};
    struct resource_note *note = head->status == 200 ? file->note : NULL;
    bool is_coded = answer->coding != CODING_IDENTITY;

    head->lines = answer->site->options->lines.file;
    if (note != NULL && note->len > 0 && note->coding != answer->coding)
        note = NULL;
    if (note == NULL || note->len == 0) {
        if (head->status != 304) /* the client has the type already */
            head->type = mime_type(answer->site->types, name);
        if (head->status != 304 && is_coded)
            head->coding = coding_name(answer->coding);
        head->tag = decide_tag(answer->site, file, answer->coding, answer->tag);
        head->length = file->size;
        head->accepts_ranges = head->status != 304 && !is_coded;
        head->modified_s = file->modified_s;
        head->has_modified = decide_has_date(file);
    }
    if (note != NULL && note->len == 0) {
        int len = response_write_fields(note->text, sizeof note->text, head);

        note->len = len > 0 ? (uint16_t)len : 0; /* none if it is too long */
        note->coding = (uint8_t)answer->coding;
    }
    if (note != NULL)
        head->fields = (struct view){note->text, note->len};
}

/* Answers with a file: its head, and the part of its content that the client
 * requests and does not have. Returns the same as answer_await_content. */
static int answer_await_file(struct answer *answer,
                             const struct resource *file, bool keep,
                             int *result)
{
    struct response_head head = head_of(answer, 200, keep);
    struct range part;
    int rc;

    head.status = decide_status(answer->site, answer->request, file,
                                answer->coding, &part);
    if (answer->coding != CODING_IDENTITY &&
        (head.status == 206 || head.status == 416)) {
        head.status = 200; /* a range counts the bytes of the file itself */
        part = (struct range){0, file->size};
    }
    head.lines = answer->site->options->lines.name;
    if (head.status == 412)
        return error_page_await_send(answer, &head);
    if (head.status == 416) {
        head.length = file->size; /* for Content-Range */
        return outbox_await_page(&answer->outbox, &head);
    }
    describe(answer, file, &head);
    head.first = part.at;
    head.last = part.at + part.len - 1; /* only a 206 has it: len > 0 */
    rc = outbox_await_head(&answer->outbox, &head);
    if (rc < 0 || head.status == 304 || head.omits_body)
        return rc;
    return answer_await_content(answer, file, part, result);
}

/* Answers with the page of a directory. The page has no validator, so a cache
 * has to request it again each time. Returns like answer_await_file. */
static int answer_await_listing(struct answer *answer,
                                const struct resource *page, bool keep,
                                int *result)
{
    struct response_head head = head_of(answer, 200, keep);
    int rc;

    head.lines = answer->site->options->lines.listing;
    head.type = view_of("text/html; charset=utf-8");
    head.length = page->size;
    rc = outbox_await_head(&answer->outbox, &head);
    if (rc < 0 || head.omits_body)
        return rc;
    return answer_await_content(answer, page, (struct range){0, page->size},
                                result);
}

/* Returns false for an absolute target with a scheme other than http and https,
 * for example "ftp://host/x". This server has no such resources. */
static bool is_of_the_web(const struct http_request *request)
{
    struct view scheme = http_scheme(request);

    return view_is_none(scheme) ||
           view_equal_nocase(scheme, view_of("http")) ||
           view_equal_nocase(scheme, view_of("https"));
}

/* Opens the file, and answers with it. Returns the same as
 * answer_await_content. */
static int answer_await_found(struct answer *answer, bool keep, int *result)
{
    struct resource file;
    int rc = find_await_file(answer, &file);

    if (answer_must_end(answer, rc))
        return rc;
    if (rc == -ETIME) /* the disk, or the holder of a lease, is too slow */
        return answer_await_page(answer, 503, keep);
    if (rc < 0)
        return answer_await_failure(answer, rc, keep);
    if (answer->found == FOUND_LISTING)
        rc = answer_await_listing(answer, &file, keep, result);
    else if (file.is_directory)
        rc = answer_await_redirect(answer, keep);
    else
        rc = answer_await_file(answer, &file, keep, result);
    find_await_close(answer, &file);
    return rc;
}

/* Returns true if the file was truncated or replaced after it was opened. Its
 * name may now lead to a file that can be sent. */
static bool is_outdated(int result)
{
    return result == -ENODATA || result == -ESTALE;
}

int answer_await_send(struct answer *answer, bool keep)
{
    const struct http_request *request = answer->request;
    int rc = 1, result = -ESTALE; /* so that the file is opened once */

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
    for (int i = 0; i < OPEN_TRIES && rc > 0 && is_outdated(result); i++)
        rc = answer_await_found(answer, keep, &result);
    return rc > 0 ? answer_await_failure(answer, result, keep) : rc;
}

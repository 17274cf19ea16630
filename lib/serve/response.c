/* response.c: writes response heads; see response.h.
 * Introduced in phase 10. Needs: response.h, date.h, status.h.
 *
 * What it teaches: only one function, reserve, checks the end of the buffer.
 * The functions that append do not report failures, because struct response
 * keeps the first failure. So the code reads like the head that it writes. It
 * does not use snprintf, which would interpret a format for each response. */
#include "response.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Appends a string constant, whose length the compiler knows. */
#define append_constant(r, string) append((r), string, sizeof string - 1)

void response_init(struct response *r, void *buf, size_t size)
{
    *r = (struct response){.buf = buf, .size = size};
}

/* Reserves the next len bytes of the buffer, which the caller writes. Returns
 * NULL if they do not fit, or after an earlier failure. */
static inline char *reserve(struct response *r, size_t len)
{
    char *at = r->buf + r->len;

    if (r->result < 0)
        return NULL;
    if (len > r->size - r->len) {
        r->result = -EMSGSIZE;
        return NULL;
    }
    r->len += len;
    return at;
}

static inline void append(struct response *r, const char *bytes, size_t len)
{
    char *at = len > 0 ? reserve(r, len) : NULL;

    if (at != NULL)
        memcpy(at, bytes, len);
}

/* Writes number in decimal directly into the buffer, from its last digit to its
 * first. Copying the digits from a temporary array would be slower: the CPU
 * stalls when it loads a word whose bytes were just written one by one. */
static void append_number(struct response *r, uint64_t number)
{
    size_t len = 1;
    char *at;

    for (uint64_t rest = number; rest >= 10; rest /= 10)
        len++;
    at = reserve(r, len);
    while (at != NULL && len > 0) {
        at[--len] = (char)('0' + number % 10);
        number /= 10;
    }
}

void response_status(struct response *r, int status)
{
    response_lines(r, status_line(status));
}

void response_field(struct response *r, const char *name, struct view value)
{
    unsigned bad = value.len > 0 &&
                   (value.at[0] == ' ' || value.at[value.len - 1] == ' ');

    /* The value may come from a file or a client, for example a type or a
     * location. Check all bytes without a branch for each, because a bad byte
     * is rare. */
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        bad |= (unsigned)(c < ' ') | (unsigned)(c == 127);
    }
    if (bad && r->result == 0)
        r->result = -EINVAL;
    append(r, name, strlen(name));
    append_constant(r, ": ");
    append(r, value.at, value.len);
    append_constant(r, "\r\n");
}

void response_number(struct response *r, const char *name, uint64_t value)
{
    append(r, name, strlen(name));
    append_constant(r, ": ");
    append_number(r, value);
    append_constant(r, "\r\n");
}

void response_lines(struct response *r, struct view lines)
{
    append(r, lines.at, lines.len);
}

void response_body(struct response *r, struct view body)
{
    append(r, body.at, body.len);
}

static int result_of(const struct response *r)
{
    assert(r->len <= r->size);
    return r->result < 0 ? r->result : (int)r->len;
}

int response_end(struct response *r)
{
    append_constant(r, "\r\n");
    return result_of(r);
}

/* Appends Last-Modified, but not later than now. The time of a file can be in
 * the future, but HTTP does not allow a Last-Modified that is after Date. */
static void append_modified(struct response *r,
                            const struct response_head *head)
{
    int64_t modified_s = head->modified_s;
    char *at;

    if (head->date != NULL && modified_s > head->now_s)
        modified_s = head->now_s;
    if (modified_s < DATE_MIN_S || modified_s > DATE_MAX_S)
        return;
    append_constant(r, "Last-Modified: ");
    at = reserve(r, DATE_LEN);
    if (at != NULL)
        (void)date_format(at, modified_s); /* in range, so it cannot fail */
    append_constant(r, "\r\n");
}

/* Appends Connection and Keep-Alive. A field about the connection must be named
 * in Connection, so that a proxy does not pass it on (RFC 9110, 7.6.1). */
static void append_connection(struct response *r,
                              const struct response_head *head)
{
    if (head->connection == RESPONSE_CLOSES) {
        append_constant(r, "Connection: close\r\n");
        return;
    }
    if (head->connection == RESPONSE_KEEPS_ALIVE || head->keep_alive_s > 0)
        append_constant(r, "Connection: keep-alive\r\n");
    if (head->keep_alive_s == 0)
        return;
    append_constant(r, "Keep-Alive: timeout=");
    append_number(r, head->keep_alive_s);
    append_constant(r, "\r\n");
}

/* Appends the fields that HTTP requires for the status. */
static void append_demanded(struct response *r,
                            const struct response_head *head)
{
    if (head->status == 405 || head->status == 204)
        append_constant(r, "Allow: " RESPONSE_ALLOW "\r\n");
    if (head->status == 503)
        append_constant(r, "Retry-After: " RESPONSE_RETRY_AFTER "\r\n");
    if (head->status != 206 && head->status != 416)
        return;
    /* A 206 has the range and the length of the file, a 416 only the length. */
    append_constant(r, "Content-Range: bytes ");
    if (head->status == 206) {
        append_number(r, head->first);
        append_constant(r, "-");
        append_number(r, head->last);
    } else {
        append_constant(r, "*");
    }
    append_constant(r, "/");
    append_number(r, head->length);
    append_constant(r, "\r\n");
}

/* Appends the fields that describe the content. length is the value of
 * Content-Length. */
static void append_fields(struct response *r, const struct response_head *head,
                          uint64_t length)
{
    if (head->type.len > 0)
        response_field(r, "Content-Type", head->type);
    if (head->coding.len > 0)
        response_field(r, "Content-Encoding", head->coding);
    if (head->location.len > 0)
        response_field(r, "Location", head->location);
    if (head->tag.len > 0)
        response_field(r, "ETag", head->tag);
    if (head->has_modified)
        append_modified(r, head);
    if (head->accepts_ranges)
        append_constant(r, "Accept-Ranges: bytes\r\n");
    if (status_has_content(head->status))
        response_number(r, "Content-Length", length);
}

/* Appends a whole head with its empty line. length is the value of
 * Content-Length. */
static int append_head(struct response *r, const struct response_head *head,
                       uint64_t length)
{
    response_status(r, head->status);
    if (head->date != NULL)
        response_lines(r, date_line(head->date, head->now_s));
    append_constant(r, "Server: one-ring\r\n"
                       "X-Content-Type-Options: nosniff\r\n");
    append_connection(r, head);
    append_demanded(r, head);
    response_lines(r, head->lines);
    if (head->fields.len > 0)
        response_lines(r, head->fields);
    else
        append_fields(r, head, length);
    return response_end(r);
}

int response_write_fields(void *buf, size_t size,
                          const struct response_head *head)
{
    struct response r;

    assert(head->status == 200);
    response_init(&r, buf, size);
    append_fields(&r, head, head->length);
    return result_of(&r);
}

int response_write_head(void *buf, size_t size,
                        const struct response_head *head)
{
    uint64_t length = head->length;
    struct response r;

    if (head->status == 206) {
        assert(head->first <= head->last && head->last < length);
        length = head->last - head->first + 1;
    } else if (head->status == 416) {
        length = 0; /* no byte of the file is sent */
    }
    response_init(&r, buf, size);
    return append_head(&r, head, length);
}

int response_write_page(void *buf, size_t size,
                        const struct response_head *head)
{
    struct view page =
        head->page.len > 0 ? head->page : status_page(head->status);
    struct response_head with_page = *head;
    struct response r;

    assert(page.len > 0 || !status_has_content(head->status));
    if (page.len > 0)
        with_page.type = view_of("text/html; charset=utf-8");
    response_init(&r, buf, size);
    if (append_head(&r, &with_page, page.len) >= 0 && !head->omits_body)
        response_body(&r, page);
    return result_of(&r);
}

/* http.c: the state machine for a request's head; see http.h.
 * Introduced in phase 9. Needs: http.h, http_target.h, http_framing.h, scan.h.
 *
 *     LEADING -> METHOD -SP-> TARGET -SP-> VERSION -CRLF-> FIELDS -> END
 *
 * What it teaches: a parser can stop between any two bytes, without a second
 * buffer and without reading a byte twice, if each step stores its complete
 * state. http_fields.c reads the lines after the first. */
#include "http.h"

#include <assert.h>
#include <string.h>

#include "http_framing.h"
#include "http_target.h"
#include "scan.h"

#define CANARY 0x68747470u /* "http" */

/* The end of a request line. The byte at VERSION_MINOR may be any digit. */
static const char version[] = "HTTP/1.1\r\n";
enum { VERSION_MAJOR = 5, VERSION_MINOR = 7, VERSION_LEN = 10 };

static const char *refuse(struct http_request *request, int status,
                          const char *reason, const char *base, const char *p)
{
    (void)http_fail(&request->error, status, reason, (size_t)(p - base));
    return NULL;
}

/* Skips the empty lines before a request. */
static const char *read_leading(struct http_request *request, const char *base,
                                const char *p, const char *end)
{
    for (; p != end; p++) {
        if (request->state == HTTP_AT_LEADING_LF) {
            if (*p != '\n')
                return refuse(request, 400, "a CR without LF", base, p);
            request->state = HTTP_AT_LEADING;
        } else if (*p == '\r') {
            /* Old clients send an empty line after a body (RFC 9112 2.2). */
            if (request->leading == HTTP_LEADING_MAX)
                return refuse(request, 400, "too many empty lines", base, p);
            request->leading++;
            request->state = HTTP_AT_LEADING_LF;
        } else {
            request->mark = (uint16_t)(p - base);
            request->state = HTTP_AT_METHOD;
            return p;
        }
    }
    return p;
}

/* Unlike field names, methods are case-sensitive. */
static enum http_method find_method(struct view name)
{
    static const char *const names[] = {
        [HTTP_HEAD] = "HEAD",       [HTTP_POST] = "POST",
        [HTTP_PUT] = "PUT",         [HTTP_DELETE] = "DELETE",
        [HTTP_CONNECT] = "CONNECT", [HTTP_OPTIONS] = "OPTIONS",
        [HTTP_TRACE] = "TRACE",     [HTTP_PATCH] = "PATCH",
    };

    if (name.len == 3 && memcmp(name.at, "GET", 3) == 0) /* the usual one */
        return HTTP_GET;
    for (int i = HTTP_HEAD; i <= HTTP_PATCH; i++)
        if (view_equal(name, view_of(names[i])))
            return (enum http_method)i;
    return HTTP_OTHER;
}

static const char *read_method(struct http_request *request, const char *base,
                               const char *p, const char *end)
{
    struct view name = {base + request->mark, 0};
    const char *stop = end;

    if (end - name.at > HTTP_METHOD_MAX) /* scan one byte past the limit */
        stop = name.at + HTTP_METHOD_MAX + 1;
    p = scan_run(p, stop, SCAN_TOKEN);
    name.len = (size_t)(p - name.at);
    if (name.len > HTTP_METHOD_MAX)
        return refuse(request, 501, "a method too long", base, p - 1);
    if (p == end)
        return p;
    if (*p != ' ' || name.len == 0)
        return refuse(request, 400, "the method is not a token and a space",
                      base, p);
    request->method = find_method(name);
    request->method_span =
        (struct http_span){request->mark, (uint16_t)name.len};
    request->mark = (uint16_t)(p + 1 - base);
    request->state = HTTP_AT_TARGET;
    return p + 1;
}

/* Returns 0 if the version may have c at index, otherwise an error status. Only
 * a different major version gets 505. After any other mismatch the line may not
 * be HTTP at all. */
static int check_version(unsigned index, char c)
{
    bool is_digit = c >= '0' && c <= '9';

    if (index == VERSION_MINOR)
        return is_digit ? 0 : 400;
    if (c == version[index])
        return 0;
    return index == VERSION_MAJOR && is_digit ? 505 : 400;
}

/* Compares the end of the request line with `version`. Only the minor version
 * may differ. */
static const char *read_version(struct http_request *request, const char *base,
                                const char *p, const char *end)
{
    unsigned index = request->matched;

    if (index == 0 && end - p >= VERSION_LEN && /* the usual case */
        memcmp(p, version, VERSION_LEN) == 0) {
        request->minor = 1;
        index = VERSION_LEN;
        p += VERSION_LEN;
    }
    for (; p != end && index < VERSION_LEN; p++, index++) {
        int status = check_version(index, *p);

        if (status != 0)
            return refuse(request, status, "not HTTP/1.1 or 1.0", base, p);
        if (index == VERSION_MINOR)
            request->minor = (unsigned)(*p - '0');
    }
    request->matched = (uint8_t)index;
    if (index < VERSION_LEN)
        return p;
    /* The form of the target depends on the method. Both are complete now. */
    if (http_target_take(request, base) < 0)
        return NULL;
    http_fields_init(&request->fields, (uint16_t)(p - base));
    request->state = HTTP_AT_FIELDS;
    return p;
}

/* Reads the header fields. Calls http_framing_take after each line, because one
 * field can forbid another. */
static const char *read_fields(struct http_request *request, const char *base,
                               const char *p, const char *end)
{
    struct http_fields *fields = &request->fields;

    while (p != end && fields->state != HTTP_FIELDS_DONE) {
        uint16_t count = fields->count;

        p = http_fields_read(fields, p, end, request->limits, &request->error);
        if (p == NULL)
            return NULL;
        if (fields->count > count && http_framing_take(request) < 0)
            return NULL;
    }
    if (fields->state == HTTP_FIELDS_DONE) {
        if (http_framing_finish(request, (size_t)(p - 1 - base)) < 0)
            return NULL;
        request->state = HTTP_AT_END;
    }
    return p;
}

/* Reads from p as far as possible. A step that completes sets the next state.
 * An incomplete step returns end, and a failed one returns NULL. */
static const char *read_head(struct http_request *request, const char *base,
                             const char *p, const char *end)
{
    switch (request->state) {
    case HTTP_AT_LEADING:
    case HTTP_AT_LEADING_LF:
        p = read_leading(request, base, p, end);
        if (request->state != HTTP_AT_METHOD)
            return p;
        /* fall through */
    case HTTP_AT_METHOD:
        p = read_method(request, base, p, end);
        if (request->state != HTTP_AT_TARGET)
            return p;
        /* fall through */
    case HTTP_AT_TARGET:
        p = http_target_read(request, base, p, end);
        if (request->state != HTTP_AT_VERSION)
            return p;
        /* fall through */
    case HTTP_AT_VERSION:
        p = read_version(request, base, p, end);
        if (request->state != HTTP_AT_FIELDS)
            return p;
        /* fall through */
    case HTTP_AT_FIELDS:
        return read_fields(request, base, p, end);
    case HTTP_AT_END:
    case HTTP_AT_ERROR:
        break;
    }
    assert(!"the head has ended: http_request_init is due");
    return NULL;
}

/* Refuses a head that does not end within head_max bytes. This is a separate
 * function because http_parse_request is slower with this code inside. */
static const char *refuse_size(struct http_request *request, const char *base,
                               const char *p)
{
    if (request->state == HTTP_AT_METHOD)
        return refuse(request, 501, "a method too long", base, p);
    if (request->state == HTTP_AT_TARGET)
        return refuse(request, 414, "a target over the limit", base, p);
    return refuse(request, 431, "a head over the limit", base, p);
}

static struct view span_view(const char *base, struct http_span span)
{
    /* Only the method starts at offset 0. Any other part with this offset is
     * missing from the request. */
    return span.at == 0 ? (struct view){NULL, 0}
                        : (struct view){base + span.at, span.len};
}

/* Converts the spans to views, now that the head is complete and no longer
 * moves. */
static void set_views(struct http_request *request, const char *base)
{
    request->method_name =
        (struct view){base + request->method_span.at, request->method_span.len};
    request->target = span_view(base, request->target_span);
    request->path = span_view(base, request->path_span);
    request->query = span_view(base, request->query_span);
    request->host = span_view(base, request->host_span);
    if (request->form == HTTP_ABSOLUTE && request->path.len == 0)
        request->path = view_of("/");
}

void http_request_init(struct http_request *request,
                       const struct http_limits *limits)
{
    static const struct http_limits defaults = HTTP_LIMITS_DEFAULT;

    if (limits == NULL)
        limits = &defaults;
    assert(limits->fields_max <= HTTP_FIELDS_MAX);
    assert(limits->body_max <= INT64_MAX);
    request->method = HTTP_OTHER; /* its value after an early error */
    request->form = HTTP_ORIGIN;
    request->minor = 0;
    request->limits = limits;
    request->scanned = 0;
    request->state = HTTP_AT_LEADING;
    request->path_span = request->query_span = request->host_span =
        (struct http_span){0, 0};
    request->query_at = 0;
    request->leading = request->escape = request->matched = request->seen = 0;
    request->content_length = 0;
    request->has_content_length = request->is_chunked = request->keep_alive =
        false;
    request->expects_continue = request->expects_other = false;
    request->canary = CANARY;
    http_fields_init(&request->fields, 0);
}

int http_parse_request(struct http_request *request, const char *buf,
                       size_t len)
{
    size_t head_max = request->limits->head_max;
    const char *end = buf + (len < head_max ? len : head_max);
    const char *p;

    assert(request->canary == CANARY && request->scanned <= len);
    request->fields.base = buf;
    p = read_head(request, buf, buf + request->scanned, end);
    if (request->state < HTTP_AT_FIELDS)
        p = http_target_check_line(request, buf, p);
    if (p != NULL && request->state != HTTP_AT_END && len >= head_max)
        p = refuse_size(request, buf, p);
    if (p == NULL) {
        request->state = HTTP_AT_ERROR;
        return -EBADMSG;
    }
    request->scanned = (size_t)(p - buf);
    if (request->state != HTTP_AT_END)
        return -EAGAIN;
    set_views(request, buf);
    return (int)request->scanned;
}

bool http_has_begun(const struct http_request *request)
{
    return request->state != HTTP_AT_LEADING;
}

struct view http_header(const struct http_request *request, const char *name)
{
    return http_fields_find(&request->fields, name);
}

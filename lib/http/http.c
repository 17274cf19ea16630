/* http.c: reads a request's head; see http.h.
 * Introduced in phase 9. Needs: http.h, http_framing.h, http_line.h,
 * http_scan.h, http_target.h.
 *
 *     LEADING -> METHOD -SP-> TARGET -SP-> VERSION -CRLF-> FIELDS -> END
 *
 * What it teaches: a parser can stop between any two bytes, without a second
 * buffer, if each step stores its complete state. http_line.c reads the first
 * line and http_fields.c the others, one byte at a time. http_scan.h reads
 * whole lines much faster, and leaves the other bytes to those files. */
#include "http.h"

#include <assert.h>
#include <string.h>

#include "http_framing.h"
#include "http_line.h"
#include "http_scan.h"
#include "http_target.h"

#define USUAL(x) __builtin_expect(!!(x), 1)
#define CANARY 0x68747470u /* "http" */

/* Reads the header fields. Calls http_framing_take after each line, because one
 * field can forbid another. After a line, lets the scan read as many of the
 * following lines as it can. */
static const char *read_fields(struct http_request *request, const char *p,
                               const char *end)
{
    struct http_fields *fields = &request->fields;

    while (p != NULL && p != end && fields->state != HTTP_FIELDS_DONE) {
        uint16_t count = fields->count;

        p = http_fields_read(fields, p, end, request->limits, &request->error);
        if (p == NULL || fields->count == count)
            continue;
        if (http_framing_take(request, &fields->field[count]) < 0)
            return NULL;
        if (p != end)
            p = http_scan_current()->read_fields(request, p, end);
    }
    return p;
}

/* Refuses a head that does not end within head_max bytes. */
static const char *refuse_size(struct http_request *request, const char *p)
{
    size_t offset = (size_t)(p - request->fields.base);

    if (request->state == HTTP_AT_METHOD)
        (void)http_fail(&request->error, 501, "a method too long", offset);
    else if (request->state == HTTP_AT_TARGET)
        (void)http_fail(&request->error, 414, "a target over the limit",
                        offset);
    else
        (void)http_fail(&request->error, 431, "a head over the limit", offset);
    return NULL;
}

/* Continues the state machine at p as far as possible. Returns NULL after an
 * error. This must not be inlined: inlining makes http_parse_request slower in
 * the usual case, in which the scan reads the whole head. */
static __attribute__((noinline)) const char *
read_states(struct http_request *request, const char *p, size_t len)
{
    const char *base = request->fields.base;
    size_t head_max = request->limits->head_max;
    const char *end = base + (len < head_max ? len : head_max);
    bool is_in_line = request->state != HTTP_AT_FIELDS;

    if (p != end)
        p = http_line_read(request, base, p, end);
    if (request->state < HTTP_AT_FIELDS)
        p = http_target_check_line(request, base, p);
    if (p != NULL && request->state == HTTP_AT_FIELDS && is_in_line)
        p = http_scan_current()->read_fields(request, p, end);
    if (p != NULL && request->state == HTTP_AT_FIELDS)
        p = read_fields(request, p, end);
    if (p != NULL && len >= head_max &&
        request->fields.state != HTTP_FIELDS_DONE)
        p = refuse_size(request, p);
    return p;
}

void http_request_init(struct http_request *request,
                       const struct http_limits *limits)
{
    static const struct http_limits defaults = HTTP_LIMITS_DEFAULT;

    if (limits == NULL)
        limits = &defaults;
    assert(limits->fields_max <= HTTP_FIELDS_MAX);
    assert(limits->body_max <= INT64_MAX);
    memset(request, 0, offsetof(struct http_request, canary));
    request->canary = CANARY;
    request->limits = limits;
    request->fields.state = HTTP_FIELDS_NAME;
    request->fields.mark = request->fields.count = 0;
}

int http_parse_request(struct http_request *request, const char *buf,
                       size_t len)
{
    size_t head_max = request->limits->head_max;
    const char *p = buf + request->scanned;

    assert(request->canary == CANARY);
    request->fields.base = buf;
    if (USUAL(request->scanned == 0 && request->state == HTTP_AT_LEADING))
        p = http_scan_current()->read_head(
            request, buf, buf + (USUAL(len <= head_max) ? len : head_max));
    else
        assert(request->state < HTTP_AT_END && request->scanned <= len);
    if (p != NULL && !USUAL(request->fields.state == HTTP_FIELDS_DONE))
        p = read_states(request, p, len);
    if (!USUAL(p != NULL))
        goto fail;
    request->scanned = (size_t)(p - buf);
    if (!USUAL(request->fields.state == HTTP_FIELDS_DONE))
        return -EAGAIN;
    if (!USUAL(http_framing_finish(request, request->scanned - 1) == 0))
        goto fail;
    request->state = HTTP_AT_END;
    return (int)request->scanned;
fail:
    request->state = HTTP_AT_ERROR;
    return -EBADMSG;
}

bool http_has_begun(const struct http_request *request)
{
    return request->state != HTTP_AT_LEADING;
}

struct view http_view(const struct http_request *request, struct http_span part)
{
    /* Only the method starts at offset 0, and it is not empty. */
    if (part.at == 0 && part.len == 0)
        return (struct view){NULL, 0};
    return (struct view){request->fields.base + part.at, part.len};
}

struct view http_header(const struct http_request *request, const char *name)
{
    return http_fields_find(&request->fields, name);
}

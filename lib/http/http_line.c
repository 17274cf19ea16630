/* http_line.c: the state machine for a request line; see http_line.h.
 * Introduced in phase 9. Needs: http_line.h, http_target.h, scan.h. */
#include "http_line.h"

#include <string.h>

#include "http_target.h"
#include "scan.h"

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

enum http_method http_find_method(struct view name)
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
    request->method = http_find_method(name);
    request->method_name =
        (struct http_span){request->mark, (uint16_t)name.len};
    request->mark = (uint16_t)(p + 1 - base);
    request->state = HTTP_AT_TARGET;
    return p + 1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Returns 0 if the version may have c at index, otherwise an error status. Only
 * a different major version gets 505. Any other mismatch gets 400, because the
 * line is perhaps not HTTP at all. */
static int check_version(unsigned index, char c)
{
    if (index == VERSION_MINOR)
        return is_digit(c) ? 0 : 400;
    if (c == version[index])
        return 0;
    return index == VERSION_MAJOR && is_digit(c) ? 505 : 400;
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

const char *http_line_read(struct http_request *request, const char *base,
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
        return read_version(request, base, p, end);
    case HTTP_AT_FIELDS:
    case HTTP_AT_END:
    case HTTP_AT_ERROR:
        break;
    }
    return p;
}

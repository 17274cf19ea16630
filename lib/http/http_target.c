/* http_target.c: the four forms of a target; see http_target.h.
 * Introduced in phase 9. Needs: http_target.h, scan.h. */
#include "http_target.h"

#include <assert.h>
#include <string.h>

#include "scan.h"

enum { PORT_MAX = 65535 };

/* Returns the length of the name or bracketed address at the start of v, or 0.
 * Does not parse the address in brackets, because the server does not connect
 * to it. */
static size_t host_name_len(struct view v)
{
    const char *end = v.at + v.len;
    const char *p = v.at;

    if (v.len == 0 || v.at[0] != '[') {
        p = scan_run(p, end, SCAN_HOST);
        while (end - p >= 3 && *p == '%' && view_hex_digit(p[1]) >= 0 &&
               view_hex_digit(p[2]) >= 0)
            p = scan_run(p + 3, end, SCAN_HOST);
        return (size_t)(p - v.at);
    }
    p++;
    while (p != end && (view_hex_digit(*p) >= 0 || *p == ':' || *p == '.'))
        p++;
    return p != end && *p == ']' && p - v.at > 1 ? (size_t)(p + 1 - v.at) : 0;
}

bool http_is_host(struct view v)
{
    size_t name_len = host_name_len(v);
    unsigned port = 0;

    if (name_len == 0)
        return false;
    if (name_len == v.len)
        return true;
    if (v.at[name_len] != ':')
        return false;
    /* A port may be empty, and may have leading zeroes. */
    for (size_t i = name_len + 1; i < v.len; i++) {
        if (v.at[i] < '0' || v.at[i] > '9')
            return false;
        port = port * 10 + (unsigned)(v.at[i] - '0');
        if (port > PORT_MAX)
            return false;
    }
    return true;
}

static const char *refuse(struct http_request *request, const char *reason,
                          const char *base, const char *p)
{
    (void)http_fail(&request->error, 400, reason, (size_t)(p - base));
    return NULL;
}

/* Handles a byte that scan_run does not accept, or one of the two hex digits
 * after a "%". Returns true if the grammar allows the byte here. */
static bool take_special(struct http_request *request, const char *base,
                         const char *p)
{
    if (request->escape > 0) {
        if (view_hex_digit(*p) < 0)
            return false;
        request->escape--;
        return true;
    }
    if (*p == '%')
        request->escape = 2;
    else if (*p == '?')
        request->query_at = (uint16_t)(p + 1 - base);
    return *p == '%' || *p == '?';
}

/* Returns a pointer to the first byte that is not part of the target, or
 * end. */
static const char *read_bytes(struct http_request *request, const char *base,
                              const char *p, const char *end)
{
    while (request->query_at == 0) {
        if (request->escape == 0)
            p = scan_run(p, end, SCAN_TARGET);
        if (p == end || !take_special(request, base, p))
            return p;
        p++;
    }
    return scan_run(p, end, SCAN_QUERY);
}

const char *http_target_read(struct http_request *request, const char *base,
                             const char *p, const char *end)
{
    size_t len;

    p = read_bytes(request, base, p, end);
    if (p == end)
        return p;
    len = (size_t)(p - base) - request->mark;
    if (request->escape > 0)
        return refuse(request, "a % without two hexadecimal digits", base, p);
    if (*p == '\r' || *p == '\n')
        return refuse(request, "a request line without version", base, p);
    if (*p != ' ' || len == 0)
        return refuse(request, "a byte that no target may have", base, p);
    request->target = (struct http_span){request->mark, (uint16_t)len};
    request->state = HTTP_AT_VERSION;
    return p + 1;
}

/* Returns the position of the CR after a request line whose target is
 * complete. */
static size_t line_end(const struct http_request *request)
{
    return request->target.at + (size_t)request->target.len +
           sizeof " HTTP/1.1" - 1;
}

/* Refuses a request line that has more than line_max bytes before `at`. */
static int check_line(struct http_request *request, size_t start, size_t at)
{
    size_t max = request->limits->line_max;

    if (at <= start + max)
        return 0;
    return http_fail(&request->error, 414, "a request line over the limit",
                     start + max);
}

const char *http_target_check_line(struct http_request *request,
                                   const char *base, const char *p)
{
    size_t at = p != NULL ? (size_t)(p - base) : request->error.offset;

    if (request->state < HTTP_AT_METHOD) /* only empty lines so far */
        return p;
    if (request->state == HTTP_AT_METHOD)
        return check_line(request, request->mark, at) == 0 ? p : NULL;
    if (request->state == HTTP_AT_VERSION && at > line_end(request))
        at = line_end(request);
    return check_line(request, request->method_name.at, at) == 0 ? p : NULL;
}

/* Sets the positions of path and query. The path starts at `at`, after the
 * authority if there is one. request->query_at is the start of the query, or
 * 0. */
static void take_path(struct http_request *request, size_t at)
{
    size_t query = request->query_at;
    size_t end = request->target.at + (size_t)request->target.len;

    if (query != 0) {
        request->query =
            (struct http_span){(uint16_t)query, (uint16_t)(end - query)};
        end = query - 1;
    }
    assert(at <= end);
    request->path = (struct http_span){(uint16_t)at, (uint16_t)(end - at)};
}

/* Returns the scheme at the start of target, or an empty view if there is none.
 * A scheme is a letter, followed by letters, digits, "+", "-" and ".". A colon
 * follows the scheme (RFC 3986 3.1). */
static struct view scheme_of(struct view target)
{
    struct view scheme = {target.at, 0};

    while (scheme.len < target.len) {
        char c = target.at[scheme.len], lower = (char)(c | 0x20);
        bool is_letter = lower >= 'a' && lower <= 'z';

        if (c == ':')
            return scheme;
        if (!is_letter && (scheme.len == 0 ||
                           !((c >= '0' && c <= '9') || c == '+' || c == '-' ||
                             c == '.')))
            break;
        scheme.len++;
    }
    scheme.len = 0;
    return scheme;
}

/* Splits an absolute target: a scheme and ":", optionally "//" and a host, then
 * optionally a path and a query. Only http and https need a host. Returns NULL
 * on success, otherwise the reason for the error. */
static const char *take_absolute(struct http_request *request,
                                 struct view target)
{
    struct view scheme = scheme_of(target);
    bool is_http = view_equal_nocase(scheme, view_of("http")) ||
                   view_equal_nocase(scheme, view_of("https"));
    size_t at = scheme.len + 1;
    struct view host = {target.at + at, 0};

    if (scheme.len == 0)
        return "the target has none of the four forms";
    if (target.len - at >= 2 && memcmp(host.at, "//", 2) == 0) {
        at += 2;
        host.at += 2;
        while (at + host.len < target.len && host.at[host.len] != '/' &&
               host.at[host.len] != '?')
            host.len++;
        request->host =
            (struct http_span){(uint16_t)(request->target.at + at),
                               (uint16_t)host.len};
    }
    if ((is_http || host.len > 0) && !http_is_host(host))
        return "the target's host is invalid";
    request->form = HTTP_ABSOLUTE;
    take_path(request, request->target.at + at + host.len);
    if (request->path.len == 0) { /* not sent: use the "/" of " HTTP/1.1" */
        request->path.at = (uint16_t)(line_end(request) - strlen("/1.1"));
        request->path.len = 1;
    }
    return NULL;
}

int http_target_take(struct http_request *request, const char *base)
{
    struct view target = {base + request->target.at,
                          request->target.len};
    const char *reason = NULL;

    assert(target.len > 0);
    if (check_line(request, request->method_name.at, line_end(request)) < 0)
        return -EBADMSG;
    if (request->method == HTTP_CONNECT) {
        /* RFC 9112 3.2.3 requires both host and port. */
        if (!http_is_host(target) || target.at[target.len - 1] == ':' ||
            host_name_len(target) == target.len)
            return http_fail(&request->error, 400,
                             "CONNECT's target is not host:port",
                             request->target.at);
        request->form = HTTP_AUTHORITY;
        request->host = request->target;
    } else if (target.at[0] == '/') {
        request->form = HTTP_ORIGIN;
        take_path(request, request->target.at);
    } else if (request->method == HTTP_OPTIONS &&
               view_equal(target, view_of("*"))) {
        request->form = HTTP_ASTERISK;
    } else {
        reason = take_absolute(request, target);
    }
    if (reason == NULL)
        return 0;
    return http_fail(&request->error, 400, reason, request->target.at);
}

struct view http_scheme(const struct http_request *request)
{
    struct view scheme = http_view(request, request->target);

    if (request->form != HTTP_ABSOLUTE)
        return (struct view){NULL, 0};
    scheme.len = (size_t)((const char *)memchr(scheme.at, ':', scheme.len) -
                          scheme.at);
    return scheme;
}

/* http_scan_line.h: reads a whole request line by bitmaps; see http_scan.h.
 * Introduced in phase 9. Needs: http.h, http_line.h, http_scan.h,
 * http_scan_block.h, scan.h, view.h. */
#ifndef ONE_RING_HTTP_SCAN_LINE_H
#define ONE_RING_HTTP_SCAN_LINE_H

#include <string.h>

#include "http.h"
#include "http_line.h"
#include "http_scan.h"
#include "http_scan_block.h"
#include "scan.h"
#include "view.h"

/* The length of " HTTP/1.1". */
enum { SCAN_VERSION_LEN = 9 };

/* Returns the position of the first byte of base[at..end) that is not
 * SCAN_TARGET, or end. */
SCAN_INLINE size_t scan_line_run(const struct scan_ops *ops, const char *base,
                                 size_t at, size_t end)
{
    for (; at + ops->target_len <= end; at += ops->target_len) {
        uint32_t bits = ops->not_target(base + at);

        if (bits != 0)
            return at + (unsigned)__builtin_ctz(bits);
    }
    while (at != end && scan_is(base[at], SCAN_TARGET))
        at++;
    return at;
}

/* Returns the end of the path that starts at base[at]. This is the position of
 * a "%" if two hexadecimal digits do not follow it. */
SCAN_INLINE size_t scan_line_path(const struct scan_ops *ops, const char *base,
                                  size_t at, size_t end)
{
    at = scan_line_run(ops, base, at, end);
    while (SCAN_RARE(base[at] == '%') && at + 2 < end &&
           view_hex_digit(base[at + 1]) >= 0 &&
           view_hex_digit(base[at + 2]) >= 0)
        at = scan_line_run(ops, base, at + 3, end);
    return at;
}

/* Returns the end of the query whose "?" is at base[at]. */
SCAN_INLINE size_t scan_line_query(const struct scan_ops *ops, const char *base,
                                   size_t at, size_t end)
{
    do /* A query allows more bytes than a path. */
        at = scan_line_run(ops, base, at + 1, end);
    while (at != end && scan_is(base[at], SCAN_QUERY));
    return at;
}

SCAN_INLINE struct http_span scan_line_span(size_t from, size_t to)
{
    return (struct http_span){(uint16_t)from, (uint16_t)(to - from)};
}

/* Reads the usual request line: a method, a target in origin-form, HTTP/1.1.
 *
 * Returns true   the line is read, and the state is HTTP_AT_FIELDS
 *         false  the state machine must read the line; request is unchanged */
SCAN_INLINE bool scan_line_read(const struct scan_ops *ops,
                                struct http_request *request,
                                const char *base, size_t end)
{
    static const char tail[] = " HTTP/1.1\r\n";
    enum http_method method = HTTP_GET;
    size_t method_len = 3, path, path_end, target_end;

    if (SCAN_RARE(memcmp(base, "GET /", 5) != 0)) {
        method_len = (unsigned)__builtin_ctz(ops->not_name(base));
        if (method_len == 0 || memcmp(base + method_len, " /", 2) != 0)
            return false;
        method = http_find_method((struct view){base, method_len});
        if (method == HTTP_CONNECT) /* needs another form */
            return false;
    }
    path = method_len + 1;
    path_end = scan_line_path(ops, base, path, end);
    target_end = path_end;
    if (SCAN_RARE(base[path_end] == '?'))
        target_end = scan_line_query(ops, base, path_end, end);
    if (SCAN_RARE(target_end + SCAN_VERSION_LEN + 1 > end) ||
        SCAN_RARE(memcmp(base + target_end, tail, sizeof tail - 1) != 0) ||
        SCAN_RARE(target_end + SCAN_VERSION_LEN > request->limits->line_max))
        return false;
    request->method = method;
    request->method_name = scan_line_span(0, method_len);
    request->target = scan_line_span(path, target_end);
    request->path = scan_line_span(path, path_end);
    if (target_end != path_end)
        request->query = scan_line_span(path_end + 1, target_end);
    request->minor = 1;
    request->state = HTTP_AT_FIELDS;
    request->fields.mark = (uint16_t)(target_end + sizeof tail - 1);
    return true;
}

#endif

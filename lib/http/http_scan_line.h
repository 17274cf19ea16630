/* http_scan_line.h: reads a whole request line by bitmaps; see http_scan.h.
 * Introduced in phase 9. Needs: http.h, http_line.h, http_scan.h,
 * http_scan_block.h, http_scan_fields.h, scan.h, view.h. */
#ifndef ONE_RING_HTTP_SCAN_LINE_H
#define ONE_RING_HTTP_SCAN_LINE_H

#include <string.h>

#include "http.h"
#include "http_line.h"
#include "http_scan.h"
#include "http_scan_block.h"
#include "http_scan_fields.h"
#include "scan.h"
#include "view.h"

enum {
    SCAN_VERSION_LEN = 9, /* of " HTTP/1.1" */
    SCAN_LINE_MIN = 14    /* of "GET / HTTP/1.1", the shortest usual line */
};

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

/* Reads the usual request line base[0..cr): a method, a target in origin-form,
 * and HTTP/1.1.
 *
 *     GET /docs?v=3 HTTP/1.1 \r\n
 *         ^    ^   ^         ^
 *      path    |   |         cr, from the bitmap
 *       path_end   target_end
 *
 * The bitmap shows where the line ends, before the target is read. So the CPU
 * can start to read the fields while it still checks the target.
 *
 * Returns true   the line is read, and the state is HTTP_AT_FIELDS
 *         false  the state machine must read the line; request is unchanged */
SCAN_INLINE bool scan_line_read(const struct scan_ops *ops,
                                struct http_request *request, const char *base,
                                size_t cr, size_t end)
{
    static const char tail[] = " HTTP/1.1\r\n";
    enum http_method method = HTTP_GET;
    size_t method_len = 3, path, path_end, target_end = cr - SCAN_VERSION_LEN;

    if (SCAN_RARE(cr < SCAN_LINE_MIN) ||
        SCAN_RARE(cr > request->limits->line_max) ||
        SCAN_RARE(memcmp(base + target_end, tail, sizeof tail - 1) != 0))
        return false;
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
    if (SCAN_RARE(path_end != target_end) &&
        (base[path_end] != '?' ||
         scan_line_query(ops, base, path_end, end) != target_end))
        return false;
    request->method = method;
    request->method_name = scan_line_span(0, method_len);
    request->target = scan_line_span(path, target_end);
    request->path = scan_line_span(path, path_end);
    if (path_end != target_end)
        request->query = scan_line_span(path_end + 1, target_end);
    request->minor = 1;
    request->state = HTTP_AT_FIELDS;
    request->fields.mark = (uint16_t)(cr + 2);
    return true;
}

/* Reads the request line base[0..) and field lines; see http_scan.read_head. */
SCAN_INLINE const char *scan_head_read(const struct scan_ops *ops,
                                       struct http_request *request,
                                       const char *base, const char *end)
{
    struct scan_ends ends;
    size_t cr;

    if (end - base < SCAN_MIN)
        return base;
    ends = scan_ends_from(ops, base, 0, (size_t)(end - base) - 1);
    if (SCAN_RARE(!scan_has_end(ops, &ends, 0)))
        return base;
    cr = scan_take_end(&ends);
    if (SCAN_RARE(!scan_line_read(ops, request, base, cr, ends.end)))
        return base;
    /* If more than field_line_max bytes follow, a line may be too long. */
    if (SCAN_RARE(ends.end - cr > request->limits->field_line_max))
        return scan_fields_from(ops, request, base + cr + 2, end);
    return scan_fields_read(ops, request, &ends);
}

#endif

/* http_scan_fields.h: reads whole field lines by bitmaps; see http_scan.h.
 * Introduced in phase 9. Needs: http.h, http_framing.h, http_scan.h,
 * http_scan_block.h, scan.h.
 *
 * All positions are offsets from the start of the buffer. `end` excludes the
 * last byte of the input, so that the code can always read the byte after a
 * control character. */
#ifndef ONE_RING_HTTP_SCAN_FIELDS_H
#define ONE_RING_HTTP_SCAN_FIELDS_H

#include <string.h>

#include "http.h"
#include "http_framing.h"
#include "http_scan.h"
#include "http_scan_block.h"
#include "scan.h"

/* Reads the field line base[at..cr) and stores it in *field. The value is
 * trimmed.
 *
 * Returns true   field is complete
 *         false  the state machine must read the line */
SCAN_INLINE bool scan_split(const struct scan_ops *ops,
                            const struct scan_ends *ends, size_t at, size_t cr,
                            struct http_field *field)
{
    const char *base = ends->base;
    size_t len = 0, value; /* len: of the name */

    if (!SCAN_RARE(at + 15 > ends->end))
        len = (unsigned)__builtin_ctz(ops->not_name(base + at));
    if (SCAN_RARE(len == 16) && at + 31 <= ends->end)
        len += (unsigned)__builtin_ctz(ops->not_name(base + at + 16));
    value = at + len + 2;
    /* The usual line has one space after the colon and none at its end. */
    if (SCAN_RARE(len == 0) || SCAN_RARE(memcmp(base + value - 2, ": ", 2)) ||
        SCAN_RARE(base[value] <= ' ') || SCAN_RARE(base[cr - 1] <= ' '))
        return http_scan_odd_line(base, at, cr, len, field);
    field->name.at = (uint16_t)at;
    field->name.len = (uint16_t)len;
    field->value.at = (uint16_t)value;
    field->value.len = (uint16_t)(cr - value);
    return true;
}

/* Reads lines from fields->mark on. Stores in framing the fields that may frame
 * the request, and returns their number. */
SCAN_INLINE unsigned scan_lines(const struct scan_ops *ops,
                                struct http_request *request,
                                struct scan_ends *ends,
                                const struct http_field **framing)
{
    struct http_fields *fields = &request->fields;
    struct http_field *next = fields->field + fields->count;
    struct http_field *max = fields->field + request->limits->fields_max;
    const struct http_field **last = framing;
    const char *base = ends->base;
    size_t at = fields->mark;
    bool has_end = scan_has_end(ops, ends, at);

    while (has_end) {
        size_t cr = scan_take_end(ends);

        if (SCAN_RARE(memcmp(base + cr, "\r\n", 2) != 0))
            break;
        if (SCAN_RARE(cr == at)) {
            fields->state = HTTP_FIELDS_DONE;
            at += 2;
            break;
        }
        if (SCAN_RARE(next == max) ||
            SCAN_RARE(!scan_split(ops, ends, at, cr, next)))
            break;
        *last = next++;
        last += http_framing_may_have(base[at]);
        at = cr + 2;
        has_end = scan_has_end(ops, ends, at);
    }
    fields->mark = (uint16_t)at;
    fields->count = (uint16_t)(next - fields->field);
    return (unsigned)(last - framing);
}

/* Reads field lines from fields.mark on; see http_scan.read_fields. Stops at
 * the first line that it does not accept, and then checks the framing fields
 * before that line. So an invalid framing field is the first error of the
 * head. */
SCAN_INLINE const char *scan_fields_read(const struct scan_ops *ops,
                                         struct http_request *request,
                                         struct scan_ends *ends)
{
    const struct http_field *framing[HTTP_FIELDS_MAX];
    unsigned count = scan_lines(ops, request, ends, framing);

    for (unsigned i = 0; i < count; i++)
        if (http_framing_take(request, framing[i]) < 0)
            return NULL;
    return ends->base + request->fields.mark;
}

/* Reads field lines from p up to end; see http_scan.read_fields. p is at the
 * position fields.mark. */
SCAN_INLINE const char *scan_fields_from(const struct scan_ops *ops,
                                         struct http_request *request,
                                         const char *p, const char *end)
{
    const char *base = request->fields.base;
    struct scan_ends ends;

    /* Within field_line_max bytes, no line can exceed the limit. */
    if (end - p > request->limits->field_line_max)
        end = p + request->limits->field_line_max;
    if (end - base < SCAN_MIN || end - p < 2)
        return p;
    ends = scan_ends_from(ops, base, (size_t)(p - base),
                          (size_t)(end - base) - 1);
    return scan_fields_read(ops, request, &ends);
}

#endif

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

/* A field line. */
struct scan_field {
    size_t name; /* where the line starts */
    size_t colon;
    size_t value;
    size_t value_end;
};

static inline bool scan_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Finds the parts of the line from field->name to field->value_end, which is
 * the position of its CR. Trims the value.
 *
 * Returns true   field is complete
 *         false  the state machine must read the line */
SCAN_INLINE bool scan_split(const struct scan_ops *ops, const char *base,
                            size_t end, struct scan_field *field)
{
    size_t colon = field->name;

    if (!SCAN_RARE(colon + 18 > end))
        colon += (unsigned)__builtin_ctz(ops->not_name(base + colon));
    field->value = colon + 2;
    /* The usual line has one space after the colon and none at its end. */
    if (SCAN_RARE(memcmp(base + colon, ": ", 2) != 0) ||
        SCAN_RARE(base[field->value] <= ' ') ||
        SCAN_RARE(base[field->value_end - 1] <= ' ')) {
        while (scan_is(base[colon], SCAN_TOKEN))
            colon++;
        if (base[colon] != ':')
            return false;
        field->value = colon + 1;
        while (scan_is_blank(base[field->value]))
            field->value++;
        while (field->value_end > field->value &&
               scan_is_blank(base[field->value_end - 1]))
            field->value_end--;
    }
    field->colon = colon;
    return colon != field->name;
}

/* Reads lines from fields->mark on. Stores in framing the indices of fields
 * that may frame the request, and returns their number. */
SCAN_INLINE unsigned scan_lines(const struct scan_ops *ops,
                                struct http_request *request, size_t end,
                                uint8_t *framing)
{
    struct http_fields *fields = &request->fields;
    const char *base = fields->base;
    struct http_field *next = fields->field + fields->count;
    struct http_field *max = fields->field + request->limits->fields_max;
    size_t at = fields->mark;
    unsigned count = 0;

    for (size_t block = at; block < end; block += 64) {
        uint64_t bits = scan_block(ops, base, block, end);

        if (SCAN_RARE(at > block)) /* the LF of the last block's last CR */
            bits &= bits - 1;
        while (bits != 0) {
            size_t cr = block + (unsigned)__builtin_ctzll(bits);
            struct scan_field field = {.name = at, .value_end = cr};

            bits &= bits - 1; /* clears the bit of the CR */
            bits &= bits - 1; /* clears the bit of the LF */
            if (SCAN_RARE(memcmp(base + cr, "\r\n", 2) != 0) ||
                SCAN_RARE(cr - at > request->limits->field_line_max) ||
                SCAN_RARE(next == max) || !scan_split(ops, base, end, &field))
                goto out;
            next->name.at = (uint16_t)at;
            next->name.len = (uint16_t)(field.colon - at);
            next->value.at = (uint16_t)field.value;
            next->value.len = (uint16_t)(field.value_end - field.value);
            if (http_framing_may_have(base[at]))
                framing[count++] = (uint8_t)(next - fields->field);
            next++;
            at = cr + 2;
        }
    }
out: /* perhaps at the empty line that ends the head */
    if (at < end && memcmp(base + at, "\r\n", 2) == 0) {
        fields->state = HTTP_FIELDS_DONE;
        at += 2;
    }
    fields->mark = (uint16_t)at;
    fields->count = (uint16_t)(next - fields->field);
    return count;
}

/* Reads field lines from p, which is at fields.mark; see
 * http_scan.read_fields. Checks the framing fields after it has read all lines.
 * Even so, an invalid framing field is the first error of the head, because the
 * scan stops at lines that are not valid. */
SCAN_INLINE const char *scan_fields_read(const struct scan_ops *ops,
                                         struct http_request *request,
                                         const char *p, const char *end)
{
    const char *base = request->fields.base;
    uint8_t framing[HTTP_FIELDS_MAX];
    unsigned count;

    if (end - base < SCAN_MIN)
        return p;
    count = scan_lines(ops, request, (size_t)(end - base) - 1, framing);
    for (unsigned i = 0; i < count; i++)
        if (http_framing_take(request, framing[i]) < 0)
            return NULL;
    return base + request->fields.mark;
}

#endif

/* http_fields.c: the state machine for "Name: value" lines; see http_fields.h.
 * Introduced in phase 9. Needs: http_fields.h, scan.h.
 *
 *     .--------------------------------------------------.
 *     v                                                  |
 *     NAME --":"--> BLANKS --> VALUE --CR--> LINE_LF --LF'
 *       `--CR--> END_LF --LF--> DONE
 *
 * Each step reads as many bytes as it can and returns the position at which it
 * stopped. If it stopped at the end of the input, the state and the mark are
 * all that the next call needs. So no step reads a byte twice, or depends on
 * how the input is split. */
#include "http_fields.h"

#include <assert.h>

#include "scan.h"

/* The arguments of http_fields_read that each step needs. */
struct reading {
    struct http_fields *fields;
    const char *base;
    const char *end;
    const struct http_limits *limits;
    struct http_error *error;
};

static const char *refuse(const struct reading *r, int status,
                          const char *reason, const char *p)
{
    (void)http_fail(r->error, status, reason, (size_t)(p - r->base));
    return NULL;
}

static uint16_t position(const struct reading *r, const char *p)
{
    return (uint16_t)(p - r->base);
}

static struct http_span span(const struct reading *r, const char *from,
                             const char *to)
{
    return (struct http_span){position(r, from), (uint16_t)(to - from)};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Reads the LF of a field line, or of the empty line that ends the section. */
static inline const char *read_lf(const struct reading *r, const char *p)
{
    if (p == r->end)
        return p;
    if (*p != '\n')
        return refuse(r, 400, "a CR without LF", p);
    if (r->fields->state == HTTP_FIELDS_END_LF) {
        r->fields->state = HTTP_FIELDS_DONE;
    } else {
        r->fields->count++;
        r->fields->mark = position(r, p + 1);
        r->fields->state = HTTP_FIELDS_NAME;
    }
    return p + 1;
}

/* Reads a line that does not begin with a name. This is a separate function
 * because read_name runs for every field and is slower with this code
 * inside. */
static const char *read_no_name(const struct reading *r, const char *p)
{
    if (*p == '\r') {
        r->fields->state = HTTP_FIELDS_END_LF;
        return read_lf(r, p + 1);
    }
    /* In older HTTP, a line that began with a blank continued the line before.
     * A parser that still joins two such lines sees a different message from a
     * parser that does not. */
    if (is_blank(*p))
        return refuse(r, 400, "a field line begins with a blank", p);
    return refuse(r, 400, "a field line without a name", p);
}

/* Reads a name and its colon. The name began at mark. If an earlier call
 * reached the end of the input inside the name, p is beyond mark. */
static const char *read_name(const struct reading *r, const char *p)
{
    struct http_fields *fields = r->fields;
    const char *mark = r->base + fields->mark;

    p = scan_run(p, r->end, SCAN_TOKEN);
    /* The first byte of the name causes this error, so that the result is the
     * same if the rest of the name has not arrived. */
    if (p != mark && fields->count == r->limits->fields_max)
        return refuse(r, 431, "too many fields", mark);
    if (p == r->end)
        return p;
    if (p == mark)
        return read_no_name(r, p);
    if (*p != ':') /* RFC 9112 5.1 forbids a blank before it */
        return refuse(r, 400, "a field's name without a colon", p);
    fields->field[fields->count].name = span(r, mark, p);
    fields->state = HTTP_FIELDS_BLANKS;
    return p + 1;
}

/* Skips the blanks before a value, which are not part of it. */
static const char *read_blanks(const struct reading *r, const char *p)
{
    while (p != r->end && is_blank(*p))
        p++;
    if (p == r->end)
        return p;
    r->fields->mark = position(r, p);
    r->fields->state = HTTP_FIELDS_VALUE;
    return p;
}

/* Reads a value and the CR after it. Blanks at the end are not part of the
 * value, but only the CR shows which blanks are at the end. */
static const char *read_value(const struct reading *r, const char *p)
{
    struct http_field *field = &r->fields->field[r->fields->count];
    const char *mark = r->base + r->fields->mark;
    const char *last;

    p = scan_run(p, r->end, SCAN_TEXT);
    if (p == r->end)
        return p;
    if (*p == '\n')
        return refuse(r, 400, "a field line ends without CR", p);
    if (*p != '\r')
        return refuse(r, 400, "a control character in a field", p);
    for (last = p; last > mark && is_blank(last[-1]); last--)
        continue;
    field->value = span(r, mark, last);
    r->fields->state = HTTP_FIELDS_LINE_LF;
    return p + 1;
}

void http_fields_init(struct http_fields *fields, uint16_t start)
{
    fields->state = HTTP_FIELDS_NAME;
    fields->mark = start;
    fields->count = 0;
}

/* Reads up to the end of a line. A step that completes sets the next state. Any
 * other step has reached end or has failed. */
static const char *read_line(const struct reading *r, const char *p)
{
    struct http_fields *fields = r->fields;

    switch (fields->state) {
    case HTTP_FIELDS_NAME:
        p = read_name(r, p);
        if (fields->state != HTTP_FIELDS_BLANKS)
            return p;
        /* fall through */
    case HTTP_FIELDS_BLANKS:
        p = read_blanks(r, p);
        if (fields->state != HTTP_FIELDS_VALUE)
            return p;
        /* fall through */
    case HTTP_FIELDS_VALUE:
        p = read_value(r, p);
        if (fields->state != HTTP_FIELDS_LINE_LF)
            return p;
        /* fall through */
    case HTTP_FIELDS_LINE_LF:
    case HTTP_FIELDS_END_LF:
        return read_lf(r, p);
    case HTTP_FIELDS_DONE:
        break;
    }
    assert(!"the section has ended");
    return NULL;
}

const char *http_fields_read(struct http_fields *fields, const char *p,
                             const char *end, const struct http_limits *limits,
                             struct http_error *error)
{
    const struct reading r = {fields, fields->base, end, limits, error};
    bool is_at_name = fields->state == HTTP_FIELDS_NAME ||
                      fields->state == HTTP_FIELDS_END_LF;
    size_t start = is_at_name ? fields->mark
                              : fields->field[fields->count].name.at;
    uint16_t count = fields->count;
    size_t at;

    assert(p != end && end - r.base <= HTTP_HEAD_CAP);
    assert(limits->fields_max <= HTTP_FIELDS_MAX);
    p = read_line(&r, p);
    if (p != NULL && fields->state >= HTTP_FIELDS_END_LF)
        return p; /* the empty line */
    /* `at` becomes the position of the line's end, without CR and LF. If the
     * line is incomplete, it is the position of the first unread byte, and
     * after an error that of the unacceptable byte. If the line exceeds its
     * limit before the unacceptable byte, report that the line is too long.
     * Otherwise the result would depend on how much input had arrived. */
    at = p != NULL ? (size_t)(p - r.base) : error->offset;
    if (fields->count > count)
        at -= 2;
    else if (fields->state == HTTP_FIELDS_LINE_LF)
        at--;
    if (at > start + limits->field_line_max)
        return refuse(&r, 431, "a field line over the limit",
                      r.base + start + limits->field_line_max);
    return p;
}

struct view http_fields_find(const struct http_fields *fields, const char *name)
{
    struct view wanted = view_of(name);

    for (size_t i = 0; i < fields->count; i++)
        if (view_equal_nocase(http_fields_name(fields, i), wanted))
            return http_fields_value(fields, i);
    return (struct view){NULL, 0};
}

size_t http_fields_count(const struct http_fields *fields, const char *name)
{
    struct view wanted = view_of(name);
    size_t count = 0;

    for (size_t i = 0; i < fields->count; i++)
        if (view_equal_nocase(http_fields_name(fields, i), wanted))
            count++;
    return count;
}

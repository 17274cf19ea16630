/* http_fields.h: the "Name: value" lines of a head, or of trailers.
 * Introduced in phase 9. Needs: view.h, http_limits.h.
 *
 * The same grammar stands before a body (the header section) and after a
 * chunked one (the trailer section), so it is read by the same machine. What
 * single fields mean is not known here; see http_framing.h. */
#ifndef ONE_RING_HTTP_FIELDS_H
#define ONE_RING_HTTP_FIELDS_H

#include <stdint.h>

#include "http_limits.h"
#include "view.h"

/* A part of the message by position, so that the buffer may still move. */
struct http_span {
    uint16_t at;
    uint16_t len;
};

struct http_field {
    struct http_span name;  /* a token, in the sender's upper and lower case */
    struct http_span value; /* without the blanks around it; may be empty */
};

enum http_fields_state {
    HTTP_FIELDS_NAME,    /* at a line's start, mark, or inside its name */
    HTTP_FIELDS_BLANKS,  /* between the colon and the value */
    HTTP_FIELDS_VALUE,   /* inside a value; mark is its start */
    HTTP_FIELDS_LINE_LF, /* a line's CR is read, its LF is due */
    HTTP_FIELDS_END_LF,  /* the empty line's CR is read, its LF is due */
    HTTP_FIELDS_DONE
};

/* One section. Owned by whoever embeds it; no part of it is allocated. */
struct http_fields {
    const char *base; /* borrowed: the buffer of the last call */
    enum http_fields_state state;
    uint16_t mark; /* where the current name or value starts */
    uint16_t count;
    struct http_field field[HTTP_FIELDS_MAX];
};

/* Makes an empty section whose first line starts at that offset from base,
 * which is set before each call of http_fields_read. No array is cleared. */
void http_fields_init(struct http_fields *fields, uint16_t start);

/* Reads on at p, at most to end, both in the buffer that fields->base points
 * to, and stops behind the first line that it has completed, so that the caller
 * can look at that field; or at end. fields_max bounds the count: 431.
 *
 * Returns where to read on, or NULL with *error filled in, its offset counted
 * from base. fields->count and fields->state say what happened: DONE is the end
 * of the section. No byte is scanned twice. */
const char *http_fields_read(struct http_fields *fields, const char *p,
                             const char *end, uint16_t fields_max,
                             struct http_error *error);

/* The parts of field i (i < count), as views into the buffer. */
static inline struct view http_fields_name(const struct http_fields *fields,
                                           size_t i)
{
    struct http_span name = fields->field[i].name;

    assert(i < fields->count);
    return (struct view){fields->base + name.at, name.len};
}

static inline struct view http_fields_value(const struct http_fields *fields,
                                            size_t i)
{
    struct http_span value = fields->field[i].value;

    assert(i < fields->count);
    return (struct view){fields->base + value.at, value.len};
}

/* The value of the first field of that name, upper and lower case alike;
 * (NULL, 0) if there is none. */
struct view http_fields_find(const struct http_fields *fields,
                             const char *name);

/* How many fields have that name. */
size_t http_fields_count(const struct http_fields *fields, const char *name);

#endif

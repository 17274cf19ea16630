/* http_fields.h: the "Name: value" lines of a head, or of trailers.
 * Introduced in phase 9. Needs: view.h, http_limits.h.
 *
 * The lines before a body (the header section) and after a chunked one (the
 * trailer section) have one grammar, so one state machine reads both. It does
 * not interpret any field; see http_framing.h. */
#ifndef ONE_RING_HTTP_FIELDS_H
#define ONE_RING_HTTP_FIELDS_H

#include <stdint.h>

#include "http_limits.h"
#include "view.h"

/* A part of the message by position, so that the buffer may move. */
struct http_span {
    uint16_t at;
    uint16_t len;
};

struct http_field {
    struct http_span name;  /* a token, with case as sent */
    struct http_span value; /* without the blanks around it; may be empty */
};

enum http_fields_state {
    HTTP_FIELDS_NAME,    /* at a line's start (mark), or inside its name */
    HTTP_FIELDS_BLANKS,  /* between the colon and the value */
    HTTP_FIELDS_VALUE,   /* inside a value; mark is its start */
    HTTP_FIELDS_LINE_LF, /* behind the CR of a field's line */
    HTTP_FIELDS_END_LF,  /* behind the CR of the empty line */
    HTTP_FIELDS_DONE
};

/* One section, in memory of the caller. */
struct http_fields {
    const char *base; /* borrowed: the buffer of the last call */
    enum http_fields_state state;
    uint16_t mark; /* where the current name or value starts */
    uint16_t count;
    struct http_field field[HTTP_FIELDS_MAX];
};

/* Makes an empty section whose first line starts at offset start from base. The
 * caller sets base before each call of http_fields_read. Clears no array. */
void http_fields_init(struct http_fields *fields, uint16_t start);

/* Continues to read at p, at most to end, both in the buffer that fields->base
 * points to. Stops at end, or behind the first line that it completes, so that
 * the caller can check that field. Scans no byte twice. More fields than
 * fields_max are an error with status 431. Afterwards fields->count is the
 * number of complete fields, and the state is DONE at the end of the section.
 *
 * Returns  not NULL  the position at which to continue
 *          NULL      *error has status 400 or 431, and the offset from base */
const char *http_fields_read(struct http_fields *fields, const char *p,
                             const char *end, uint16_t fields_max,
                             struct http_error *error);

/* Returns the name of field i (i < count) as a view into the buffer. */
static inline struct view http_fields_name(const struct http_fields *fields,
                                           size_t i)
{
    struct http_span name = fields->field[i].name;

    assert(i < fields->count);
    return (struct view){fields->base + name.at, name.len};
}

/* Returns the value of field i (i < count) as a view into the buffer. */
static inline struct view http_fields_value(const struct http_fields *fields,
                                            size_t i)
{
    struct http_span value = fields->field[i].value;

    assert(i < fields->count);
    return (struct view){fields->base + value.at, value.len};
}

/* Returns the value of the first field with that name, ignoring case, or
 * (NULL, 0) if there is none. */
struct view http_fields_find(const struct http_fields *fields,
                             const char *name);

/* Returns the number of fields with that name, ignoring case. */
size_t http_fields_count(const struct http_fields *fields, const char *name);

#endif

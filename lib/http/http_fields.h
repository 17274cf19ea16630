/* http_fields.h: reads the "Name: value" lines of a head or of trailers.
 * Introduced in phase 9. Needs: view.h, http_limits.h.
 *
 * The header section, before a body, and the trailer section, after a chunked
 * body, have the same grammar, so one state machine reads both. It does not
 * interpret fields; http_framing.h does. */
#ifndef ONE_RING_HTTP_FIELDS_H
#define ONE_RING_HTTP_FIELDS_H

#include <stdint.h>

#include "http_limits.h"
#include "view.h"

/* A part of the message, stored as offsets because the buffer may move. */
struct http_span {
    uint16_t at;
    uint16_t len;
};

struct http_field {
    struct http_span name;  /* a token; case as sent */
    struct http_span value; /* without surrounding blanks; may be empty */
};

enum http_fields_state {
    HTTP_FIELDS_NAME,    /* at the start of a line (mark), or in its name */
    HTTP_FIELDS_BLANKS,  /* between the colon and the value */
    HTTP_FIELDS_VALUE,   /* inside a value; mark is its start */
    HTTP_FIELDS_LINE_LF, /* after the CR of a field line */
    HTTP_FIELDS_END_LF,  /* after the CR of the empty line */
    HTTP_FIELDS_DONE
};

/* One section, in the caller's memory. */
struct http_fields {
    const char *base; /* borrowed: the buffer of the last call */
    enum http_fields_state state;
    uint16_t mark; /* start of the current name or value */
    uint16_t count;
    struct http_field field[HTTP_FIELDS_MAX];
};

/* Prepares an empty section whose first line starts at base + start. The caller
 * sets base before each call of http_fields_read. Does not clear field. */
void http_fields_init(struct http_fields *fields, uint16_t start);

/* Continues reading at p and does not read past end. Both point into the buffer
 * at fields->base. Stops after each complete line, so that the caller can check
 * that field. Scans each byte only once. Fails with status 431 if the section
 * has more than limits->fields_max fields, or a line has more than
 * limits->field_line_max bytes. Afterwards fields->count is the number of
 * complete fields. At the end of the section the state is HTTP_FIELDS_DONE.
 *
 * Returns  not NULL  the position at which to continue
 *          NULL      *error has status 400 or 431, and the offset from base */
const char *http_fields_read(struct http_fields *fields, const char *p,
                             const char *end, const struct http_limits *limits,
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

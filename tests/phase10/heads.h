/* heads.h: parses the head of a response, independently of lib.
 *
 * Test support of phase 10. Needs: fence.h, response.h, suite.h. */
#ifndef TESTS_PHASE10_HEADS_H
#define TESTS_PHASE10_HEADS_H

#include <stdlib.h>

#include "fence.h"
#include "response.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)

#define NOW_S 784111777

static struct fence output;

/* A head as a client reads it that forgives nothing. */
struct field {
    struct view name, value;
};

struct message {
    int status;
    struct field fields[32];
    size_t count;
    struct view body;
};

static inline bool is_token(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] <= ' ' || v.at[i] >= 127 ||
            strchr("\"(),/:;<=>?@[\\]{}", v.at[i]) != NULL)
            return false;
    return v.len > 0;
}

static inline bool is_value(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)v.at[i] < ' ' || v.at[i] == 127)
            return false;
    return v.len > 0 && v.at[0] != ' ' && v.at[v.len - 1] != ' ';
}

/* Takes a line that ends with CRLF, and has no other CR or LF, off *rest. */
static inline bool take_line(struct view *rest, struct view *line)
{
    *line = *rest;
    for (size_t i = 0; i < rest->len; i++) {
        if (rest->at[i] == '\n')
            return false;
        if (rest->at[i] != '\r')
            continue;
        if (i + 1 == rest->len || rest->at[i + 1] != '\n')
            return false;
        line->len = i;
        rest->at += i + 2;
        rest->len -= i + 2;
        return true;
    }
    return false;
}

static inline bool read_status(struct view line, struct message *m)
{
    char digits[4] = "";

    if (line.len < 13 || memcmp(line.at, "HTTP/1.1 ", 9) != 0 ||
        line.at[12] != ' ')
        return false;
    memcpy(digits, line.at + 9, 3);
    m->status = atoi(digits);
    return strspn(digits, "0123456789") == 3 &&
           is_value((struct view){line.at + 13, line.len - 13});
}

static inline bool read_field(struct view line, struct message *m)
{
    struct field *field = &m->fields[m->count];
    const char *colon = memchr(line.at, ':', line.len);

    if (colon == NULL || m->count == countof(m->fields))
        return false;
    field->name = (struct view){line.at, (size_t)(colon - line.at)};
    if (line.len < field->name.len + 3 || colon[1] != ' ')
        return false;
    field->value =
        (struct view){colon + 2, line.len - field->name.len - 2};
    for (size_t i = 0; i < m->count; i++)
        if (view_equal_nocase(m->fields[i].name, field->name))
            return false;
    m->count++;
    return is_token(field->name) && is_value(field->value);
}

static inline bool read_message(struct view bytes, struct message *m)
{
    struct view line;

    m->count = 0;
    if (!take_line(&bytes, &line) || !read_status(line, m))
        return false;
    while (take_line(&bytes, &line)) {
        if (line.len == 0) {
            m->body = bytes;
            return true;
        }
        if (!read_field(line, m))
            return false;
    }
    return false;
}

/* The value of a field, or "" if there is none. */
static inline struct view value_of(const struct message *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (view_equal_nocase(m->fields[i].name, view_of(name)))
            return m->fields[i].value;
    return view_of("");
}

#define check_value(m, name, expected)                                        \
    ck_assert_msg(view_equal(value_of((m), (name)), view_of(expected)),       \
                  "%s: %.*s", (name), (int)value_of((m), (name)).len,         \
                  value_of((m), (name)).at)

static inline void check_message(const char *buf, int len, struct message *m)
{
    ck_assert_int_gt(len, 0);
    ck_assert_msg(read_message((struct view){buf, (size_t)len}, m),
                  "not a head: %.*s", len, buf);
}

#endif

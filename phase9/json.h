/* json.h: a line of JSON in the making, in memory until it is whole.
 *
 * A request is printed only once its last byte has been accepted, so its line
 * is collected here. The output is plain ASCII, whatever came in: HTTP does not
 * say what a byte over 0x7e in a field means (RFC 9110 5.5), so it is taken for
 * the character of that number (Latin-1) and written \u00XX. Nothing is lost by
 * that, and a reader that expects UTF-8 never meets what is not. */
#ifndef PHASE9_JSON_H
#define PHASE9_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "view.h"

/* The line so far. A zeroed one is empty. */
struct json {
    char *text;       /* owned */
    size_t len, size; /* bytes used and bytes there */
    int result;       /* 0; or -ENOMEM, and nothing is added any more */
    uint8_t rest[2];  /* of the base64 in the making: bytes that wait for a */
    size_t rest_len;  /* third */
};

void json_finish(struct json *json);

/* Forgets the line, but not its memory. */
void json_clear(struct json *json);

/* Adds what is JSON already; and what is a string, with its quotes. */
void json_add(struct json *json, const char *text);
void json_add_string(struct json *json, struct view v);

/* Adds bytes in base64, part by part; the end adds what is left. */
void json_add_base64(struct json *json, struct view bytes);
void json_end_base64(struct json *json);

#endif

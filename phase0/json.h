/* json.h: writes one JSON document, and gets its commas right.
 *
 * Inside an object every value has a key; inside an array key is NULL. The
 * writer does not remember which of the two it is in: the caller's indentation
 * shows it. */
#ifndef PHASE0_JSON_H
#define PHASE0_JSON_H

#include <stdbool.h>
#include <stdio.h>

struct json {
    FILE *out;        /* borrowed */
    bool needs_comma; /* something stands before, on this level */
};

void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);

void json_number(struct json *json, const char *key, long long value);
void json_bool(struct json *json, const char *key, bool value);

/* NULL becomes null. Bytes beyond ASCII become U+FFFD: no text here has any
 * that matters, and a document with a broken one would be no JSON. */
void json_text(struct json *json, const char *key, const char *value);

#endif

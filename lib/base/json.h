/* json.h: writes one JSON document, with the commas in the right places.
 * Introduced in phase 0. Needs: nothing.
 *
 *     struct json json = {.write = write_to_stdout};
 *
 *     json_open(&json, NULL, '{');
 *     json_number(&json, "exit", 0);
 *     json_close(&json, '}');
 *
 * The writer does not make system calls or allocate memory. It passes each part
 * of the text to the caller's function. Pass a key for each value in an object,
 * and NULL for each value in an array. The writer does not check this.
 *
 * The output is ASCII for every input, and therefore valid UTF-8. Nothing here
 * can fail or suspend a task. */
#ifndef ONE_RING_JSON_H
#define ONE_RING_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* A document that is being written. The caller sets `write`, and also `to` if
 * `write` uses its first argument. All other members start as zero. */
struct json {
    void (*write)(void *to, const char *text, size_t len);
    void *to;              /* borrowed: the first argument of write */
    bool needs_comma;      /* this level already has a value */
    unsigned char rest[2]; /* base64 input that is not yet encoded */
    size_t rest_len;
};

/* Opens an object or an array: bracket is '{' or '['. */
void json_open(struct json *json, const char *key, char bracket);

/* Closes the object or array of the matching json_open: bracket is '}' or
 * ']'. */
void json_close(struct json *json, char bracket);

/* json_number writes value in decimal. json_bool writes true or false. */
void json_number(struct json *json, const char *key, long long value);
void json_bool(struct json *json, const char *key, bool value);

/* Writes value / 1000 with three decimals: 1500 becomes 1.500. */
void json_thousandths(struct json *json, const char *key,
                      unsigned long long value);

/* Writes a string, or null if value is NULL. Replaces each non-ASCII byte with
 * U+FFFD. Use it for the program's own text, which is ASCII. */
void json_text(struct json *json, const char *key, const char *value);

/* Writes len bytes as a string. A non-ASCII byte becomes the character with
 * that code (Latin-1), so no byte is lost. Use it for text from outside the
 * program. */
void json_latin1(struct json *json, const char *key, const char *bytes,
                 size_t len);

/* Writes a base64 string whose bytes arrive in parts. Call json_open_base64
 * once, json_add_base64 any number of times, and json_close_base64 once. Write
 * nothing else in between. */
void json_open_base64(struct json *json, const char *key);
void json_add_base64(struct json *json, const char *bytes, size_t len);
void json_close_base64(struct json *json);

#endif

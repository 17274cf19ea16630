/* json.c: a line of JSON in the making; see json.h. */
#include "json.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_finish(struct json *json)
{
    free(json->text);
    *json = (struct json){0};
}

void json_clear(struct json *json)
{
    json->len = 0;
    json->rest_len = 0;
}

/* Makes room for len more bytes and a NUL, at least doubling: a body of n bytes
 * costs O(n), however small the parts. */
static int reserve(struct json *json, size_t len)
{
    size_t size = json->size > 0 ? json->size : 4096;
    char *text;

    if (json->result < 0 || json->len + len < json->size)
        return json->result;
    while (size <= json->len + len)
        size *= 2;
    text = realloc(json->text, size);
    if (text == NULL) {
        json->result = -ENOMEM;
        return json->result;
    }
    json->text = text;
    json->size = size;
    return 0;
}

static void add_bytes(struct json *json, const char *bytes, size_t len)
{
    if (reserve(json, len) < 0)
        return;
    memcpy(json->text + json->len, bytes, len);
    json->len += len;
    json->text[json->len] = '\0';
}

void json_add(struct json *json, const char *text)
{
    add_bytes(json, text, strlen(text));
}

void json_add_string(struct json *json, struct view v)
{
    json_add(json, "\"");
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.at[i];
        char escaped[8] = {'\\', (char)c, '\0'};

        if (c < 0x20 || c > 0x7e)
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
        else if (c != '"' && c != '\\')
            memmove(escaped, escaped + 1, 2);
        json_add(json, escaped);
    }
    json_add(json, "\"");
}

/* Three bytes as four digits of base 64. Of n bytes, n < 3, the missing digits
 * are "=". */
static void add_digits(struct json *json, const uint8_t bytes[3], size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned all =
        (unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2];
    char four[4];

    for (int i = 0; i < 4; i++)
        four[i] = digits[all >> (18 - 6 * i) & 63];
    for (size_t i = n + 1; i < 4; i++)
        four[i] = '=';
    add_bytes(json, four, sizeof four);
}

void json_add_base64(struct json *json, struct view bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t three[3] = {json->rest[0], json->rest[1], (uint8_t)bytes.at[i]};

        if (json->rest_len < 2) {
            json->rest[json->rest_len++] = (uint8_t)bytes.at[i];
            continue;
        }
        add_digits(json, three, 3);
        json->rest_len = 0;
    }
}

void json_end_base64(struct json *json)
{
    uint8_t three[3] = {0};

    assert(json->rest_len < 3);
    memcpy(three, json->rest, json->rest_len);
    if (json->rest_len > 0)
        add_digits(json, three, json->rest_len);
    json->rest_len = 0;
}

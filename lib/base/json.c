/* json.c: writes one JSON document; see json.h.
 * Introduced in phase 0. Needs: json.h.
 *
 * What it teaches: a writer that passes its output to a callback suits a
 * program that prints at once, and also a program that buffers whole lines. */
#include "json.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void put(struct json *json, const char *text)
{
    json->write(json->to, text, strlen(text));
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* Writes a quoted string. Passes each run of plain characters to json->write in
 * one call. beyond_ascii is the printf format for a byte above 0x7f. */
static void put_string(struct json *json, const char *bytes, size_t len,
                       const char *beyond_ascii)
{
    size_t done = 0;

    put(json, "\"");
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        const char *format = beyond_ascii;
        char escaped[8];

        if (is_plain(byte))
            continue;
        if (byte == '"' || byte == '\\')
            format = "\\%c";
        else if (byte <= 0x7f)
            format = "\\u%04x";
        json->write(json->to, bytes + done, i - done);
        snprintf(escaped, sizeof escaped, format, byte);
        put(json, escaped);
        done = i + 1;
    }
    json->write(json->to, bytes + done, len - done);
    put(json, "\"");
}

/* Begins a value: writes a comma if a value precedes it, and then the key. */
static void begin(struct json *json, const char *key)
{
    assert(json->rest_len == 0); /* no base64 value is open */
    if (json->needs_comma)
        put(json, ",");
    if (key != NULL) {
        put_string(json, key, strlen(key), "\\ufffd");
        put(json, ":");
    }
    json->needs_comma = true;
}

void json_open(struct json *json, const char *key, char bracket)
{
    assert(bracket == '{' || bracket == '[');
    begin(json, key);
    json->write(json->to, &bracket, 1);
    json->needs_comma = false; /* the new level has no value */
}

void json_close(struct json *json, char bracket)
{
    assert(bracket == '}' || bracket == ']');
    json->write(json->to, &bracket, 1);
    json->needs_comma = true; /* the outer level now has a value */
}

void json_number(struct json *json, const char *key, long long value)
{
    char digits[24];

    begin(json, key);
    snprintf(digits, sizeof digits, "%lld", value);
    put(json, digits);
}

void json_thousandths(struct json *json, const char *key,
                      unsigned long long value)
{
    char digits[32];

    begin(json, key);
    snprintf(digits, sizeof digits, "%llu.%03u", value / 1000,
             (unsigned)(value % 1000));
    put(json, digits);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin(json, key);
    put(json, value ? "true" : "false");
}

void json_text(struct json *json, const char *key, const char *value)
{
    begin(json, key);
    if (value == NULL)
        put(json, "null");
    else
        put_string(json, value, strlen(value), "\\ufffd");
}

void json_latin1(struct json *json, const char *key, const char *bytes,
                 size_t len)
{
    begin(json, key);
    put_string(json, bytes, len, "\\u%04x");
}

/* Encodes len bytes (1 to 3) as four base64 digits, padded with "=". */
static void put_base64(struct json *json, const unsigned char bytes[3],
                       size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned all =
        (unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2];
    char four[4];

    for (int i = 0; i < 4; i++)
        four[i] = digits[all >> (18 - 6 * i) & 63];
    for (size_t i = len + 1; i < 4; i++)
        four[i] = '=';
    json->write(json->to, four, sizeof four);
}

void json_open_base64(struct json *json, const char *key)
{
    begin(json, key);
    put(json, "\"");
}

void json_add_base64(struct json *json, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        unsigned char three[3] = {json->rest[0], json->rest[1], byte};

        if (json->rest_len < 2) {
            json->rest[json->rest_len++] = byte;
            continue;
        }
        put_base64(json, three, 3);
        json->rest_len = 0;
    }
}

void json_close_base64(struct json *json)
{
    unsigned char three[3] = {0};

    memcpy(three, json->rest, json->rest_len);
    if (json->rest_len > 0)
        put_base64(json, three, json->rest_len);
    json->rest_len = 0;
    put(json, "\"");
}

/* json.c: writes one JSON document; see json.h. */
#include "json.h"

#include <assert.h>

static void write_text(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f)
            fprintf(out, "\\u%04x", byte);
        else if (byte > 0x7f)
            fputs("\\ufffd", out);
        else
            putc(byte, out);
    }
    putc('"', out);
}

/* What stands before every value: a comma, and the key. */
static void begin(struct json *json, const char *key)
{
    if (json->needs_comma)
        putc(',', json->out);
    if (key != NULL) {
        write_text(json->out, key);
        putc(':', json->out);
    }
    json->needs_comma = true;
}

void json_open(struct json *json, const char *key, char bracket)
{
    assert(bracket == '{' || bracket == '[');
    begin(json, key);
    putc(bracket, json->out);
    json->needs_comma = false; /* a new level */
}

void json_close(struct json *json, char bracket)
{
    assert(bracket == '}' || bracket == ']');
    putc(bracket, json->out);
    json->needs_comma = true; /* the level above has this one in it */
}

void json_number(struct json *json, const char *key, long long value)
{
    begin(json, key);
    fprintf(json->out, "%lld", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin(json, key);
    fputs(value ? "true" : "false", json->out);
}

void json_text(struct json *json, const char *key, const char *value)
{
    begin(json, key);
    if (value == NULL)
        fputs("null", json->out);
    else
        write_text(json->out, value);
}

/* request_json.c: one request as a line of JSON; see request_json.h. */
#include "request_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

enum { ROOM_MIN = 4096 };

/* The line so far. Its memory grows by doubling, and only the pages in use
 * count: base64 needs 4 bytes for 3, so a body of 16 MiB takes 22 MiB. */
static struct {
    char *text; /* owned */
    size_t len, room;
    bool is_full; /* malloc has failed: the line is not complete */
} line;

static struct json json;

static void add_to_line(void *unused, const char *text, size_t len)
{
    (void)unused;
    while (!line.is_full && len > line.room - line.len) {
        size_t room = line.room == 0 ? ROOM_MIN : 2 * line.room;
        char *grown = realloc(line.text, room);

        line.is_full = grown == NULL;
        if (line.is_full)
            return;
        line.text = grown;
        line.room = room;
    }
    if (line.is_full)
        return;
    memcpy(line.text + line.len, text, len);
    line.len += len;
}

/* HTTP does not define the meaning of a byte above 0x7e in a field (RFC 9110
 * 5.5), so such a byte becomes the character with its number. */
static void add_fields(const char *key, const struct http_fields *fields)
{
    json_open(&json, key, '[');
    for (size_t i = 0; i < fields->count; i++) {
        struct view name = http_fields_name(fields, i);
        struct view value = http_fields_value(fields, i);

        json_open(&json, NULL, '[');
        json_latin1(&json, NULL, name.at, name.len);
        json_latin1(&json, NULL, value.at, value.len);
        json_close(&json, ']');
    }
    json_close(&json, ']');
}

void request_json_begin(const struct http_request *request)
{
    char version[] = {'1', '.', (char)('0' + request->minor), '\0'};

    line.len = 0;
    line.is_full = false;
    json = (struct json){.write = add_to_line};
    json_open(&json, NULL, '{');
    json_latin1(&json, "method", request->method_name.at,
                request->method_name.len);
    json_latin1(&json, "target", request->target.at, request->target.len);
    json_text(&json, "version", version);
    add_fields("headers", &request->fields);
    json_open_base64(&json, "body");
}

void request_json_add_body(const char *bytes, size_t len)
{
    json_add_base64(&json, bytes, len);
}

int request_json_end(const struct http_fields *trailers, bool keep_alive)
{
    json_close_base64(&json);
    add_fields("trailers", trailers);
    json_bool(&json, "keep_alive", keep_alive);
    json_close(&json, '}');
    add_to_line(NULL, "\n", 1);
    if (line.is_full)
        return -ENOMEM;
    (void)fwrite(line.text, 1, line.len, stdout);
    return 0;
}

static void write_to_stdout(void *unused, const char *text, size_t len)
{
    (void)unused;
    (void)fwrite(text, 1, len, stdout);
}

void request_json_error(int status, const char *reason, uint64_t offset)
{
    struct json out = {.write = write_to_stdout};

    json_open(&out, NULL, '{');
    json_open(&out, "error", '{');
    json_number(&out, "status", status);
    json_text(&out, "reason", reason);
    json_close(&out, '}');
    json_number(&out, "offset", (long long)offset);
    json_close(&out, '}');
    putchar('\n');
}

void request_json_finish(void)
{
    free(line.text);
}

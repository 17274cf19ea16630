/* request_json.c: one request as a line of JSON; see request_json.h. */
#include "request_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "sys_output.h"

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

static void begin_line(void)
{
    line.len = 0;
    line.is_full = false;
    json = (struct json){.write = add_to_line};
    json_open(&json, NULL, '{');
}

/* Not through stdio: a reader sees each line as soon as it is complete, and a
 * signal must not end a long write. */
static int write_line(void)
{
    json_close(&json, '}');
    add_to_line(NULL, "\n", 1);
    if (line.is_full)
        return -ENOMEM;
    return sys_write_all(STDOUT_FILENO, line.text, line.len);
}

void request_json_begin(const struct http_request *request)
{
    char version[] = {'1', '.', (char)('0' + request->minor), '\0'};
    struct view method = http_view(request, request->method_name);
    struct view target = http_view(request, request->target);

    begin_line();
    json_latin1(&json, "method", method.at, method.len);
    json_latin1(&json, "target", target.at, target.len);
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
    return write_line();
}

int request_json_error(int status, const char *reason, uint64_t offset)
{
    begin_line();
    json_open(&json, "error", '{');
    json_number(&json, "status", status);
    json_text(&json, "reason", reason);
    json_close(&json, '}');
    json_number(&json, "offset", (long long)offset);
    return write_line();
}

void request_json_finish(void)
{
    free(line.text);
}

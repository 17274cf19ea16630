/* httpparse: what a server understands of a client's stream, as JSON.
 *
 * What it teaches: how a pure parser is fed. The parser does no I/O; this file
 * does all of it, in one function (input_more), and owns the one buffer. Its
 * loop is the one of a server's connection: parse, and if that was not enough,
 * read more behind what there is, and ask again.
 *
 *     in: | consumed | not consumed yet | free |
 *                    ^ at               ^ at + len
 *
 *   do      look at what is in the buffer before reading: the next request may
 *           have come with the last one
 *   do not  print a request before its last byte has been accepted
 *   do not  go on behind an error: nobody knows where the next message starts
 *
 * --chunk N reads N bytes at a time. It must not change one byte of the
 * output, and that is what it is for. */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "body.h"
#include "command.h"
#include "err.h"
#include "http.h"
#include "json.h"

#define BODY_MAX_DEFAULT (64 << 20)

enum { BUFFER_LEN = 65536 };
static_assert((int)BUFFER_LEN > (int)HTTP_HEAD_MAX, "a head must fit");
static_assert((int)BUFFER_LEN > (int)HTTP_TRAILERS_MAX, "so must trailers");

enum { EXIT_DONE, EXIT_FAILED, EXIT_INCOMPLETE };

/* stdin, and what of it waits to be parsed. */
struct input {
    char buf[BUFFER_LEN];
    size_t at, len;
    uint64_t offset; /* of buf[at] in the stream */
    size_t chunk;    /* bytes to read at once; 0: as many as come */
};

static struct input input;
static struct json json;
static FILE *line; /* where json writes: memory, until the request is whole */
static char *line_text;
static size_t line_len;
static struct http_limits limits = HTTP_LIMITS_DEFAULT;

/* Says on stderr why the program, not the stream, failed. */
static int fail(const char *tried, int result)
{
    fprintf(stderr, "httpparse: cannot %s: %s (%s)\n", tried, err_words(result),
            err_name(result));
    return EXIT_FAILED;
}

/* Reads on behind what there is, up to chunk bytes. Moves it to the front of
 * the buffer first, which the parser allows. Returns the number of bytes, 0 at
 * the end, or -errno. */
static int input_more(void)
{
    size_t want, got = 0;
    ssize_t n = 1;

    memmove(input.buf, input.buf + input.at, input.len);
    input.at = 0;
    want = BUFFER_LEN - input.len;
    assert(want > 0); /* the limits see to it */
    if (input.chunk > 0 && input.chunk < want)
        want = input.chunk;
    while (got < want && n > 0 && (got == 0 || input.chunk > 0)) {
        n = read(STDIN_FILENO, input.buf + input.len + got, want - got);
        if (n > 0)
            got += (size_t)n;
        if (n < 0 && errno == EINTR)
            n = 1;
    }
    if (n < 0)
        return -errno;
    input.len += got;
    return (int)got;
}

static void input_consume(size_t len)
{
    input.at += len;
    input.len -= len;
    input.offset += len;
}

static void write_to_stream(void *stream, const char *text, size_t len)
{
    (void)fwrite(text, 1, len, stream); /* print_line and main check it */
}

/* Prints the line that ends the output. */
static int print_error(int status, const char *reason, uint64_t offset)
{
    struct json out = {.write = write_to_stream, .to = stdout};

    json_open(&out, NULL, '{');
    json_open(&out, "error", '{');
    json_number(&out, "status", status);
    json_text(&out, "reason", reason);
    json_close(&out, '}');
    json_number(&out, "offset", (long long)offset);
    json_close(&out, '}');
    putchar('\n');
    return EXIT_FAILED;
}

/* The input ended inside of a message. */
static int print_incomplete(const char *reason)
{
    (void)print_error(400, reason, input.offset + input.len);
    return EXIT_INCOMPLETE;
}

/* HTTP does not define what a byte over 0x7e in a field means (RFC 9110 5.5):
 * it is printed as the character of that number. */
static void add_view(const char *key, struct view v)
{
    json_latin1(&json, key, v.at, v.len);
}

static void add_fields(const char *key, const struct http_fields *fields)
{
    json_open(&json, key, '[');
    for (size_t i = 0; i < fields->count; i++) {
        json_open(&json, NULL, '[');
        add_view(NULL, http_fields_name(fields, i));
        add_view(NULL, http_fields_value(fields, i));
        json_close(&json, ']');
    }
    json_close(&json, ']');
}

/* Begins the line, while the head is still in the buffer: the body is decoded
 * where the next bytes arrive, and may overwrite it. */
static void add_head(const struct http_request *request)
{
    char version[] = {'1', '.', (char)('0' + request->minor), '\0'};

    rewind(line); /* an incomplete request ends the program: no line is left */
    json = (struct json){.write = write_to_stream, .to = line};
    json_open(&json, NULL, '{');
    add_view("method", request->method_name);
    add_view("target", request->target);
    json_text(&json, "version", version);
    add_fields("headers", &request->fields);
    json_open_base64(&json, "body");
}

/* Ends the line and prints it. */
static int print_line(const struct body *body, bool keep_alive)
{
    json_close_base64(&json);
    add_fields("trailers", &body->trailers);
    json_bool(&json, "keep_alive", keep_alive);
    json_close(&json, '}');
    if (fflush(line) != 0 || ferror(line))
        return fail("keep a request in memory", -ENOMEM);
    (void)fwrite(line_text, 1, line_len, stdout);
    putchar('\n');
    return EXIT_DONE;
}

/* Decodes the body that follows the head, and prints the request. Of the body
 * only its base64 is kept; --max-body bounds it. */
static int parse_body(const struct http_request *request)
{
    static struct body body;
    uint64_t start = input.offset;
    size_t got, consumed;
    int rc;

    body_init(&body, request);
    for (;;) {
        char *at = input.buf + input.at;

        rc = body_decode(&body, at, input.len, &got, &consumed);
        json_add_base64(&json, at, got);
        if (rc != -EAGAIN)
            break;
        input_consume(consumed);
        rc = input_more();
        if (rc < 0)
            return fail("read stdin", rc);
        if (rc == 0)
            return print_incomplete(body.part == BODY_TRAILERS
                                        ? "incomplete trailers"
                                        : "incomplete body");
    }
    if (rc == -EBADMSG)
        return print_error(body.error.status, body.error.reason,
                           start + body.error.offset);
    rc = print_line(&body, request->keep_alive);
    input_consume(consumed); /* only now: the trailers were in there */
    return rc;
}

/* Parses one request. Sets *at_end where the stream ends between two, or behind
 * the last request of the connection: no server may parse what follows it (RFC
 * 9112 9.6). */
static int parse_request(bool *at_end)
{
    static struct http_request request;
    int n;

    http_request_init(&request, &limits);
    while ((n = http_parse_request(&request, input.buf + input.at,
                                   input.len)) == -EAGAIN) {
        int rc = input_more();

        if (rc < 0)
            return fail("read stdin", rc);
        if (rc > 0)
            continue;
        if (http_has_begun(&request))
            return print_incomplete(request.state < HTTP_AT_FIELDS
                                        ? "incomplete request line"
                                        : "incomplete header section");
        *at_end = true;
        return EXIT_DONE;
    }
    if (n < 0)
        return print_error(request.error.status, request.error.reason,
                           input.offset + request.error.offset);
    add_head(&request);
    input_consume((size_t)n);
    *at_end = !request.keep_alive;
    return parse_body(&request);
}

static int parse_stream(void)
{
    bool at_end = false;
    int rc;

    do {
        rc = parse_request(&at_end);
        fflush(stdout); /* whoever types at the other end sees it at once */
    } while (rc == EXIT_DONE && !at_end && !ferror(stdout));
    if (ferror(stdout))
        return fail("write to stdout", -errno);
    return rc;
}

static const char help[] =
    "[--chunk N] [--max-body N] <STREAM\n"
    "Reads what a client of HTTP/1.1 sends, and prints each request as a line\n"
    "of JSON; or, as the last line, what is wrong with the stream, and where.\n"
    "\n"
    "  --chunk N     read N bytes at a time (what there is); changes nothing\n"
    "  --max-body N  bytes that a body may have (67108864); more is a 413\n"
    "  --help        this text\n"
    "  --version     the version\n"
    "\n"
    "Strings are ASCII: any other byte of the stream is written \\u00XX, its\n"
    "number. Bodies are base64. At most 100 fields, 16384 bytes of head, 4096\n"
    "of trailers.\n"
    "\n"
    "Exit codes: 0 all requests were whole; 1 one was malformed, or reading\n"
    "failed; 2 the stream ended inside of a request, or usage.\n";

int main(int argc, char **argv)
{
    uint64_t chunk = 0;
    const struct command_option options[] = {
        {.name = "chunk", .number64 = &chunk, .min = 1, .max = INT64_MAX},
        {.name = "max-body", .number64 = &limits.body_max, .max = INT64_MAX},
        {0},
    };
    struct command command = {
        .name = "httpparse",
        .help = help,
        .options = options,
    };
    int code;

    limits.body_max = BODY_MAX_DEFAULT;
    code = command_read(&command, argc, argv);
    if (code != COMMAND_GO_ON)
        return code;
    input.chunk = (size_t)chunk;
    line = open_memstream(&line_text, &line_len);
    if (line == NULL)
        return fail("keep a request in memory", -ENOMEM);
    code = parse_stream();
    fclose(line);
    free(line_text);
    return code;
}

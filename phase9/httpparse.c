/* httpparse: prints the requests in a client's stream as JSON.
 *
 * What it teaches: how to feed a pure parser. The parser does no I/O. In this
 * program the function input_more does all of it, and owns the only buffer. The
 * main loop is that of a server's connection: parse the bytes in the buffer; if
 * they are not enough, read more after them, and parse again.
 *
 *     buf: | consumed | shown to the parser | arrived | free |
 *                     ^ at                  ^ at + len
 *
 *   do      parse the bytes in the buffer before you read: the next request may
 *           have arrived with the last one
 *   do not  print a request before its last byte is accepted
 *   do not  continue after an error: the start of the next message is unknown
 *
 * With --chunk N the parser sees at most N more bytes per call. The option is
 * for tests, because the output must be the same for every N. */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "body.h"
#include "command.h"
#include "err.h"
#include "http.h"
#include "request_json.h"

/* With base64 and the buffer, the program stays below 64 MiB. */
#define BODY_MAX_DEFAULT (16 << 20)

enum { BUFFER_LEN = 2 << 16 };
static_assert((int)BUFFER_LEN > (int)HTTP_HEAD_CAP,
              "the longest head and trailers that --max-... permits must fit");

enum { EXIT_DONE, EXIT_FAILED, EXIT_INCOMPLETE };

/* stdin, and the bytes that are not parsed yet. */
struct input {
    char buf[BUFFER_LEN];
    size_t at;
    size_t len;      /* bytes that the parser may see */
    size_t arrived;  /* bytes that were read, from at on; >= len */
    uint64_t offset; /* of buf[at] in the stream */
    uint64_t chunk;  /* bytes to show per call; 0: as many as arrive */
};

static struct input input;
static struct http_limits limits = HTTP_LIMITS_DEFAULT;

/* Prints on stderr why the program, not the stream, failed. */
static int fail(const char *action, int result)
{
    fprintf(stderr, "httpparse: cannot %s: %s (%s)\n", action,
            err_words(result), err_name(result));
    return EXIT_FAILED;
}

/* Shows more bytes to the parser. Reads stdin if all that arrived is shown, and
 * then moves the unconsumed bytes to the front of the buffer, which the parser
 * allows. Returns the number of bytes, 0 at the end of input, or -errno. */
static int input_more(void)
{
    size_t more;

    if (input.arrived == input.len) {
        ssize_t n;

        memmove(input.buf, input.buf + input.at, input.len);
        input.at = 0;
        assert(input.len < BUFFER_LEN); /* because the limits are smaller */
        do
            n = read(STDIN_FILENO, input.buf + input.len,
                     BUFFER_LEN - input.len);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            return -errno;
        input.arrived += (size_t)n;
    }
    more = input.arrived - input.len;
    if (input.chunk > 0 && input.chunk < more)
        more = (size_t)input.chunk;
    input.len += more;
    return (int)more;
}

static void input_consume(size_t len)
{
    input.at += len;
    input.len -= len;
    input.arrived -= len;
    input.offset += len;
}

/* Returns code if a line was written, otherwise prints the reason. */
static int end_line(int rc, int code)
{
    if (rc == -ENOMEM)
        return fail("keep a request in memory", rc);
    return rc < 0 ? fail("write to stdout", rc) : code;
}

static int refuse(const struct http_error *error, uint64_t start)
{
    return end_line(request_json_error(error->status, error->reason,
                                       start + error->offset),
                    EXIT_FAILED);
}

/* Prints that the input ended inside a message. */
static int print_incomplete(const char *reason)
{
    return end_line(request_json_error(400, reason, input.offset + input.len),
                    EXIT_INCOMPLETE);
}

/* Decodes the body after the head, and prints the request. */
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
        request_json_add_body(at, got);
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
        return refuse(&body.error, start);
    rc = request_json_end(&body.trailers, request->keep_alive);
    input_consume(consumed); /* not before: the trailers are in these bytes */
    return end_line(rc, EXIT_DONE);
}

/* Parses one request. Sets *at_end if the stream ends between two requests, or
 * after the last request of the connection: a server must not parse the bytes
 * after that one (RFC 9112 9.6). */
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
        return refuse(&request.error, input.offset);
    request_json_begin(&request);
    input_consume((size_t)n);
    *at_end = !request.keep_alive;
    return parse_body(&request);
}

static int parse_stream(void)
{
    bool at_end = false;
    int rc;

    do
        rc = parse_request(&at_end);
    while (rc == EXIT_DONE && !at_end);
    return rc;
}

static const char help[] =
    "[options] <STREAM\n"
    "Reads the bytes that a client of HTTP/1.1 sends on one connection.\n"
    "Prints each request as a line of JSON. If a request is malformed or\n"
    "incomplete, the last line has the error and its offset in the stream.\n"
    "\n"
    "  --chunk N         parse N bytes at a time; the output does not change\n"
    "  --max-line N      bytes of the request line (8192); more: 414\n"
    "  --max-field N     bytes of a field's line (8192); more: 431\n"
    "  --max-head N      bytes of the head (32768); more: 431\n"
    "  --max-fields N    fields in the head, or the trailers (100); more: 431\n"
    "  --max-trailers N  bytes of the trailers (4096); more: 431\n"
    "  --max-body N      bytes of the decoded body (16777216); more: 413\n"
    "  --help            this text\n"
    "  --version         the version\n"
    "\n"
    "The length of a line does not include its CR and LF. Strings are ASCII:\n"
    "any other byte of the stream is written as \\u00XX, its number. Bodies\n"
    "are base64.\n"
    "\n"
    "Exit codes: 0 all requests were complete; 1 a request was malformed, or\n"
    "reading or writing failed; 2 the stream ended inside a request, or wrong\n"
    "usage.\n";

/* The options of limits that are 16 bits wide. */
static unsigned max_line = HTTP_LINE_MAX, max_field = HTTP_FIELD_LINE_MAX;
static unsigned max_head = HTTP_HEAD_MAX, max_fields = HTTP_FIELDS_MAX;
static unsigned max_trailers = HTTP_TRAILERS_MAX;

static const struct command_option options[] = {
    {.name = "chunk", .number64 = &input.chunk, .min = 1, .max = INT64_MAX},
    {.name = "max-line", .number = &max_line, .max = HTTP_HEAD_CAP},
    {.name = "max-field", .number = &max_field, .max = HTTP_HEAD_CAP},
    {.name = "max-head", .number = &max_head, .max = HTTP_HEAD_CAP},
    {.name = "max-fields", .number = &max_fields, .max = HTTP_FIELDS_MAX},
    {.name = "max-trailers", .number = &max_trailers, .max = HTTP_HEAD_CAP},
    {.name = "max-body", .number64 = &limits.body_max, .max = INT64_MAX},
    {0},
};

int main(int argc, char **argv)
{
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
    limits.line_max = (uint16_t)max_line;
    limits.field_line_max = (uint16_t)max_field;
    limits.head_max = (uint16_t)max_head;
    limits.fields_max = (uint16_t)max_fields;
    limits.trailers_max = (uint16_t)max_trailers;
    code = parse_stream();
    request_json_finish();
    return code;
}

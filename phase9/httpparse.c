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
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "body.h"
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
static struct json line;
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

/* Prints the line that ends the output. */
static int print_error(int status, const char *reason, uint64_t offset)
{
    printf("{\"error\":{\"status\":%d,\"reason\":\"%s\"},\"offset\":%llu}\n",
           status, reason, (unsigned long long)offset);
    return EXIT_FAILED;
}

/* The input ended inside of a message. */
static int print_incomplete(const char *reason)
{
    (void)print_error(400, reason, input.offset + input.len);
    return EXIT_INCOMPLETE;
}

static void add_fields(const struct http_fields *fields)
{
    json_add(&line, "[");
    for (size_t i = 0; i < fields->count; i++) {
        json_add(&line, i == 0 ? "[" : ",[");
        json_add_string(&line, http_fields_name(fields, i));
        json_add(&line, ",");
        json_add_string(&line, http_fields_value(fields, i));
        json_add(&line, "]");
    }
    json_add(&line, "]");
}

/* Begins the line, while the head is still in the buffer: the body is decoded
 * where the next bytes arrive, and may overwrite it. */
static void add_head(const struct http_request *request)
{
    char version[] = {'1', '.', (char)('0' + request->minor), '\0'};

    json_clear(&line);
    json_add(&line, "{\"method\":");
    json_add_string(&line, request->method_name);
    json_add(&line, ",\"target\":");
    json_add_string(&line, request->target);
    json_add(&line, ",\"version\":");
    json_add_string(&line, view_of(version));
    json_add(&line, ",\"headers\":");
    add_fields(&request->fields);
    json_add(&line, ",\"body\":\"");
}

/* Ends the line and prints it. */
static int print_line(const struct body *body, bool keep_alive)
{
    json_end_base64(&line);
    json_add(&line, "\",\"trailers\":");
    add_fields(&body->trailers);
    json_add(&line,
             keep_alive ? ",\"keep_alive\":true}" : ",\"keep_alive\":false}");
    if (line.result < 0)
        return fail("keep a request in memory", line.result);
    puts(line.text);
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
        json_add_base64(&line, (struct view){at, got});
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

/* Parses one request. Sets *at_end where the stream ends between two. */
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
    "Usage: httpparse [--chunk N] [--max-body N] <STREAM\n"
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

/* A number from min on, or 0 and a message. */
static bool read_number(const char *name, const char *text, uint64_t min,
                        uint64_t *value)
{
    if (view_to_number(view_of(text), INT64_MAX, value) == 0 && *value >= min)
        return true;
    fprintf(stderr,
            "httpparse: --%s takes a number from %llu on, not '%s'; "
            "see --help\n",
            name, (unsigned long long)min, text);
    return false;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"chunk", required_argument, NULL, 'c'},
        {"max-body", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    uint64_t chunk = 0, body_max = BODY_MAX_DEFAULT;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h' || option == 'v') {
            fputs(option == 'h' ? help : "httpparse (one-ring) 0.1\n", stdout);
            return fflush(stdout) == 0 ? EXIT_DONE
                                       : fail("write to stdout", -errno);
        }
        if (option == '?' ||
            (option == 'c' && !read_number("chunk", optarg, 1, &chunk)) ||
            (option == 'b' && !read_number("max-body", optarg, 0, &body_max)))
            return 2;
    }
    if (optind != argc) {
        fprintf(stderr,
                "httpparse: there is no argument '%s': the stream "
                "comes from stdin; see --help\n",
                argv[optind]);
        return 2;
    }
    input.chunk = (size_t)chunk;
    limits.body_max = body_max;
    option = parse_stream();
    json_finish(&line);
    return option;
}

/* replay.c: a client's stream through the parser, in chunks; see replay.h.
 *
 * Test support of phase 9. Needs: replay.h. */
#include "replay.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "http.h"
#include "http_scan.h"
#include "sys.h"

/* Two results, and the text of a scan that is compared with one of them. */
enum { OTHER_TEXT = 2 };
static char texts[3][REPLAY_TEXT_MAX];
static int result_index;
static int text_index;
static size_t text_len;

static void say(const char *format, ...)
{
    size_t room = REPLAY_TEXT_MAX - text_len;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(texts[text_index] + text_len, room, format, args);
    va_end(args);
    assert(n >= 0 && (size_t)n < room);
    text_len += (size_t)n;
}

/* What cannot be seen is said in hexadecimal. */
static void say_bytes(struct view v)
{
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.at[i];

        if (c >= 0x20 && c < 0x7f && c != '\\')
            say("%c", c);
        else
            say("\\x%02x", c);
    }
}

static void say_fields(const struct http_fields *fields)
{
    say(" {");
    for (size_t i = 0; i < fields->count; i++) {
        if (i > 0)
            say("; ");
        say_bytes(http_fields_name(fields, i));
        say("=");
        say_bytes(http_fields_value(fields, i));
    }
    say("}");
}

static void say_head(const struct http_request *request)
{
    if (text_len > 0)
        say("\n");
    say_bytes(request->method_name);
    say(" ");
    say_bytes(request->target);
    say(" 1.%u %s%s%s", request->minor, request->keep_alive ? "keep" : "close",
        request->expects_continue ? " continue" : "",
        request->expects_other ? " expects" : "");
    say_fields(&request->fields);
    say(" \"");
}

/* The stream as it comes: what has arrived and is not consumed. */
struct stream {
    char *limit; /* the unreadable page begins here */
    size_t room; /* bytes in front of limit */
    char *at;    /* where the unconsumed bytes are now: they end at limit */
    size_t len;
    const char *input; /* what is still to come */
    size_t left;
    size_t arrived;
    struct schedule schedule;
};

static struct stream stream;

static void map_stream(void)
{
    size_t page = sys_page_size();
    void *memory;
    int rc;

    stream.room = (REPLAY_TEXT_MAX + page - 1) / page * page;
    rc = sys_map(&memory, stream.room + page);
    assert(rc == 0);
    stream.limit = (char *)memory + stream.room;
    rc = sys_guard(stream.limit, page);
    assert(rc == 0);
}

/* The length of the next chunk. */
static size_t next_chunk(void)
{
    struct schedule *schedule = &stream.schedule;
    size_t chunk = stream.arrived == 0 && schedule->first > 0 ? schedule->first
                                                              : schedule->step;

    if (schedule->seed != 0) {
        schedule->seed = schedule->seed * 6364136223846793005u + 1;
        chunk = 1 + (size_t)(schedule->seed >> 60);
    }
    return chunk == 0 || chunk > stream.left ? stream.left : chunk;
}

/* Lets the next chunk arrive behind what is there, and moves all of it to the
 * guarded end. Returns false at the stream's end. */
static bool more(void)
{
    size_t chunk = next_chunk();
    char *to = stream.limit - stream.len - chunk;

    if (stream.left == 0)
        return false;
    memmove(to, stream.at, stream.len);
    memcpy(to + stream.len, stream.input, chunk);
    if (chunk > 0 && stream.len + chunk < stream.room)
        to[-1] = '\n'; /* in front: never to be read */
    stream.at = to;
    stream.len += chunk;
    stream.input += chunk;
    stream.left -= chunk;
    stream.arrived += chunk;
    return true;
}

/* n bytes are done with: they become something that no message may have. */
static void consume(size_t n)
{
    memset(stream.at, 0, n);
    stream.at += n;
    stream.len -= n;
}

static size_t position(void)
{
    return stream.arrived - stream.len;
}

static void say_error(const struct http_error *error, size_t from)
{
    if (text_len > 0)
        say("\n");
    say("%d @%zu %s", error->status, from + error->offset, error->reason);
}

static void say_incomplete(const char *what)
{
    if (text_len > 0)
        say("\n");
    say("incomplete %s @%zu", what, stream.arrived);
}

/* Decodes the body and says it. Returns whether the stream goes on. If the
 * message breaks off, all that was said of it from mark on is taken back. */
static bool replay_body(const struct http_request *request, size_t mark)
{
    static struct body body;
    size_t start = position(), got, consumed;
    int rc;

    body_init(&body, request);
    for (;;) {
        rc = body_decode(&body, stream.at, stream.len, &got, &consumed);
        say_bytes((struct view){stream.at, got});
        if (rc == 1)
            break;
        consume(consumed);
        if (rc == -EBADMSG || !more()) {
            text_len = mark;
            if (rc == -EBADMSG)
                say_error(&body.error, start);
            else
                say_incomplete(body.part == BODY_TRAILERS ? "trailers"
                                                          : "body");
            return false;
        }
    }
    say("\"");
    if (body.trailers.count > 0)
        say_fields(&body.trailers);
    consume(consumed);
    return true;
}

/* Parses one request and says it. Returns whether the stream goes on. */
static bool replay_request(const struct http_limits *limits)
{
    static struct http_request request;
    size_t mark = text_len;
    int n;

    http_request_init(&request, limits);
    while ((n = http_parse_request(&request, stream.at, stream.len)) ==
           -EAGAIN) {
        assert(request.scanned == stream.len); /* nothing is left for later */
        if (more())
            continue;
        if (http_has_begun(&request))
            say_incomplete("head");
        return false;
    }
    if (n < 0) {
        say_error(&request.error, position());
        return false;
    }
    say_head(&request);
    consume((size_t)n);
    return replay_body(&request, mark) && request.keep_alive;
}

static void replay_once(const char *input, size_t len,
                        const struct http_limits *limits,
                        struct schedule schedule)
{
    stream.at = stream.limit;
    stream.len = stream.arrived = 0;
    stream.input = input;
    stream.left = len;
    stream.schedule = schedule;
    text_len = 0;
    texts[text_index][0] = '\0';
    while (replay_request(limits))
        ;
}

/* Replays the stream with each way to read a head, and aborts if one of them
 * differs from the state machine, which is the first row of http_scans. */
const char *replay(const char *input, size_t len,
                   const struct http_limits *limits, struct schedule schedule)
{
    int first = 1 - result_index;

    assert(len < REPLAY_TEXT_MAX);
    if (stream.limit == NULL)
        map_stream();
    for (const struct http_scan *scan = http_scans; scan->name != NULL;
         scan++) {
        if (!scan->is_supported())
            continue;
        http_scan_use(scan);
        text_index = scan == http_scans ? first : OTHER_TEXT;
        replay_once(input, len, limits, schedule);
        if (strcmp(texts[first], texts[text_index]) == 0)
            continue;
        fprintf(stderr, "%s:\n%s\nbut the state machine:\n%s\n", scan->name,
                texts[OTHER_TEXT], texts[first]);
        abort();
    }
    http_scan_use(NULL);
    result_index = first;
    return texts[first];
}

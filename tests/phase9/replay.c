/* replay.c: feeds a stream to the parser in chunks; see replay.h.
 *
 * Test support of phase 9. Needs: replay.h. */
#include "replay.h"

#include <assert.h>
#include <errno.h>
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

/* The fuzzer replays a billion streams, so nothing here calls printf. */
static void say(const char *words)
{
    size_t len = strlen(words);

    assert(len < REPLAY_TEXT_MAX - text_len);
    memcpy(texts[text_index] + text_len, words, len + 1);
    text_len += len;
}

static void say_number(size_t number)
{
    char digits[24], *p = digits + sizeof digits - 1;

    *p = '\0';
    do
        *--p = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    say(p);
}

/* Says a byte that cannot be seen in hexadecimal. */
static void say_bytes(struct view v)
{
    static const char digits[] = "0123456789abcdef";
    char *to = texts[text_index] + text_len;

    assert(4 * v.len < REPLAY_TEXT_MAX - text_len);
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.at[i];

        if (c >= 0x20 && c < 0x7f && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        *to++ = 'x';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
    *to = '\0';
    text_len = (size_t)(to - texts[text_index]);
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
    say_bytes(http_view(request, request->method_name));
    say(" ");
    say_bytes(http_view(request, request->target));
    say(" 1.");
    say_number(request->minor);
    say(request->keep_alive ? " keep" : " close");
    say(request->expects_continue ? " continue" : "");
    say(request->expects_other ? " expects" : "");
    say_fields(&request->fields);
    say(" \"");
}

/* The bytes of the stream that have arrived and are not consumed. */
struct stream {
    char *limit; /* the unreadable page begins here */
    size_t room; /* bytes in front of limit */
    char *at;    /* where the unconsumed bytes are now: they end at limit */
    size_t len;
    const char *input; /* the bytes that have not arrived */
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

/* Returns the length of the next chunk. */
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

/* Adds the next chunk to the unconsumed bytes, and moves them to the guarded
 * end. Returns false at the end of the stream. */
static bool more(void)
{
    size_t chunk = next_chunk();
    char *to = stream.limit - stream.len - chunk;

    if (stream.left == 0)
        return false;
    memmove(to, stream.at, stream.len);
    memcpy(to + stream.len, stream.input, chunk);
    if (chunk > 0 && stream.len + chunk < stream.room)
        to[-1] = '\n'; /* in front: must not be read */
    stream.at = to;
    stream.len += chunk;
    stream.input += chunk;
    stream.left -= chunk;
    stream.arrived += chunk;
    return true;
}

/* Drops n bytes, and overwrites them with bytes that no message may have. */
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
    say_number((size_t)error->status);
    say(" @");
    say_number(from + error->offset);
    say(" ");
    say(error->reason);
}

static void say_incomplete(const char *what)
{
    if (text_len > 0)
        say("\n");
    say("incomplete ");
    say(what);
    say(" @");
    say_number(stream.arrived);
}

/* Decodes the body and writes it. Returns true if the stream continues. If the
 * message is not complete, drops its text, which begins at mark. */
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

/* Parses one request and writes it. Returns true if the stream continues. */
static bool replay_request(const struct http_limits *limits)
{
    static struct http_request request;
    size_t mark = text_len;
    int n;

    http_request_init(&request, limits);
    while ((n = http_parse_request(&request, stream.at, stream.len)) ==
           -EAGAIN) {
        assert(request.scanned == stream.len); /* it looked at every byte */
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

/* fuzz_http.c: the fuzz target of the parser: any bytes at all.
 *
 * It checks of every input:
 *  - the parser reads no byte behind the end: an unreadable page is there;
 *  - the result is the same however the input is cut;
 *  - a decoded body is that of a second, simple decoder;
 *  - the accepted requests, written out again and parsed again, are the same.
 *
 * The entry is libFuzzer's: `ninja fuzz` runs it for a minute. With clang, to
 * run it until it finds something:
 *
 *     ninja fuzz-phase9 && mkdir -p FOLDER && build/fuzz/seeds FOLDER
 *     build/fuzz/http -max_len=4000 FOLDER
 *
 * fuzz_main.c calls the same entry for a bounded number of seeded mutations of
 * the corpus, as part of the suite. */
#include "fuzz_http.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "http.h"
#include "replay.h"

enum { INPUT_MAX = REPLAY_TEXT_MAX / 64 }; /* a text may be 40 times as long */

/* Small enough for a short input to meet each of them; chosen by the first
 * byte, which stays in the input. */
static const struct http_limits narrow = {
    .line_max = 50,
    .field_line_max = 60,
    .head_max = 160,
    .fields_max = 4,
    .trailers_max = 40,
    .extensions_max = 20,
    .body_max = 50,
};
static const struct http_limits wide = HTTP_LIMITS_DEFAULT;

/* The stream under test, and what replay made of it in one chunk. */
static const char *input;
static size_t input_len;
static const struct http_limits *limits;
static char whole[REPLAY_TEXT_MAX];

/* Prints how a text differs from that of the whole input, and aborts. */
static void stop(const char *what, const char *text)
{
    fprintf(stderr, "%s:\n%s\nbut whole:\n%s\n", what, text, whole);
    abort();
}

/* Replays the input in chunks. */
static void check_cut(struct schedule cut)
{
    const char *text = replay(input, input_len, limits, cut);
    char what[100];

    if (strcmp(whole, text) == 0)
        return;
    snprintf(what, sizeof what, "first %zu, step %zu, seed %llu", cut.first,
             cut.step, (unsigned long long)cut.seed);
    stop(what, text);
}

/* The accepted requests, in the shortest form that has the same meaning. */
static char again[INPUT_MAX];
static size_t again_len;

static void put(const char *bytes, size_t len)
{
    if (len > sizeof again - again_len)
        stop("a request that is written again is longer", "");
    if (len > 0)
        memcpy(again + again_len, bytes, len);
    again_len += len;
}

static void put_text(const char *text)
{
    put(text, strlen(text));
}

static void put_fields(const struct http_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct view name = http_fields_name(fields, i);
        struct view value = http_fields_value(fields, i);

        put(name.at, name.len);
        put_text(":");
        put(value.at, value.len);
        put_text("\r\n");
    }
    put_text("\r\n");
}

static void put_head(const struct http_request *request)
{
    char version[] = {' ', 'H', 'T', 'T', 'P', '/', '1', '.',
                      (char)('0' + request->minor), '\0'};
    struct view method = http_view(request, request->method_name);
    struct view target = http_view(request, request->target);

    put(method.at, method.len);
    put_text(" ");
    put(target.at, target.len);
    put_text(version);
    put_text("\r\n");
    put_fields(&request->fields);
}

static void put_body(const struct body *body, bool is_chunked,
                     const char *bytes, size_t len)
{
    char size[24];

    if (is_chunked && len > 0) {
        snprintf(size, sizeof size, "%zx\r\n", len);
        put_text(size);
    }
    put(bytes, len);
    if (!is_chunked)
        return;
    put_text(len > 0 ? "\r\n0\r\n" : "0\r\n");
    put_fields(&body->trailers);
}

/* Decodes a chunked body that the parser has accepted: the second opinion. It
 * uses only the C library. Moves *p behind the trailers, and returns the number
 * of bytes in out. */
static size_t decode_simply(const char **p, const char *end, char *out)
{
    size_t total = 0;

    for (;;) {
        size_t size = strtoull(*p, NULL, 16); /* a CR stops it */
        const char *line = memmem(*p, (size_t)(end - *p), "\r\n", 2);

        if (line == NULL || size > (size_t)(end - line))
            stop("no end of a chunk's size", *p);
        *p = line + 2;
        if (size == 0)
            break;
        memcpy(out + total, *p, size);
        total += size;
        *p += size + 2;
    }
    if (memcmp(*p, "\r\n", 2) != 0)
        *p = (const char *)memmem(*p, (size_t)(end - *p), "\r\n\r\n", 4) + 2;
    *p += 2;
    return total;
}

/* Compares a decoded body with the input at position at, where it began. */
static void check_body(const struct http_request *request, size_t at,
                       struct view decoded, size_t consumed)
{
    static char out[INPUT_MAX];
    const char *p = input + at;
    size_t len = (size_t)request->content_length;

    if (request->is_chunked) {
        len = decode_simply(&p, input + input_len, out);
    } else {
        memcpy(out, p, len);
        p += len;
    }
    if (len != decoded.len || memcmp(out, decoded.at, len) != 0 ||
        (size_t)(p - input) != at + consumed)
        stop("another body", out);
}

/* Parses the input once more, and writes the accepted requests to again.
 * Returns their number. */
static size_t write_again(void)
{
    static char copy[INPUT_MAX];
    static struct http_request request;
    static struct body body;
    size_t at = 0, count = 0, got, consumed;

    memcpy(copy, input, input_len);
    again_len = 0;
    do {
        size_t mark = again_len;
        int n;

        http_request_init(&request, limits);
        n = http_parse_request(&request, copy + at, input_len - at);
        if (n <= 0)
            break;
        put_head(&request);
        at += (size_t)n;
        body_init(&body, &request);
        if (body_decode(&body, copy + at, input_len - at, &got, &consumed) !=
            1) {
            again_len = mark;
            break;
        }
        check_body(&request, at, (struct view){copy + at, got}, consumed);
        put_body(&body, request.is_chunked, copy + at, got);
        at += consumed;
        count++;
    } while (request.keep_alive);
    return count;
}

/* The text of the accepted requests alone must be the start of the whole one:
 * one line for each. */
static void check_again(void)
{
    size_t count = write_again(), len;
    const char *end = whole, *text;

    if (count == 0)
        return;
    for (size_t i = 0; i < count && end != NULL; i++)
        end = strchr(i == 0 ? end : end + 1, '\n');
    len = end != NULL ? (size_t)(end - whole) : strlen(whole);
    text = replay(again, again_len, limits, (struct schedule){0});
    if (strlen(text) != len || memcmp(text, whole, len) != 0)
        stop("written again", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint64_t hash = len;

    /* strtoull needs a byte behind the last one. */
    static char bytes[INPUT_MAX + 1];

    if (len >= INPUT_MAX)
        return 0;
    if (len > 0)
        memcpy(bytes, data, len);
    bytes[len] = '\0';
    input = bytes;
    input_len = len;
    limits = len > 0 && data[0] % 2 == 1 ? &narrow : &wide;
    strcpy(whole, replay(input, len, limits, (struct schedule){0}));
    check_cut((struct schedule){.step = 1});
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
    if (hash % 2 == 0 && len > 0)
        check_cut((struct schedule){.first = 1 + hash / 2 % len});
    else
        check_cut((struct schedule){.seed = hash | 1});
    check_again();
    return 0;
}

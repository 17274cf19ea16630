/* http_framing.c: reads the five framing fields; see http_framing.h.
 * Introduced in phase 9. Needs: http_framing.h, http_target.h, scan.h. */
#include "http_framing.h"

#include <assert.h>

#include "http_target.h"
#include "scan.h"

/* The bits of http_request.seen. */
enum {
    SEEN_HOST = 1,
    SEEN_LENGTH = 2,
    SEEN_CODING = 4,
    SEEN_CLOSE = 8,
    SEEN_KEEP_ALIVE = 16
};

/* Returns the most recently completed field. */
static const struct http_field *last_field(const struct http_request *request)
{
    assert(request->fields.count > 0);
    return &request->fields.field[request->fields.count - 1];
}

static int refuse_name(struct http_request *request, const char *reason)
{
    return http_fail(&request->error, 400, reason,
                     last_field(request)->name.at);
}

static int refuse_value(struct http_request *request, int status,
                        const char *reason)
{
    return http_fail(&request->error, status, reason,
                     last_field(request)->value.at);
}

/* Reads Host, which must be well-formed and must not be repeated, even in
 * HTTP/1.0. */
static int take_host(struct http_request *request, struct view value)
{
    if (request->seen & SEEN_HOST)
        return refuse_name(request, "more than one Host");
    request->seen |= SEEN_HOST;
    /* A client sends an empty Host if its target has no authority, for example
     * over a Unix socket (RFC 9110 7.2). */
    if (value.len > 0 && !http_is_host(value))
        return refuse_value(request, 400, "an invalid Host");
    /* A host in the target takes precedence (RFC 9112 3.2.2). */
    if (request->host_span.at == 0)
        request->host_span = last_field(request)->value;
    return 0;
}

/* Reads Content-Length, which must be all digits and must not be repeated. */
static int take_length(struct http_request *request, struct view value)
{
    if (request->seen & SEEN_LENGTH)
        return refuse_name(request, "more than one Content-Length");
    if (request->seen & SEEN_CODING)
        return refuse_name(request, "Content-Length with Transfer-Encoding");
    request->seen |= SEEN_LENGTH;
    if (view_to_number(value, INT64_MAX, &request->content_length) < 0)
        return refuse_value(request, 400, "an invalid Content-Length");
    if (request->content_length > request->limits->body_max)
        return refuse_value(request, 413, "a Content-Length over the limit");
    request->has_content_length = true;
    return 0;
}

/* Returns true if value is a list of codings in which only the last is
 * "chunked". Such a list is valid, but body.c cannot decode other codings. If
 * "chunked" is not last, no parser can find the end of the body. */
static bool is_chunked_at_last(struct view value)
{
    struct view coding;
    bool is_chunked = false;

    while (view_next_element(&value, &coding)) {
        const char *end = coding.at + coding.len;

        if (coding.len == 0 || is_chunked ||
            scan_run(coding.at, end, SCAN_TOKEN) != end)
            return false;
        is_chunked = view_equal_nocase(coding, view_of("chunked"));
    }
    return is_chunked;
}

/* Reads Transfer-Encoding, which must be "chunked" and must not be repeated.
 * HTTP/1.0 does not have the field. */
static int take_coding(struct http_request *request, struct view value)
{
    if (request->seen & SEEN_CODING)
        return refuse_name(request, "more than one Transfer-Encoding");
    if (request->seen & SEEN_LENGTH)
        return refuse_name(request, "Transfer-Encoding with Content-Length");
    if (request->minor == 0)
        return refuse_name(request, "Transfer-Encoding in HTTP/1.0");
    request->seen |= SEEN_CODING;
    request->is_chunked = view_equal_nocase(value, view_of("chunked"));
    if (request->is_chunked)
        return 0;
    if (is_chunked_at_last(value))
        return refuse_value(request, 501, "a transfer coding but chunked");
    return refuse_value(request, 400, "Transfer-Encoding is not chunked");
}

static uint8_t connection_option(struct view option)
{
    if (view_equal_nocase(option, view_of("close")))
        return SEEN_CLOSE;
    if (view_equal_nocase(option, view_of("keep-alive")))
        return SEEN_KEEP_ALIVE;
    return 0; /* a field name, which only proxies use */
}

/* Reads Connection, a list that may be spread over several lines. "close"
 * overrides "keep-alive". */
static int take_connection(struct http_request *request, struct view value)
{
    uint8_t seen = connection_option(value); /* usually the only option */
    struct view option;

    while (seen == 0 && view_next_element(&value, &option))
        request->seen |= connection_option(option);
    request->seen |= seen;
    return 0;
}

/* Reads Expect, a list of expectations. */
static int take_expect(struct http_request *request, struct view value)
{
    struct view expectation;

    while (view_next_element(&value, &expectation)) {
        if (!view_equal_nocase(expectation, view_of("100-continue")))
            request->expects_other = true;
        else if (request->minor > 0) /* ignored in 1.0 (RFC 9110 10.1.1) */
            request->expects_continue = true;
    }
    return 0;
}

/* The five names have different lengths, so the length is the index. A switch
 * on the length is slower: the CPU mispredicts its jump when lengths vary,
 * which costs 6 of the 92 ns of a request with three fields. A loop over the
 * five names costs 20 of the 200 ns of a request from a browser. */
static const struct framing_field {
    const char *name;
    int (*take)(struct http_request *request, struct view value);
} framing_fields[] = {
    [sizeof "Host" - 1] = {"Host", take_host},
    [sizeof "Expect" - 1] = {"Expect", take_expect},
    [sizeof "Connection" - 1] = {"Connection", take_connection},
    [sizeof "Content-Length" - 1] = {"Content-Length", take_length},
    [sizeof "Transfer-Encoding" - 1] = {"Transfer-Encoding", take_coding},
};

/* Returns the framing field with that name, or NULL. */
static const struct framing_field *field_of(struct view name)
{
    struct view known = {NULL, name.len};

    if (name.len < sizeof framing_fields / sizeof framing_fields[0])
        known.at = framing_fields[name.len].name;
    if (view_is_none(known) || !view_equal_nocase(known, name))
        return NULL;
    return &framing_fields[name.len];
}

int http_framing_take(struct http_request *request)
{
    size_t last = request->fields.count - 1u;
    const struct framing_field *field =
        field_of(http_fields_name(&request->fields, last));

    if (field == NULL)
        return 0;
    return field->take(request, http_fields_value(&request->fields, last));
}

int http_framing_finish(struct http_request *request, size_t offset)
{
    bool is_close = request->seen & SEEN_CLOSE;

    if (request->minor > 0 && !(request->seen & SEEN_HOST))
        return http_fail(&request->error, 400, "no Host in HTTP/1.1", offset);
    /* HTTP/1.1 keeps the connection open unless the request has "close".
     * HTTP/1.0 closes it unless the request has "keep-alive". */
    request->keep_alive =
        !is_close && (request->minor > 0 || request->seen & SEEN_KEEP_ALIVE);
    return 0;
}

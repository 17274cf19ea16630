/* http_framing.c: reads the five framing fields; see http_framing.h.
 * Introduced in phase 9. Needs: http_framing.h, http_target.h, scan.h. */
#include "http_framing.h"

#include <string.h>

#include "http_target.h"
#include "scan.h"

/* Returns true if v and word are equal, ignoring case. word must have at least
 * four characters, and only lower-case letters, digits and "-". v must have no
 * control characters, because a CR would compare equal to "-". Compares four
 * bytes at a time. The last four may overlap the four before them. This
 * function must be inlined, so that the compiler knows word and its length. */
static inline __attribute__((always_inline)) bool is_word(struct view v,
                                                          const char *word)
{
    const uint32_t lower = 0x20202020; /* makes each letter lower-case */
    size_t len = strlen(word), last = len - 4;
    uint32_t difference = 0, ours, theirs;

    if (v.len != len)
        return false;
    for (size_t i = 0; i < last; i += 4) {
        memcpy(&ours, v.at + i, 4);
        memcpy(&theirs, word + i, 4);
        difference |= (ours | lower) ^ theirs;
    }
    memcpy(&ours, v.at + last, 4);
    memcpy(&theirs, word + last, 4);
    return (difference | ((ours | lower) ^ theirs)) == 0;
}

/* Marks functions that few requests need. If the compiler inlined them, each
 * call of http_framing_take would be slower. */
#define RARE __attribute__((noinline))

static struct view value_of(const struct http_request *request,
                            const struct http_field *field)
{
    return (struct view){request->fields.base + field->value.at,
                         field->value.len};
}

static int refuse_name(struct http_request *request,
                       const struct http_field *field, const char *reason)
{
    return http_fail(&request->error, 400, reason, field->name.at);
}

static int refuse_value(struct http_request *request,
                        const struct http_field *field, int status,
                        const char *reason)
{
    return http_fail(&request->error, status, reason, field->value.at);
}

/* Returns true if v has at most 32 bytes and is a host of letters, digits, "-"
 * and ".", with or without a port of at most four digits. Reads sixteen bytes
 * at a time. The last sixteen may begin before v, in the field's name or in the
 * line before it. If this returns false, v may still be a host. */
static bool is_usual_host(struct view v)
{
    unsigned skip = v.len < 16 ? 16 - (unsigned)v.len : 0;
    const char *last = v.at + v.len - 16;
    unsigned odd, rest;

    if (v.len == 0 || v.len > 32 || (v.len > 16 && scan_not_host(v.at) != 0))
        return false;
    odd = scan_not_host(last) >> skip << skip;
    rest = -odd; /* if odd has one bit: that bit and all above */
    return odd == 0 || ((scan_not_digit(last) & rest) == odd &&
                        (scan_colons(last) & odd) == odd && odd >= 1u << 11 &&
                        odd > 1u << skip);
}

static int set_host(struct http_request *request, struct view value)
{
    request->seen |= SEEN_HOST;
    /* A host in the target takes precedence (RFC 9112 3.2.2). */
    if (request->host.at == 0)
        request->host = (struct http_span){
            (uint16_t)(value.at - request->fields.base), (uint16_t)value.len};
    return 0;
}

/* Reads a Host that is repeated or unusual. */
static RARE int take_odd_host(struct http_request *request,
                              const struct http_field *field)
{
    struct view value = value_of(request, field);

    if (request->seen & SEEN_HOST)
        return refuse_name(request, field, "more than one Host");
    /* A client sends an empty Host if its target has no authority, for example
     * over a Unix socket (RFC 9110 7.2). */
    if (value.len > 0 && !http_is_host(value))
        return refuse_value(request, field, 400, "an invalid Host");
    return set_host(request, value);
}

/* Reads Host, which must be well-formed and must not be repeated, even in
 * HTTP/1.0. */
static int take_host(struct http_request *request,
                     const struct http_field *field)
{
    struct view value = value_of(request, field);

    if (request->seen & SEEN_HOST || !is_usual_host(value))
        return take_odd_host(request, field);
    return set_host(request, value);
}

/* Reads Content-Length, which must be all digits and must not be repeated. */
static RARE int take_length(struct http_request *request,
                            const struct http_field *field)
{
    if (request->seen & SEEN_LENGTH)
        return refuse_name(request, field, "more than one Content-Length");
    if (request->seen & SEEN_CODING)
        return refuse_name(request, field,
                           "Content-Length with Transfer-Encoding");
    request->seen |= SEEN_LENGTH;
    if (view_to_number(value_of(request, field), INT64_MAX,
                       &request->content_length) < 0)
        return refuse_value(request, field, 400, "an invalid Content-Length");
    if (request->content_length > request->limits->body_max)
        return refuse_value(request, field, 413,
                            "a Content-Length over the limit");
    request->has_content_length = true;
    return 0;
}

/* Returns true if value is a list of codings in which only the last is
 * "chunked". Such a list is valid, but body.c cannot decode the codings before
 * "chunked", such as gzip. If "chunked" is not last, no parser can find the end
 * of the body. */
static bool is_chunked_at_last(struct view value)
{
    struct view coding;
    bool is_chunked = false;

    while (view_next_element(&value, &coding)) {
        const char *end = coding.at + coding.len;

        if (coding.len == 0 || is_chunked ||
            scan_run(coding.at, end, SCAN_TOKEN) != end)
            return false;
        is_chunked = is_word(coding, "chunked");
    }
    return is_chunked;
}

/* Reads Transfer-Encoding, which must be "chunked" and must not be repeated.
 * HTTP/1.0 does not have the field. */
static RARE int take_coding(struct http_request *request,
                            const struct http_field *field)
{
    struct view value = value_of(request, field);

    if (request->seen & SEEN_CODING)
        return refuse_name(request, field, "more than one Transfer-Encoding");
    if (request->seen & SEEN_LENGTH)
        return refuse_name(request, field,
                           "Transfer-Encoding with Content-Length");
    if (request->minor == 0)
        return refuse_name(request, field, "Transfer-Encoding in HTTP/1.0");
    request->seen |= SEEN_CODING;
    request->is_chunked = is_word(value, "chunked");
    if (request->is_chunked)
        return 0;
    if (is_chunked_at_last(value))
        return refuse_value(request, field, 501,
                            "a transfer coding but chunked");
    return refuse_value(request, field, 400,
                        "Transfer-Encoding is not chunked");
}

static inline __attribute__((always_inline)) uint8_t
connection_option(struct view option)
{
    if (is_word(option, "keep-alive"))
        return SEEN_KEEP_ALIVE;
    if (is_word(option, "close"))
        return SEEN_CLOSE;
    return 0; /* the name of a field: only proxies use it */
}

/* Reads the options of Connection one by one. Few requests need this, so it is
 * not part of take_connection. */
static RARE int take_options(struct http_request *request, struct view list)
{
    struct view option;

    while (view_next_element(&list, &option))
        request->seen |= connection_option(option);
    return 0;
}

/* Reads Connection, a list that may be spread over several lines. "close"
 * overrides "keep-alive". */
static int take_connection(struct http_request *request,
                           const struct http_field *field)
{
    struct view value = value_of(request, field);
    uint8_t seen = connection_option(value); /* usually the only one */

    if (seen == 0)
        return take_options(request, value);
    request->seen |= seen;
    return 0;
}

/* Reads Expect, a list of expectations. */
static RARE int take_expect(struct http_request *request,
                            const struct http_field *field)
{
    struct view list = value_of(request, field), expectation;

    while (view_next_element(&list, &expectation)) {
        if (!is_word(expectation, "100-continue"))
            request->expects_other = true;
        else if (request->minor > 0) /* ignored in 1.0 (RFC 9110 10.1.1) */
            request->expects_continue = true;
    }
    return 0;
}

int http_framing_take(struct http_request *request,
                      const struct http_field *field)
{
    struct view name = {request->fields.base + field->name.at,
                        field->name.len};

    if (is_word(name, "host"))
        return take_host(request, field);
    if (is_word(name, "connection"))
        return take_connection(request, field);
    if (is_word(name, "content-length"))
        return take_length(request, field);
    if (is_word(name, "transfer-encoding"))
        return take_coding(request, field);
    if (is_word(name, "expect"))
        return take_expect(request, field);
    return 0;
}

/* body.c: reads exactly one request body; see body.h.
 * Introduced in phase 9. Needs: body.h. */
#include "body.h"

#include <assert.h>

void body_init(struct body *body, const struct http_request *request)
{
    body->limits = request->limits;
    body->part = request->is_chunked ? BODY_CHUNKS : BODY_LENGTH;
    body->left = request->content_length;
    body->offset = 0;
    body->scanned = 0;
    chunked_init(&body->chunked, request->limits);
    http_fields_init(&body->trailers, 0);
}

/* Reads more of the trailer section, which starts at buf. A Content-Length or a
 * Connection in the section has no effect: the head has already set the
 * framing, and no code looks up a trailer by its name.
 *
 * Returns  > 0       the length of the complete section
 *          -EAGAIN   more input is needed
 *          -EBADMSG  body->error has the status and the offset from buf */
static int read_trailers(struct body *body, const char *buf, size_t len)
{
    size_t max = body->limits->trailers_max;
    const char *end = buf + (len < max ? len : max);
    const char *p = buf + body->scanned;
    struct http_fields *trailers = &body->trailers;

    trailers->base = buf;
    while (p != end && trailers->state != HTTP_FIELDS_DONE) {
        p = http_fields_read(trailers, p, end, body->limits, &body->error);
        if (p == NULL)
            return -EBADMSG;
    }
    body->scanned = (size_t)(p - buf);
    if (trailers->state == HTTP_FIELDS_DONE)
        return (int)body->scanned;
    if (len >= max)
        return http_fail(&body->error, 431, "trailers over the limit", max);
    return -EAGAIN;
}

static int decode_trailers(struct body *body, const char *buf, size_t len,
                           size_t *consumed)
{
    int n = read_trailers(body, buf + *consumed, len - *consumed);

    if (n == -EBADMSG)
        body->error.offset += (size_t)body->offset + *consumed;
    if (n < 0)
        return n;
    *consumed += (size_t)n;
    return 1;
}

int body_decode(struct body *body, char *buf, size_t len, size_t *body_len,
                size_t *consumed)
{
    int rc = 1;

    assert(body->part < BODY_DONE);
    *body_len = *consumed = 0;
    if (body->part == BODY_LENGTH) {
        *body_len = len < body->left ? len : (size_t)body->left;
        *consumed = *body_len;
        body->left -= *body_len;
        rc = body->left == 0 ? 1 : -EAGAIN;
    }
    if (body->part == BODY_CHUNKS) {
        rc = chunked_decode(&body->chunked, buf, len, body_len, consumed);
        if (rc == -EBADMSG)
            body->error = body->chunked.error;
        if (rc == 1)
            body->part = BODY_TRAILERS;
    }
    if (body->part == BODY_TRAILERS)
        rc = decode_trailers(body, buf, len, consumed);
    body->offset += *consumed;
    if (rc != -EAGAIN)
        body->part = rc == 1 ? BODY_DONE : BODY_ERROR;
    return rc;
}

/* discard.c: reads the body of a request and drops it; see discard.h. */
#include "discard.h"

#include <errno.h>

/* Decodes buf[0..len), and stores in *used how many bytes belong to the body.
 * Returns like discard_begin. */
static int decode(struct discard *discard, char *buf, size_t len, size_t *used)
{
    size_t decoded;
    int rc = body_decode(&discard->body, buf, len, &decoded, used);

    discard->seen += *used;
    /* The end may be in the same receive, but another receive could have
     * brought less: the limit must not depend on that. */
    if (rc != -EBADMSG && discard->seen > DISCARD_MAX)
        return -EFBIG;
    return rc < 0 ? rc : 0;
}

int discard_begin(struct discard *discard, const struct http_request *request,
                  struct inbox *inbox, size_t head_len, size_t *used)
{
    size_t len;
    char *bytes = inbox_bytes(inbox, &len);
    int rc;

    *used = 0;
    if (request->content_length > DISCARD_MAX)
        return -EFBIG;
    body_init(&discard->body, request);
    discard->seen = 0;
    rc = decode(discard, bytes + head_len, len - head_len, used);
    /* If the client waits for a "100 Continue", the answer without one tells it
     * not to send the body. */
    return rc == -EAGAIN && request->expects_continue ? -EFBIG : rc;
}

int discard_await_rest(struct discard *discard, struct inbox *inbox)
{
    int rc = -EAGAIN;

    while (rc == -EAGAIN) {
        size_t len, used;
        char *bytes;

        rc = inbox_await_more(inbox);
        if (rc <= 0)
            return rc == 0 ? -ECONNRESET : rc;
        bytes = inbox_bytes(inbox, &len);
        rc = decode(discard, bytes, len, &used);
        inbox_drop(inbox, used);
    }
    return rc;
}

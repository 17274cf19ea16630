/* load_http.h: counts the responses of an HTTP server.
 *
 * What it teaches: how little a client needs to find the end of a response: the
 * blank line after the head, the Content-Length, and that many bytes. It does
 * not read chunked responses, and checks nothing else: phase 9 has a parser. */
#ifndef PHASE8_LOAD_HTTP_H
#define PHASE8_LOAD_HTTP_H

#include <stddef.h>
#include <stdint.h>

#define LOAD_HEAD_MAX 4096u

/* A zeroed load_http waits for the first response of a connection. */
struct load_http {
    uint64_t body_left;     /* bytes of the response that have not come */
    size_t head_len;
    char head[LOAD_HEAD_MAX + 1];
    unsigned refused; /* statuses other than 200 to 299; read by the owner */
};

/* Takes the next bytes of a connection.
 *
 * Returns >= 0       the number of responses that these bytes complete
 *         -EBADMSG   the head is not HTTP/1.1, or has no Content-Length
 *         -EMSGSIZE  the head is longer than LOAD_HEAD_MAX bytes */
int load_http_take(struct load_http *http, const char *bytes, size_t len);

#endif

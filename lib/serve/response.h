/* response.h: response heads, written into a buffer that the caller owns.
 * Introduced in phase 10. Needs: view.h, date.h, status.h.
 *
 * Two ways to write one:
 *  - response_write_head and response_write_page: the whole head of a file, a
 *    redirect or an error, from a struct that describes it.
 *  - struct response: part by part, for everything else.
 *
 * Rules
 *  - No byte is written beyond the buffer. If a head does not fit, the struct
 *    keeps the first failure, drops the later parts, and the last call returns
 *    the failure.
 *  - No value can end a line: a value with a control character fails the whole
 *    head. So a client's bytes cannot split a response.
 *  - The names of fields, and the lines passed to response_lines, are constants
 *    of the program and are not checked.
 *
 * No function here suspends or allocates. From RFC 9110 and RFC 9112. */
#ifndef ONE_RING_RESPONSE_H
#define ONE_RING_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "date.h"
#include "status.h"
#include "view.h"

/* The size of a buffer for any head, and for any head with its status page. Add
 * the lengths of Content-Type and Location. */
#define RESPONSE_HEAD_MAX 512
#define RESPONSE_PAGE_MAX (RESPONSE_HEAD_MAX + STATUS_PAGE_MAX)

/* The methods that files allow: the value of Allow. */
#define RESPONSE_ALLOW "GET, HEAD"

/* Seconds after which a client may try again after a 503. */
#define RESPONSE_RETRY_AFTER "1"

/* A head while it is written. Only response_init makes it valid. */
struct response {
    char *buf;   /* borrowed: size bytes */
    size_t size; /* bytes of buf */
    size_t len;  /* bytes written; never more than size */
    int result;  /* 0, or the first failure: -EMSGSIZE, -EINVAL */
};

/* Makes an empty response. Borrows buf, which has size bytes; 0 is allowed. */
void response_init(struct response *r, void *buf, size_t size);

/* Appends the status line. Call it first. Asserts that status.h has status. */
void response_status(struct response *r, int status);

/* Appends one header field. Fails with -EINVAL if value has a control character
 * (a tab included), or begins or ends with a space. Allows bytes over 127. */
void response_field(struct response *r, const char *name, struct view value);

/* Appends one header field with a decimal number. */
void response_number(struct response *r, const char *name, uint64_t value);

/* Appends complete lines, each with "\r\n" at its end, as from date_line. */
void response_lines(struct response *r, struct view lines);

/* Appends a body, after response_end. */
void response_body(struct response *r, struct view body);

/* Appends the empty line that ends the head.
 *
 * Returns  > 0        the number of bytes so far
 *          -EMSGSIZE  the head does not fit
 *          -EINVAL    a field's value is not valid */
int response_end(struct response *r);

/* The Connection field (RFC 9112, section 9.3): none, since an HTTP/1.1
 * connection persists; "close"; or "keep-alive", for an HTTP/1.0 client that
 * requested it. */
enum response_connection {
    RESPONSE_PERSISTS,
    RESPONSE_CLOSES,
    RESPONSE_KEEPS_ALIVE,
};

/* Describes a response. A zeroed member leaves out its field. The views and
 * date are borrowed during the call. */
struct response_head {
    int status;
    enum response_connection connection;
    struct date_cache *date; /* for Date; NULL: no clock, no Date */
    int64_t now_s;           /* the wall clock, for date */
    struct view type;        /* Content-Type; empty: none */
    struct view location;    /* of a redirect, encoded (path_location) */
    uint64_t length;         /* bytes of the whole file; of 204, 304: unused */
    uint64_t first, last;    /* 206 only: the bytes sent, last included */
    int64_t modified_s;      /* Last-Modified, if has_modified */
    bool has_modified;
    bool accepts_ranges;     /* adds "Accept-Ranges: bytes" */
    bool omits_body;         /* the answer to HEAD: a page without body */
};

/* Writes the head that *head describes. Every head has Server (without a
 * version, which would only help attackers) and X-Content-Type-Options:
 * nosniff; 405 has Allow, 503 Retry-After, 206 and 416 Content-Range. All but
 * 1xx, 204 and 304 have Content-Length, which is 0 for 416. If Last-Modified is
 * later than Date, it becomes Date (RFC 9110, section 8.8.2.1); if HTTP has no
 * form for it, it is left out. Asserts that a range is inside length.
 *
 * Returns  > 0        the number of bytes
 *          -EMSGSIZE  the head does not fit; buf is undefined
 *          -EINVAL    a field's value is not valid; buf is undefined */
int response_write_head(void *buf, size_t size,
                        const struct response_head *head);

/* Writes a head and the page of its status as the body. With omits_body it
 * leaves out the page, as for HEAD, but Content-Length is the page's.
 * Content-Type and Content-Length of *head are ignored, except that a 416 uses
 * length, the file's, for Content-Range. Asserts that the status has a page.
 * Returns as response_write_head. */
int response_write_page(void *buf, size_t size,
                        const struct response_head *head);

#endif

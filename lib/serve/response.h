/* response.h: response heads, written into a buffer that the caller owns.
 * Introduced in phase 10. Needs: view.h, date.h, status.h.
 *
 * There are two ways to write a head:
 *  - response_write_head and response_write_page write the whole head of a
 *    file, a redirect or an error, from a struct that describes it.
 *  - struct response builds any other head part by part.
 *
 * Rules
 *  - No byte is written beyond the buffer. After the first failure the struct
 *    keeps the error, and later parts are ignored. response_end returns the
 *    error.
 *  - A value with a control character makes the whole head fail. So no value
 *    can end a line, and a client cannot turn one response into two.
 *  - Field names, and the lines passed to response_lines, must come from the
 *    program, not from a client. They are not checked.
 *
 * No function here suspends or allocates. Source: RFC 9110 and RFC 9112. */
#ifndef ONE_RING_RESPONSE_H
#define ONE_RING_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "date.h"
#include "status.h"
#include "view.h"

/* Buffer sizes for any head, and for any head with its status page. Add the
 * lengths of Content-Type, Location, and head->lines. */
#define RESPONSE_HEAD_MAX 512
#define RESPONSE_PAGE_MAX (RESPONSE_HEAD_MAX + STATUS_PAGE_MAX)

/* The value of the Allow field for files. */
#define RESPONSE_ALLOW "GET, HEAD, OPTIONS"

/* Seconds until a client may try again after a 503. */
#define RESPONSE_RETRY_AFTER "1"

/* A head that is being written. Initialize it with response_init. */
struct response {
    char *buf;   /* borrowed: size bytes */
    size_t size; /* bytes of buf */
    size_t len;  /* bytes written so far */
    int result;  /* 0, or the first failure: -EMSGSIZE, -EINVAL */
};

/* Makes an empty response. Borrows buf, which has size bytes; size may be 0. */
void response_init(struct response *r, void *buf, size_t size);

/* Appends the status line. Call it first. status must be a code of status.h
 * (asserted). */
void response_status(struct response *r, int status);

/* Appends one header field. Fails with -EINVAL if value contains a control
 * character (including a tab), or begins or ends with a space. Allows bytes
 * over 127. */
void response_field(struct response *r, const char *name, struct view value);

/* Appends one header field with a decimal number. */
void response_number(struct response *r, const char *name, uint64_t value);

/* Appends complete lines, each with "\r\n" at its end, for example from
 * date_line. */
void response_lines(struct response *r, struct view lines);

/* Appends a body. Call it after response_end. */
void response_body(struct response *r, struct view body);

/* Appends the empty line that ends the head.
 *
 * Returns  > 0        the number of bytes so far
 *          -EMSGSIZE  the head does not fit
 *          -EINVAL    a field's value is not valid */
int response_end(struct response *r);

/* The Connection field (RFC 9112, section 9.3). An HTTP/1.1 connection persists
 * without it. "keep-alive" is for an HTTP/1.0 client that requested it, and for
 * a head with Keep-Alive. */
enum response_connection {
    RESPONSE_PERSISTS,
    RESPONSE_CLOSES,
    RESPONSE_KEEPS_ALIVE,
};

/* Describes a response. A zeroed member omits its field. The views and date are
 * borrowed during the call. */
struct response_head {
    int status;
    enum response_connection connection;
    unsigned keep_alive_s; /* the timeout in Keep-Alive; omitted if it is 0 or
                              the connection closes */
    struct date_cache *date; /* for Date; NULL to omit it */
    int64_t now_s;           /* the wall clock, for date */
    struct view fields; /* from response_write_fields; empty: the fields of the
                           members below are written */
    struct view lines; /* complete lines, the same for all heads of a kind; the
                          program makes them at its start; not checked here */
    struct view page;        /* the page of response_write_page; empty: the
                                status page */
    struct view type;        /* Content-Type; empty: none */
    struct view coding;      /* Content-Encoding; empty: none */
    struct view location;    /* for a redirect; from path_location */
    uint64_t length;         /* of the whole file; unused with 204, 304 */
    uint64_t first, last;    /* 206 only: the bytes sent, inclusive */
    struct view tag;         /* ETag, with its quotes; empty: none */
    int64_t modified_s;      /* Last-Modified, if has_modified */
    bool has_modified;
    bool accepts_ranges;     /* adds "Accept-Ranges: bytes" */
    bool omits_body;         /* for HEAD: no body after the head */
};

/* Writes the head that *head describes. Every head has Server (without a
 * version, which would only help attackers) and X-Content-Type-Options:
 * nosniff. 204 (to OPTIONS) and 405 have Allow, 503 has Retry-After, and 206
 * and 416 have Content-Range. All except 1xx, 204 and 304 have Content-Length,
 * which is 0 for 416. A modification time after Date is replaced with Date (RFC
 * 9110, section 8.8.2.1). A time that HTTP cannot represent is omitted. For
 * 206, asserts that first..last is within the file.
 *
 * Returns  > 0        the number of bytes
 *          -EMSGSIZE  the head does not fit; buf is undefined
 *          -EINVAL    a field's value is not valid; buf is undefined */
int response_write_head(void *buf, size_t size,
                        const struct response_head *head);

/* Writes the lines of a 200 that depend only on the file, such as its type,
 * length and time. A program that keeps these lines with a copy of the file
 * does not have to write them for each response. Returns the same as
 * response_write_head. */
int response_write_fields(void *buf, size_t size,
                          const struct response_head *head);

/* Writes a head, and head->page as the body, or the status page if head->page
 * is empty. If omits_body is true, omits the page but keeps its Content-Length.
 * Ignores head->type. Uses head->length only for the Content-Range of a 416.
 * Asserts that there is a page, or that the status is 100, 204 or 304. Returns
 * the same as response_write_head. */
int response_write_page(void *buf, size_t size,
                        const struct response_head *head);

#endif

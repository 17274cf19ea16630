/* response.h: response heads, written into a buffer that the caller owns.
 * Introduced in phase 10. Needs: view.h, date.h, status.h.
 *
 * Two ways to write one:
 *  - response_write_head and response_write_page: the whole head of a file, a
 *    redirect or an error from a struct that says what is true of it.
 *  - struct response: part by part, for everything else.
 *
 * Rules
 *  - Nothing is written beyond the buffer. A head that does not fit is no head:
 *    the first failure is kept, what follows is dropped, and the last call
 *    reports it.
 *  - No value can end a line: one with a control character fails the whole
 *    head. So a response cannot be split, whoever sent the bytes.
 *  - Names of fields, and the lines given to response_line, are the program's
 *    own constants and are not looked at.
 *
 * Nothing here suspends or allocates. From RFC 9110 and RFC 9112. */
#ifndef ONE_RING_RESPONSE_H
#define ONE_RING_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "date.h"
#include "status.h"
#include "view.h"

/* A buffer of this size holds every head, except for what Content-Type and
 * Location take, and the page of its status. */
#define RESPONSE_HEAD_MAX 512
#define RESPONSE_PAGE_MAX (RESPONSE_HEAD_MAX + STATUS_PAGE_MAX)

/* What may be asked of a file: the value of Allow. */
#define RESPONSE_ALLOW "GET, HEAD"

/* When to come back after a 503, in seconds: the server is full, not ill. */
#define RESPONSE_RETRY_AFTER "1"

/* A head in the making. Made valid by response_init alone. */
struct response {
    char *buf;   /* borrowed: size bytes */
    size_t size; /* bytes of buf */
    size_t len;  /* bytes written; never more than size */
    int result;  /* 0, or the first failure: -EMSGSIZE, -EINVAL */
};

/* Begins with nothing in buf. size may be 0. */
void response_init(struct response *r, void *buf, size_t size);

/* Appends the status line: comes first. Asserts that status.h knows it. */
void response_status(struct response *r, int status);

/* Appends one header field. Fails with -EINVAL if value has a control character
 * (a tab included), or begins or ends with a space. Bytes over 127 pass. */
void response_field(struct response *r, const char *name, struct view value);
void response_number(struct response *r, const char *name, uint64_t value);

/* Appends lines that are ready, "\r\n" at the end of each: date_line's. */
void response_lines(struct response *r, struct view lines);

/* Appends a body, after response_end. */
void response_body(struct response *r, struct view body);

/* Appends the empty line that ends the head. Returns the bytes so far, or the
 * first failure: -EMSGSIZE (does not fit), -EINVAL (no value of a field). */
int response_end(struct response *r);

/* What happens to the connection after this response, as far as the client must
 * be told: nothing (an HTTP/1.1 connection goes on), that it closes, or that it
 * goes on (to an HTTP/1.0 client that requested it). RFC 9112, section 9.3. */
enum response_connection {
    RESPONSE_PERSISTS,
    RESPONSE_CLOSES,
    RESPONSE_KEEPS_ALIVE,
};

/* What is true of a response. Zeroed members say nothing. The views and date
 * are borrowed for the time of the call. */
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
    bool accepts_ranges;     /* say "Accept-Ranges: bytes" */
    bool omits_body;         /* a page for HEAD: its head only */
};

/* Writes the head that *head describes. Every head has Server (no version: it
 * would help nobody but an attacker) and X-Content-Type-Options: nosniff; 405
 * has Allow, 503 Retry-After, 206 and 416 Content-Range; Content-Length stands
 * in all but 1xx, 204 and 304 (0 in a 416, of which it is the page's alone). A
 * Last-Modified that lies ahead of Date becomes that Date (RFC 9110, section
 * 8.8.2.1); one that HTTP cannot say is left out.
 *
 * Asserts that a range lies inside of length. Returns the number of bytes, or
 * -EMSGSIZE or -EINVAL, as response_end does; then buf holds nothing usable. */
int response_write_head(void *buf, size_t size,
                        const struct response_head *head);

/* Writes the head with the page of its status as the body, or, with
 * omits_body, the same head alone, its Content-Length that of the page: what
 * HEAD asks for. Content-Type and Content-Length are the page's, whatever head
 * says; its length is the file's, for a 416. Asserts a status that has a page.
 * Returns as response_write_head. */
int response_write_page(void *buf, size_t size,
                        const struct response_head *head);

#endif

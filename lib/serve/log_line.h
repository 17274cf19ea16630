/* log_line.h: one line of an access log, in two formats.
 * Introduced in phase 10. Needs: view.h.
 *
 *     127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET /a HTTP/1.1" 200 5 "-"
 *         "curl/8" 0.001                              combined, and the seconds
 *
 *     {"time":"1994-11-06T08:49:37Z","remote":"127.0.0.1","method":"GET",
 *      "target":"/a","version":"1.1","status":200,"bytes":5,"seconds":0.001,
 *      "referer":null,"agent":"curl/8"}                                    JSON
 *
 * (Each example is a single line.) A client chooses its target and its fields,
 * and a person or a program reads them in the log. So no byte of the client may
 * end a line, end a quoted field, or control a terminal. Quotes, backslashes,
 * and all bytes except visible ASCII and the space are escaped. The combined
 * format uses \xHH. JSON uses its own escapes, in which a byte over 127 becomes
 * the character with that code. Each field has a limit. The end of a longer
 * field is replaced with "...".
 *
 * No function here suspends or allocates. */
#ifndef ONE_RING_LOG_LINE_H
#define ONE_RING_LOG_LINE_H

#include <stdint.h>

#include "view.h"

enum log_format { LOG_OFF, LOG_COMBINED, LOG_JSON };

/* The longest line, with its newline. A write of this length to a pipe is not
 * mixed with the writes of other processes (PIPE_BUF). */
#define LOG_LINE_MAX 4096u

/* The longest fields, in bytes after escaping. */
#define LOG_METHOD_MAX 32u
#define LOG_TARGET_MAX 2048u
#define LOG_TEXT_MAX 768u /* of Referer, and of User-Agent */

/* One answer. The views are borrowed during the call. */
struct log_entry {
    int64_t time_s;      /* the wall clock, when the request had arrived */
    struct view remote;  /* the client's address as text; empty: unknown */
    struct view method;  /* empty: the input was not a request */
    struct view target;  /* as sent */
    unsigned minor;      /* the x of HTTP/1.x */
    int status;
    uint64_t sent;       /* body bytes that the kernel has accepted */
    uint64_t spent_us;   /* from the request until the last byte was sent */
    struct view referer; /* empty: none */
    struct view agent;   /* empty: none */
};

/* Writes the line, with a newline and without a NUL. format must not be LOG_OFF
 * (asserted). Returns the number of bytes. */
int log_line_write(char line[LOG_LINE_MAX], enum log_format format,
                   const struct log_entry *entry);

#endif

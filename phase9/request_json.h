/* request_json.h: one request as a line of JSON, printed once it is whole.
 *
 * The head is added before the body is read, because the body may overwrite it.
 * So the line waits in memory until the last byte of the request is accepted:
 * a request that turns out to be malformed is not printed. */
#ifndef PHASE9_REQUEST_JSON_H
#define PHASE9_REQUEST_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"

/* Begins a line with the request's head. Drops a line that was not ended. Reads
 * request only during this call. */
void request_json_begin(const struct http_request *request);

/* Adds bytes of the decoded body. Copies them. */
void request_json_add_body(const char *bytes, size_t len);

/* Ends the line and writes it to stdout.
 *
 * Returns  0        success
 *          -ENOMEM  the line did not fit in memory; nothing was written
 *          -errno   from write(2); a part may have been written */
int request_json_end(const struct http_fields *trailers, bool keep_alive);

/* Writes the line of an error to stdout. Drops a line that was begun. offset is
 * the position in the stream of the unacceptable byte. Returns as
 * request_json_end does. */
int request_json_error(int status, const char *reason, uint64_t offset);

/* Frees the memory of the line. */
void request_json_finish(void);

#endif

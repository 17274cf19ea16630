/* body_len.h: reads a Content-Length.
 *
 * An exercise of phase 9; see phase9/exercises/README.md. */
#ifndef BODY_LEN_H
#define BODY_LEN_H

#include <stddef.h>
#include <stdint.h>

/* Reads value[0..len), the value of a Content-Length field without the blanks
 * around it. It is not a C string. The grammar is one or more digits (RFC 9110,
 * section 8.6), and nothing else.
 *
 * Returns 0           *body_len is the number
 *         -EBADMSG    the value is not a number
 *         -EOVERFLOW  the number does not fit into a uint64_t */
int body_len(const char *value, size_t len, uint64_t *body_len);

#endif

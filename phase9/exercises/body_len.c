/* body_len: one number, and nothing that looks like one.
 *
 * The task: write body_len. body_len.h has its contract.
 *
 *   - The number decides where the next request begins. If a proxy and you read
 *     it differently, a client can smuggle a request past the proxy.
 *   - strtoull accepts "+5", " 5", "-1" and "5x". None of them is a number
 *     here. Neither is an empty value.
 *   - The value is not a C string: the byte after it may be a digit, or may
 *     not exist.
 *   - Twenty digits may be too many, or not. Leading zeros are allowed. */
#include "body_len.h"

#include <errno.h>

int body_len(const char *value, size_t len, uint64_t *body_len)
{
    return -ENOSYS; /* yours */
}

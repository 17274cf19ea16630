/* body_len: the same as body_len.c, in another way: with the overflow checks of
 * the compiler, and in one pass. */
#include "body_len.h"

#include <errno.h>
#include <stdbool.h>

int body_len(const char *value, size_t len, uint64_t *body_len)
{
    bool is_too_large = false;

    *body_len = 0;
    for (const char *p = value; p != value + len; p++) {
        uint64_t digit = (uint64_t)(unsigned char)*p - '0';

        if (digit > 9)
            return -EBADMSG;
        is_too_large |= __builtin_mul_overflow(*body_len, 10u, body_len);
        is_too_large |= __builtin_add_overflow(*body_len, digit, body_len);
    }
    if (len == 0)
        return -EBADMSG;
    return is_too_large ? -EOVERFLOW : 0;
}

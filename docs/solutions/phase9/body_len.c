/* body_len: one number, and nothing that looks like one.
 *
 * What it teaches: look whether the next step overflows before you make it. */
#include "body_len.h"

#include <errno.h>

int body_len(const char *value, size_t len, uint64_t *body_len)
{
    uint64_t number = 0;

    if (len == 0)
        return -EBADMSG;
    for (size_t i = 0; i < len; i++)
        if (value[i] < '0' || value[i] > '9')
            return -EBADMSG;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)(value[i] - '0');

        if (number > (UINT64_MAX - digit) / 10)
            return -EOVERFLOW;
        number = number * 10 + digit;
    }
    *body_len = number;
    return 0;
}

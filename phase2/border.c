/* border.c: numbers that come in, and text that goes out; see border.h.
 * Introduced in phase 2. Needs: border.h, err.h.
 *
 * Two functions of the C library let a mistake pass. strtoul takes "4x" for 4
 * and "-1" for a very large number. And stdio keeps a short text until the
 * process ends, when nobody looks at the result of the write any more: on a
 * full disk half a text, or none, would be a success. */
#include "border.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"

uint64_t border_number(const char *text, uint64_t min, uint64_t max)
{
    char *end;
    unsigned long long value;

    assert(min > 0);
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' ||
        value < min || value > max)
        return 0;
    return value;
}

int border_finish(const char *name, int code, int failed)
{
    int rc = fflush(stdout) == 0 ? 0 : -errno;

    if (rc == 0 && ferror(stdout))
        rc = -EIO; /* a write before this one; why, nobody has kept */
    if (rc == 0)
        return code;
    fprintf(stderr, "%s: stdout: %s (%s)\n", name, err_words(rc),
            err_name(rc));
    return failed;
}

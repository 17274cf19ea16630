/* cli.c: numbers on the command line, and the last write to stdout; see cli.h.
 * Introduced in phase 2. Needs: cli.h, err.h.
 *
 * What it teaches: two functions of the C library hide mistakes. strtoul reads
 * "4x" as 4 and "-1" as a very large number. stdio keeps a short text in memory
 * until exit, and exit ignores the result of that last write: on a full disk a
 * program would lose its output and still exit with 0. */
#include "cli.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"

uint64_t cli_number(const char *text, uint64_t min, uint64_t max)
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

int cli_finish(const char *name, int code, int failed)
{
    int rc = fflush(stdout) == 0 ? 0 : -errno;

    if (rc == 0 && ferror(stdout))
        rc = -EIO; /* an earlier write failed: stdio did not keep its errno */
    if (rc == 0)
        return code;
    fprintf(stderr, "%s: stdout: %s (%s)\n", name, err_words(rc),
            err_name(rc));
    return failed;
}

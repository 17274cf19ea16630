/* drain_report.c: reports that a server is stopping; see drain_report.h.
 * Introduced in phase 8. Needs: drain_report.h, sys.h. */
#include "drain_report.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sys.h"

void drain_report(const char *program, unsigned ms)
{
    static atomic_flag is_reported = ATOMIC_FLAG_INIT;
    const bool is_seconds = ms % 1000 == 0;
    char line[256];

    if (program == NULL || atomic_flag_test_and_set(&is_reported))
        return;
    (void)snprintf(line, sizeof line, "%.100s: waits up to %u %s for requests "
                   "in flight; a second signal ends them at once\n", program,
                   is_seconds ? ms / 1000 : ms, is_seconds ? "s" : "ms");
    sys_print_error(line, strlen(line));
}

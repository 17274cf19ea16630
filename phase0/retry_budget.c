/* retry_budget.c: waits until the kernel has freed the memory of closed rings;
 * see retry_budget.h. */
#include "retry_budget.h"

#include <errno.h>
#include <time.h>

bool retry_budget_try_again(int result)
{
    static int tries_left = 1000;
    const struct timespec pause = {.tv_nsec = 1000000};

    if (result != -ENOMEM || tries_left == 0)
        return false;
    tries_left--;
    (void)nanosleep(&pause, NULL); /* a signal may end the sleep early */
    return true;
}

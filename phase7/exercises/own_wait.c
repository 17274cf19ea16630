/* own_wait: wait for a result, with a time limit.
 *
 * The task: write own_wait. own_wait.h has its contract.
 *
 *   - Look at the CQ first. A result that is there needs no system call.
 *   - io_uring_enter(fd, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
 *     &arg, sizeof arg) waits for one result. arg is a struct
 *     io_uring_getevents_arg, and its ts is the address of a struct
 *     __kernel_timespec: the longest time to wait.
 *   - The call returns -1 with ETIME after the time, and with EINTR after a
 *     signal. Look at the CQ again in both cases. After EINTR wait on, for the
 *     time that is left: signals must not make the wait longer.
 *   - Copy the CQE before you move the head. */
#include "own_wait.h"

#include <errno.h>
#include <linux/time_types.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int own_wait(struct own_results *results, struct io_uring_cqe *cqe,
             unsigned limit_ms)
{
    return -ENOSYS; /* yours */
}

/* cat_job.c: decides what the result of an operation means; see cat_job.h. */
#include "cat_job.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "message.h"

#define ENTER_FAILURES_MAX 1000 /* in a row, 1 ms apart */

uint64_t cat_read_offset(const struct cat_job *job)
{
    return job->in_seeks ? job->in_offset : UINT64_MAX;
}

/* Turns EINTR and EAGAIN into CAT_RETRY. After EAGAIN it first waits until fd
 * is ready. stdin or stdout can be non-blocking even though we did not set
 * O_NONBLOCK: the flag belongs to the open file description, which other
 * processes share. poll reports a regular file as always ready. */
static int retry_or(int result, int fd, short events)
{
    struct pollfd ready = {.fd = fd, .events = events};

    if (result == -EINTR)
        return CAT_RETRY;
    if (result != -EAGAIN)
        return result;
    (void)poll(&ready, 1, -1); /* a signal makes us retry early */
    return CAT_RETRY;
}

int cat_read_result(struct cat_job *job, int result)
{
    return result < 0 ? retry_or(result, job->in, POLLIN) : result;
}

int cat_write_result(struct cat_job *job, int result)
{
    if (result > 0)
        return result;
    /* A write of 0 bytes without an error means that no space is left. */
    result = result == 0 ? -ENOSPC : retry_or(result, job->out, POLLOUT);
    job->write_failed = result != CAT_RETRY;
    return result;
}

void cat_settle_position(struct cat_job *job, int written)
{
    off_t now;

    if (!job->out_seeks || written <= 0 || written == CAT_RETRY)
        return;
    now = lseek(job->out, 0, SEEK_CUR);
    if (now == (off_t)job->out_position)
        now = lseek(job->out, written, SEEK_CUR);
    job->out_position = (uint64_t)now;
}

void cat_enter_result(int result)
{
    static int failures; /* in a row */

    if (result >= 0)
        failures = 0;
    if (result >= 0 || result == -EINTR)
        return;
    if ((result == -EAGAIN || result == -EBUSY || result == -ENOMEM) &&
        ++failures < ENTER_FAILURES_MAX) {
        (void)poll(NULL, 0, 1); /* milliseconds */
        return;
    }
    message_error("cannot enter the ring", NULL, result);
    exit(1);
}

/* engine.c: functions that all engines share; see engine.h. */
#include "engine.h"

#include <fcntl.h>

int engine_fail(struct engine_job *job, enum engine_blame blame,
                uint64_t offset, int result)
{
    job->blame = blame;
    job->offset = offset;
    return result;
}

void engine_end_direct_in(struct engine_job *job)
{
    if (job->in_direct)
        (void)fcntl(job->in, F_SETFL, 0);
    job->in_direct = false;
}

void engine_end_direct_out(struct engine_job *job)
{
    if (job->out_direct)
        (void)fcntl(job->out, F_SETFL, 0);
    job->out_direct = false;
}

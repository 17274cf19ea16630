/* content.h: copies the content of one open file into another.
 *
 * The size that stat reports is a hint: it is 0 in /proc, too much in /sys, and
 * old for a log. So content.c copies the range that stat reports with an engine
 * (engine.h), without the holes in it, and then reads on until a read returns
 * 0. */
#ifndef PHASE1_CP_CONTENT_H
#define PHASE1_CP_CONTENT_H

#include <sys/stat.h>

#include "engine.h"

/* Copies all of job->in to job->out, which is empty, and sets its length.
 * source is fstat(job->in).
 *
 * Returns  0        all is copied
 *          -EINTR   a signal asked us to stop
 *          -ESTALE  the source became shorter during the copy
 *          -errno   with blame and offset set in job */
int content_copy(struct engine_job *job, const struct stat *source);

#endif

/* content.h: copies the content of one open file into another.
 *
 * The size that stat reports is a hint: it is 0 in /proc, too large in /sys,
 * and out of date for a growing log. So content.c first copies the data within
 * that size with an engine (engine.h), usually without the holes. Then it reads
 * on until a read returns 0. */
#ifndef PHASE1_CP_CONTENT_H
#define PHASE1_CP_CONTENT_H

#include <sys/stat.h>

#include "engine.h"

/* Copies all of job->in to job->out, which must be empty, and sets the length
 * of job->out. source is the stat of job->in.
 *
 * Returns  0        the whole content is copied
 *          -EINTR   a signal asked us to stop
 *          -ESTALE  the source became shorter during the copy
 *          -errno   job->blame and job->offset are set */
int content_copy(struct engine_job *job, const struct stat *source);

#endif

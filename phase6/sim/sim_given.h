/* sim_given.h: the files that are given to a program, and its messages.
 *
 * Another process cuts the files and lets them grow while the program reads
 * them. A file may be missing, and one may never be readable. */
#ifndef PHASE6_SIM_GIVEN_H
#define PHASE6_SIM_GIVEN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim_disk.h"

#define GIVEN_MAX 7u
#define GIVEN_LEN_MAX 1500u

/* Makes the files of a run. If has_scratch is true, makes a scratch file, too,
 * which may become full. */
void given_begin(bool has_scratch);

/* Returns the command line: given_count paths. */
char **given_paths(void);
unsigned given_count(void);

/* Returns the descriptor of the scratch file, or -1. */
int given_scratch(void);

/* Returns how many descriptors and slots the program has for the files. */
unsigned given_open_count(void);

/* Tells that the program has so few free descriptors. */
void given_limit_fds(unsigned count);

/* Checks all messages of the program, which are in the order of the files, and
 * the bytes that sim_sink.h has. failed is the program's number of files that
 * failed, and bytes the number of bytes that it has counted. For lack of a
 * descriptor, a file may fail only if later files can have them all.
 *
 * Fails with "failures-are-reported-in-order", "a-failure-has-a-cause",
 * "a-failure-is-reported", "the-copy-is-equal" or "the-file-is-complete". */
void given_check(char *messages, unsigned failed, uint64_t bytes);

/* Closes the driver's descriptors. */
void given_end(void);

#endif

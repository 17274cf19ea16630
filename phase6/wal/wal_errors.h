/* wal_errors.h: the messages of wal: what failed, on what, why, what to do.
 *
 * Needs: log_scan.h. */
#ifndef PHASE6_WAL_ERRORS_H
#define PHASE6_WAL_ERRORS_H

#include "log_scan.h"

/* Each function prints a message to stderr, and returns a result below 0.
 * wal_failed adds advice if the errno alone would not help. */
int wal_failed(const char *path, const char *verb, int rc);
int wal_input_failed(int rc);

/* Prints where the log is damaged, and how the scan knows that. */
int wal_damaged(const char *path, const struct scan *scan);

#endif

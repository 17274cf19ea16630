/* wal_errors.h: the error messages of wal.
 *
 * Needs: log_scan.h. */
#ifndef PHASE6_WAL_ERRORS_H
#define PHASE6_WAL_ERRORS_H

#include "log_scan.h"

/* Each function prints a message on stderr, and returns rc or -EBADMSG.
 * wal_failed adds advice if the errno alone would not help. */
int wal_failed(const char *path, const char *verb, int rc);
int wal_input_failed(int rc);

/* Prints the offset of the damage, and the proof that the scan has found. */
int wal_damaged(const char *path, const struct scan *scan);

#endif

/* cli.h: numbers on the command line, and the last write to stdout.
 * Introduced in phase 2. Needs: nothing. */
#ifndef PHASE2_CLI_H
#define PHASE2_CLI_H

#include <stdint.h>

/* Parses text, all of it, as a decimal number in [min, max]; min is at least 1.
 *
 * Returns > 0  the number
 *           0  text is not a number in that range */
uint64_t cli_number(const char *text, uint64_t min, uint64_t max);

/* Flushes stdout. If stdout did not take every byte, prints a message on stderr
 * that begins with name.
 *
 * Returns code    stdout took every byte
 *         failed  it did not */
int cli_finish(const char *name, int code, int failed);

#endif

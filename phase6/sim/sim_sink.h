/* sim_sink.h: stdout of a program that writes files to it, one after another.
 *
 * It is a pipe with a slow reader. Each byte names its file and its position,
 * so the reader notices a byte that is missing, doubled, or out of order. */
#ifndef PHASE6_SIM_SINK_H
#define PHASE6_SIM_SINK_H

#include <stdint.h>

#define SINK_FILES_MAX 8u

/* Makes descriptor 1 a pipe. The files will be written in the order of their
 * numbers, which are below SINK_FILES_MAX. */
void sink_begin(void);

/* Returns byte n of a file. */
unsigned char sink_byte(unsigned file, uint64_t n);

/* Returns how many bytes of a file have arrived. */
uint64_t sink_len(unsigned file);

#endif

/* sys_output.h: prints to standard output, and reports failures.
 * Introduced in phase 0. Needs: nothing.
 *
 * stdio keeps a short text in memory until exit, and exit ignores the result of
 * that last write. On a full disk a program would lose its output and still
 * exit with 0. So a program flushes stdout while it can still report. */
#ifndef ONE_RING_SYS_OUTPUT_H
#define ONE_RING_SYS_OUTPUT_H

/* Prints text to stdout. If that fails, sys_output_flush reports it. */
void sys_output_print(const char *text);

/* Flushes stdout.
 *
 * Returns 0       stdout took every byte since the program began
 *         -EIO    an earlier write failed; its errno is lost
 *         -errno  this write failed */
int sys_output_flush(void);

#endif

/* sys_output.h: writes output, and reports failures.
 * Introduced in phase 0. Needs: nothing.
 *
 * If stdout is a file or a pipe, stdio buffers a short text and writes it only
 * at exit. exit ignores the result of that write. On a full disk, a program
 * would lose its output and still exit with 0. So a program must flush stdout
 * while it can still report a failure. */
#ifndef ONE_RING_SYS_OUTPUT_H
#define ONE_RING_SYS_OUTPUT_H

#include <stddef.h>

/* Prints text to stdout. sys_output_flush reports a failure of this call. */
void sys_output_print(const char *text);

/* Flushes stdout.
 *
 * Returns 0       all output since the program started was written
 *         -EIO    an earlier write failed; its errno is lost
 *         -errno  this write failed */
int sys_output_flush(void);

/* Writes all len bytes to fd, with as many calls of write(2) as needed.
 * Continues after a signal. May block, as write(2) does. Safe in a signal
 * handler.
 *
 * Returns 0        success
 *         -ENOSPC  fd accepts no more bytes; a part may have been written
 *         -errno   from write(2); a part may have been written */
int sys_write_all(int fd, const char *data, size_t len);

#endif

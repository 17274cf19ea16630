/* send_promised.h: sends the body of a response.
 *
 * An exercise of phase 10; see phase10/exercises/README.md. */
#ifndef SEND_PROMISED_H
#define SEND_PROMISED_H

#include <liburing.h>
#include <stdint.h>

/* Sends the first promised bytes of a file to a socket, through the ring. The
 * head with "Content-Length: promised" has been sent already. Other programs
 * may write to the file, or make it shorter.
 *
 * Returns 0         exactly promised bytes were sent
 *         -ENODATA  the file has become shorter; its bytes up to there were
 *                   sent, and no others. The caller resets the connection
 *         -errno    a read or a send failed, for example -EPIPE */
int send_promised(struct io_uring *ring, int file, int sock,
                  uint64_t promised);

#endif

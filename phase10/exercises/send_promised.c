/* send_promised: a Content-Length is a promise.
 *
 * The task: write send_promised. send_promised.h has its contract.
 *
 *   - A file may have grown since you promised: send no byte more.
 *   - It may have become shorter: a read returns 0. You cannot keep the
 *     promise. Send nothing in place of the bytes, and report it.
 *   - A send may be short: the socket's buffer is full. Send the rest.
 *   - If the peer has gone away, return the error. MSG_NOSIGNAL prevents
 *     SIGPIPE, which would end the process.
 *   - A block of 16 KiB is enough: read a block, send all of it, and go on. */
#include "send_promised.h"

#include <errno.h>
#include <sys/socket.h>

int send_promised(struct io_uring *ring, int file, int sock,
                  uint64_t promised)
{
    return -ENOSYS; /* yours */
}

/* systemd.h: sockets from a service manager, and reports to it.
 * Introduced in phase 10. Needs: server_limits.h.
 *
 * systemd can open the listening sockets of a service, and pass them on when it
 * starts the service. Then the service does not need the right to bind the
 * port, and no client is refused while the service restarts. systemd can also
 * wait until the first client connects, and only then start the service.
 *
 *     LISTEN_PID     the process that the sockets are for
 *     LISTEN_FDS     their number; the first one is descriptor 3
 *     LISTEN_FDNAMES their names, which we do not need
 *     NOTIFY_SOCKET  a Unix socket that takes "READY=1" and "STOPPING=1"
 *
 * Any program may set these variables: see systemd-socket-activate(1). Source:
 * sd_listen_fds(3), sd_notify(3). */
#ifndef ONE_RING_SYSTEMD_H
#define ONE_RING_SYSTEMD_H

#include "server_limits.h"

struct systemd {
    int listeners[LIMIT_THREADS_MAX]; /* owned by the caller of systemd_take */
    unsigned listener_count;          /* 0: the program itself listens */
    int notify_fd; /* owned; 0: send no reports (fd 0 is always stdin) */
    int failed_fd; /* the descriptor that systemd_take refused */
};

/* Takes ownership of the sockets, and connects to the socket for reports. Then
 * removes the environment variables, so that no child takes the sockets again.
 * Call it before other threads exist. Because the socket for reports is already
 * connected, systemd_notify works in a confined process, too (confine.h).
 *
 * Returns 0         success, or no service manager has set the variables
 *         -EINVAL   LISTEN_FDS is not a number
 *         -E2BIG    there are more than LIMIT_THREADS_MAX sockets
 *         -ENOTSOCK failed_fd is not a stream socket that listens */
int systemd_take(struct systemd *systemd);

/* Sends a line such as "READY=1", if notify_fd is open. Does not block or
 * suspend: if the socket of the manager is full, the report is lost. */
void systemd_notify(const struct systemd *systemd, const char *line);

#endif

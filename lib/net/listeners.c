/* listeners.c: a listening socket for each worker; see listeners.h.
 * Introduced in phase 8. Needs: listeners.h, sys.h, systemd.h. */
#include "listeners.h"

#include "sys.h"
#include "systemd.h"

/* Returns the socket from systemd for worker i, or -errno. There are at least
 * as many workers as sockets. If there are more workers than sockets, the last
 * workers get duplicates of the first sockets. */
static int listener_of_systemd(const struct systemd *systemd, unsigned i)
{
    struct net_address address;
    int rc;

    if (i >= systemd->listener_count)
        return sys_duplicate(
            systemd->listeners[i % systemd->listener_count], -1);
    rc = net_adopt(systemd->listeners[i], &address);
    return rc < 0 ? rc : systemd->listeners[i];
}

int listeners_await_open(const struct service_options *options,
                         struct net_address *at, struct worker *workers,
                         unsigned count)
{
    const bool is_passed = options->systemd.listener_count > 0;
    const bool is_unix = at->storage.ss_family == AF_UNIX;

    for (unsigned i = 0; i < count; i++) {
        int fd;

        /* The kernel spreads TCP connections over sockets that share an
         * address. Unix sockets cannot share a path, so all workers accept
         * from one socket. */
        if (is_passed)
            fd = listener_of_systemd(&options->systemd, i);
        else if (is_unix && i > 0)
            fd = sys_duplicate(workers[0].listener, -1);
        else
            fd = net_await_listen(at, LIMIT_BACKLOG, i > 0);
        if (fd < 0)
            return worker_fail(&workers[0], SERVICE_LISTEN, fd);
        workers[i].listener = fd;
        if (options->send_buf_len > 0) /* accepted sockets inherit it */
            (void)sys_set_option(fd, SOL_SOCKET, SO_SNDBUF,
                                 (int)options->send_buf_len);
        /* Set SO_REUSEPORT on the first listener only now that it listens. If
         * the option were set earlier, bind could succeed although another
         * process listens at the address. */
        if (i == 0 && count > 1 && !is_unix && !is_passed)
            (void)net_share(fd);
    }
    return 0;
}

void listeners_report(const struct service_options *options,
                      const struct net_address *at)
{
    const struct systemd *systemd = &options->systemd;

    for (unsigned i = 0; i < systemd->listener_count; i++) {
        struct net_address address = {0};

        if (sys_local_address(systemd->listeners[i], &address.storage,
                              &address.len) == 0)
            options->on_listening(&address);
    }
    if (systemd->listener_count == 0)
        options->on_listening(at);
    systemd_notify(systemd, "READY=1");
}

/* systemd.c: sockets from a service manager; see systemd.h.
 * Introduced in phase 10. Needs: systemd.h, command.h, sys.h, sys_net.h.
 *
 * What it teaches: every child inherits the environment, even a child that does
 * not inherit the sockets. So a process uses LISTEN_FDS only if LISTEN_PID is
 * its own process ID. */
#include "systemd.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "command.h"
#include "sys.h"
#include "sys_net.h"

#define FIRST_FD 3

/* Reads a number from an environment variable. Returns false if the variable is
 * unset, or not a number. */
static bool variable(const char *name, uint64_t *value)
{
    const char *text = getenv(name);

    return text != NULL && command_number(text, 0, INT_MAX, value);
}

static int take_listeners(struct systemd *systemd)
{
    uint64_t pid, count;

    if (!variable("LISTEN_PID", &pid) || (int)pid != sys_process_id() ||
        getenv("LISTEN_FDS") == NULL)
        return 0;
    if (!variable("LISTEN_FDS", &count))
        return -EINVAL;
    if (count > LIMIT_THREADS_MAX)
        return -E2BIG;
    for (int i = 0; i < (int)count; i++) {
        systemd->listeners[i] = systemd->failed_fd = FIRST_FD + i;
        if (sys_adopt_listener(FIRST_FD + i) < 0)
            return -ENOTSOCK;
    }
    systemd->listener_count = (unsigned)count;
    return 0;
}

/* Connects before the process is confined, because Landlock may later forbid
 * abstract sockets, whose names begin with '@'. Ignores failures: without
 * reports, systemd ends the service after its TimeoutStartSec, and logs the
 * reason. */
static int open_notify(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    int fd;

    if ((path[0] != '/' && path[0] != '@') || len >= sizeof to.sun_path)
        return 0;
    memcpy(to.sun_path, path, len);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    fd = sys_socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0)
        return 0;
    if (sys_connect(fd, (const struct sockaddr *)&to,
                    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) <
        0) {
        sys_close(fd);
        return 0;
    }
    return fd;
}

int systemd_take(struct systemd *systemd)
{
    static const char *const names[] = {"LISTEN_PID", "LISTEN_FDS",
                                        "LISTEN_FDNAMES", "NOTIFY_SOCKET"};
    const char *path = getenv("NOTIFY_SOCKET");
    int rc;

    *systemd = (struct systemd){0};
    rc = take_listeners(systemd);
    if (rc == 0 && path != NULL)
        systemd->notify_fd = open_notify(path);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)unsetenv(names[i]);
    return rc;
}

void systemd_notify(const struct systemd *systemd, const char *line)
{
    if (systemd->notify_fd > 0)
        (void)sys_send_now(systemd->notify_fd, line, strlen(line));
}

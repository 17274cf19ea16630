/* server_command.c: reads the servers' command line; see server_command.h.
 * Introduced in phase 8. Needs: server_command.h, err.h, sys_net.h. */
#include "server_command.h"

#include <errno.h>

#include "err.h"
#include "sys_net.h"

/* Parses text as octal permissions. Returns 1 to 0777, or 0 if text is not
 * valid. */
static mode_t octal_mode(const char *text)
{
    mode_t mode = 0;

    for (; *text >= '0' && *text <= '7' && mode <= 0777; text++)
        mode = mode * 8 + (mode_t)(*text - '0');
    return *text == '\0' && mode <= 0777 ? mode : 0;
}

/* Takes sockets from systemd, if there are any. Each socket needs a thread, so
 * this may raise the number of threads. Returns 0, or COMMAND_USAGE after
 * printing a message. */
static int take_sockets(struct service_options *service,
                        const struct command *command)
{
    struct systemd *systemd = &service->systemd;
    int rc = systemd_take(systemd);

    if (rc == -ENOTSOCK)
        return command_misuse(command, "descriptor %d, which LISTEN_FDS "
                              "passes, is not a stream socket that listens: "
                              "use ListenStream= and Accept=no",
                              systemd->failed_fd);
    if (rc < 0)
        return command_misuse(command, "LISTEN_FDS: not a number from 0 to %d",
                              (int)LIMIT_THREADS_MAX);
    if (service->limits.threads < systemd->listener_count)
        service->limits.threads = systemd->listener_count;
    return 0;
}

/* Reads --mode. Returns 0, or COMMAND_USAGE after printing a message. */
static int read_mode(const struct server_command *server,
                     struct net_address *address, struct command *command)
{
    if (server->mode == NULL)
        return 0;
    address->mode = octal_mode(server->mode);
    if (address->mode == 0)
        return command_misuse(command, "--mode %.200s: it takes octal digits "
                              "from 1 to 777", server->mode);
    if (address->storage.ss_family != AF_UNIX)
        return command_misuse(command, "--mode needs --bind unix:PATH");
    return 0;
}

int server_command_read(const struct server_command *server,
                        struct service_options *service,
                        struct command *command, int argc, char **argv)
{
    int code, rc;

    (void)sys_open_stdio(); /* before any socket is opened */
    code = command_read(command, argc, argv);
    if (code != COMMAND_GO_ON)
        return code;
    service->limits = server->limits;
    rc = net_parse(&service->address, server->bind, server->port);
    if (rc < 0)
        return command_misuse(command, "--bind %.200s: %s (%s): it takes a "
                              "numeric address, localhost, or unix:PATH",
                              server->bind, err_words(rc), err_name(rc));
    rc = read_mode(server, &service->address, command);
    if (rc == 0)
        rc = take_sockets(service, command);
    return rc != 0 ? rc : COMMAND_GO_ON;
}

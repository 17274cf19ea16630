/* server_command.c: reads the servers' command line; see server_command.h.
 * Introduced in phase 8. Needs: server_command.h, err.h. */
#include "server_command.h"

#include "err.h"

int server_command_read(const struct server_command *server,
                        struct service_options *service,
                        struct command *command, int argc, char **argv)
{
    int code = command_read(command, argc, argv), rc;

    if (code != COMMAND_GO_ON)
        return code;
    service->limits = server->limits;
    rc = net_parse(&service->address, server->bind, server->port);
    if (rc < 0)
        return command_misuse(command, "--bind %.200s: %s (%s): it takes a "
                              "numeric address or unix:PATH",
                              server->bind, err_words(rc), err_name(rc));
    return COMMAND_GO_ON;
}

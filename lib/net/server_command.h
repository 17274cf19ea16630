/* server_command.h: the command line that the servers share.
 * Introduced in phase 8. Needs: command.h, server_limits.h, service.h.
 *
 *     static struct server_command server = SERVER_COMMAND_DEFAULT(7878);
 *     static const struct command_option options[] = {
 *         SERVER_COMMAND_OPTIONS(server),
 *         {.name = "root", .text = &root},
 *         {0},
 *     };
 *
 * A program adds its own options to the table, and SERVER_COMMAND_HELP to its
 * help text. */
#ifndef ONE_RING_SERVER_COMMAND_H
#define ONE_RING_SERVER_COMMAND_H

#include "command.h"
#include "server_limits.h"
#include "service.h"

struct server_command {
    const char *bind; /* borrowed from argv, or the default */
    const char *mode; /* borrowed from argv; NULL: not given */
    unsigned port;
    struct limits limits;
};

#define SERVER_COMMAND_DEFAULT(port_default)                                  \
    {.bind = "127.0.0.1", .port = (port_default), .limits = LIMITS_DEFAULT}

#define SERVER_COMMAND_MS_MAX 86400000 /* one day */

/* The rows for a program's table of options. */
#define SERVER_COMMAND_OPTIONS(server)                                        \
    {.name = "bind", .text = &(server).bind},                                 \
    {.name = "mode", .text = &(server).mode},                                 \
    {.name = "port", .letter = 'p', .number = &(server).port, .max = 65535},  \
    SERVER_COMMAND_NUMBER("sq", (server).limits.sq, 2, 32768),                \
    SERVER_COMMAND_NUMBER("cq", (server).limits.cq, 16, LIMIT_CQ_MAX),        \
    SERVER_COMMAND_NUMBER("bufs", (server).limits.bufs, 1, 32768),            \
    SERVER_COMMAND_NUMBER("max-conns", (server).limits.conns_max, 1,          \
                          LIMIT_CONNS_MAX),                                   \
    SERVER_COMMAND_NUMBER("threads", (server).limits.threads, 1,              \
                          LIMIT_THREADS_MAX),                                 \
    SERVER_COMMAND_MS("header-ms", (server).limits.header_ms),                \
    SERVER_COMMAND_MS("idle-ms", (server).limits.idle_ms),                    \
    SERVER_COMMAND_MS("send-ms", (server).limits.send_ms),                    \
    SERVER_COMMAND_MS("drain-ms", (server).limits.drain_ms),                  \
    SERVER_COMMAND_NUMBER("max-per-address",                                  \
                          (server).limits.per_address_max, 0, 1000000),       \
    SERVER_COMMAND_NUMBER("min-rate", (server).limits.rate_min, 0, 1000000),  \
    SERVER_COMMAND_MS("rate-ms", (server).limits.rate_ms)
#define SERVER_COMMAND_NUMBER(text, value, least, most)                       \
    {.name = (text), .number = &(value), .min = (least), .max = (most)}
#define SERVER_COMMAND_MS(text, value)                                        \
    SERVER_COMMAND_NUMBER(text, value, 1, SERVER_COMMAND_MS_MAX)

/* The lines of --help for SERVER_COMMAND_OPTIONS. port_default is a string. A
 * program that has --help-all leaves SERVER_COMMAND_HELP_LIMITS out of its
 * --help. */
#define SERVER_COMMAND_HELP(port_default)                                     \
    SERVER_COMMAND_HELP_ADDRESS(port_default) SERVER_COMMAND_HELP_LIMITS
#define SERVER_COMMAND_HELP_ADDRESS(port_default)                             \
    "  -p, --port N     TCP port; 0: one that is free (" port_default ")\n"    \
    "  --bind ADDRESS   IPv4, IPv6 (also with a zone: fe80::1%eth0),\n"       \
    "                   localhost, or unix:PATH, whose mode --mode sets\n"    \
    "                   (127.0.0.1)\n"                                        \
    "  --threads N      threads, each with its ring (1; at most 64)\n"
#define SERVER_COMMAND_HELP_LIMITS                                            \
    "  --mode MODE      permissions of the Unix socket, in octal (by umask)\n" \
    "  --max-conns N    connections per ring (as many as the open files of\n" \
    "                   the process allow, see ulimit -n; at most 20000)\n"    \
    "  --bufs N         receive buffers per ring, rounded up to a power of\n" \
    "                   two (256; at most 32768)\n"                           \
    "  --sq N, --cq N   entries of each ring (512; 4096, or as many as the\n" \
    "                   connections need)\n"                                   \
    "  --header-ms N    time for a whole request head, in ms (10000)\n"       \
    "  --idle-ms N      until an idle connection is closed (30000)\n"         \
    "  --send-ms N      until the peer must have taken bytes (30000)\n"       \
    "  --drain-ms N     time for unfinished work after SIGTERM (10000)\n"     \
    "  --max-per-address N\n"                                                 \
    "                   connections per client's address, IPv6 by /64; more\n" \
    "                   are closed at once (0: no limit)\n"                    \
    "  --min-rate N     bytes per second that a client has to take (500; 0:\n" \
    "                   no limit), over --rate-ms N (60000)\n"

/* Reads the command line. Its options set the fields of *server, from which
 * this function then sets service->limits and service->address. If stdin,
 * stdout or stderr is closed, opens /dev/null in its place, so that no socket
 * gets its number.
 *
 * Returns COMMAND_GO_ON  success
 *         COMMAND_DONE   --help or --version was printed
 *         command->output_failed
 *                        stdout failed; a message was printed
 *         COMMAND_FAILED stdout failed, and command->output_failed is 0
 *         COMMAND_USAGE  an option or the address is invalid; a message was
 *                        printed */
int server_command_read(const struct server_command *server,
                        struct service_options *service,
                        struct command *command, int argc, char **argv);

#endif

/* echo.c: returns to every client what it sent.
 *
 * What it teaches: a network server on completions. There is no readiness, no
 * O_NONBLOCK and no state machine: a connection is a function that receives,
 * sends, and ends. What it receives lies in a buffer of the shared pool, and is
 * sent from there: no byte is copied in this program.
 *
 * Read serve() first: it is the whole server. lib/server.h and lib/stream.h are
 * what it stands on. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "await.h"
#include "err.h"
#include "host.h"

#define PORT_DEFAULT 7878
#define NS_PER_MS UINT64_C(1000000)

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* One connection, from its first byte to its last. The deadline is set anew for
 * each wait; while the peer does not read, await_send does not return, nothing
 * more is received, and the peer's own window closes. */
static void serve(struct conn *conn) /* task body */
{
    const struct limits *limits = conn->server->options.limits;
    struct chunk chunk;
    int rc;

    for (;;) {
        conn_set_idle(conn, !stream_has_chunk(&conn->in));
        deadline_set_ns(limits->idle_ms * NS_PER_MS);
        if (await_chunk(&conn->in, &chunk) <= 0)
            break;
        conn_set_idle(conn, false);
        deadline_set_ns(limits->send_ms * NS_PER_MS);
        rc = await_send_all(conn->fd, chunk.data, chunk.len);
        stream_give_back(&conn->in, &chunk);
        if (rc < 0) {
            conn->aborts = true; /* it must not take half an echo for all */
            break;
        }
    }
}

static void print_listening(const struct net_address *address)
{
    char text[NET_TEXT_MAX];

    net_format(address, text);
    printf("listening on tcp://%s\n", text);
    fflush(stdout);
}

static void print_help(void)
{
    printf("usage: echo [options]\n"
           "Returns to every client what it sent, until SIGTERM.\n\n"
           "  --bind ADDRESS   IPv4, IPv6, or unix:PATH (127.0.0.1)\n"
           "  --port N         0: any that is free (%d)\n"
           "%s"
           "  --help, --version\n",
           PORT_DEFAULT, limits_help);
}

struct arguments {
    const char *bind;
    unsigned port;
};

static int parse(int argc, char **argv, struct host_options *host,
                 struct arguments *arguments)
{
    static const struct option options[] = {
        {"bind", required_argument, NULL, 'b'},
        {"port", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        LIMITS_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    int code;

    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (code) {
        case 'h':
            print_help();
            exit(EXIT_SUCCESS);
        case 'V':
            puts("echo (one-ring) 0.1");
            exit(EXIT_SUCCESS);
        case 'b':
            arguments->bind = optarg;
            break;
        case 'p':
            if (net_parse_port(&arguments->port, optarg) < 0) {
                fprintf(stderr, "echo: --port %s: not a port; use 0 to 65535\n",
                        optarg);
                return EXIT_USAGE;
            }
            break;
        case '?':
            fprintf(stderr, "echo: --help lists the options\n");
            return EXIT_USAGE;
        default:
            if (limits_set(&host->limits, code, optarg) < 0) {
                fprintf(stderr, "echo: '%s' is out of range; see --help\n",
                        optarg);
                return EXIT_USAGE;
            }
        }
    }
    if (optind < argc) {
        fprintf(stderr, "echo: unexpected argument '%s'\n", argv[optind]);
        return EXIT_USAGE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.bind = "127.0.0.1", .port = PORT_DEFAULT};
    struct host_options options = {
        .limits = LIMITS_DEFAULT,
        .name = "echo connection",
        .serve = serve,
        .on_listening = print_listening,
    };
    enum host_step step;
    int rc = parse(argc, argv, &options, &arguments);

    if (rc != EXIT_SUCCESS)
        return rc;
    rc = net_parse(&options.address, arguments.bind, arguments.port);
    if (rc < 0) {
        fprintf(stderr, "echo: --bind %s: not a numeric address (%s)\n",
                arguments.bind, err_name(rc));
        return EXIT_USAGE;
    }
    rc = host_run(&options, &step);
    if (rc < 0) {
        fprintf(stderr, "echo: %s on %s port %u: %s (%s)\n",
                host_step_words(step), arguments.bind, arguments.port,
                err_words(rc), err_name(rc));
        return step == HOST_RING ? EXIT_USAGE : EXIT_FAILED;
    }
    return EXIT_SUCCESS;
}

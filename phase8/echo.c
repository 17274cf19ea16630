/* echo.c: returns to every client what it sent.
 *
 * What it teaches: a network server on completions. There is no readiness, no
 * O_NONBLOCK and no state machine: a connection is a function that receives,
 * sends, and ends. What it receives lies in a buffer of the shared pool, and is
 * sent from there: no byte is copied in this program.
 *
 * Read serve() first: it is the whole server. It is built on lib/net/server.h
 * and lib/net/stream.h. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "await.h"
#include "err.h"
#include "service.h"

#define PORT_DEFAULT 7878
#define NS_PER_MS UINT64_C(1000000)

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* One connection, from its first byte to its last. The deadline is set anew for
 * each wait. While the peer does not read, await_send_all does not return,
 * nothing more is received, and the peer's own window closes: it waits for
 * itself. */
static void echo_serve(struct conn *conn) /* task body */
{
    const struct limits *limits = conn->server->options.limits;
    struct chunk chunk;
    int rc;

    for (;;) {
        conn_set_idle(conn, !stream_has_chunk(&conn->in));
        deadline_set_ns(limits->idle_ms * NS_PER_MS);
        if (stream_await_chunk(&conn->in, &chunk) <= 0)
            break;
        conn_set_idle(conn, false);
        deadline_set_ns(limits->send_ms * NS_PER_MS);
        rc = await_send_all(conn->fd, chunk.data, chunk.len);
        stream_release(&conn->in, &chunk);
        if (rc < 0) {
            conn->aborts = true; /* it must not take half an echo for all */
            break;
        }
    }
}

/* The first line on stdout: scripts wait for it, and read the port from it. */
static void echo_print_listening(const struct net_address *address)
{
    const char *scheme = address->storage.ss_family == AF_UNIX ? "" : "tcp://";
    char text[NET_TEXT_MAX];

    net_format(address, text);
    printf("listening on %s%s\n", scheme, text);
    fflush(stdout);
}

static void print_help(void)
{
    printf("usage: echo [options]\n"
           "Returns to every client what it sent, until SIGTERM.\n\n"
           "  --bind ADDRESS   IPv4, IPv6, or unix:PATH (127.0.0.1)\n"
           "  --port N         0: any that is free (%d)\n"
           "%s"
           "  --help, --version\n\n"
           "SIGUSR1 prints counters; a second SIGTERM waits for nobody.\n",
           PORT_DEFAULT, limits_help);
}

struct arguments {
    const char *bind; /* borrowed: argv's */
    unsigned port;
};

/* One option and its argument. Returns 0 or -EINVAL. */
static int take_option(int code, struct arguments *arguments,
                       struct limits *limits)
{
    switch (code) {
    case 'h':
        print_help();
        exit(EXIT_SUCCESS);
    case 'V':
        puts("echo (one-ring) 0.1");
        exit(EXIT_SUCCESS);
    case 'b':
        arguments->bind = optarg;
        return 0;
    case 'p':
        return net_parse_port(&arguments->port, optarg);
    default:
        return limits_set(limits, code, optarg);
    }
}

/* Reads the command line. Returns 0, or what to exit with. */
static int parse(int argc, char **argv, struct service_options *host)
{
    static const struct option options[] = {
        {"bind", required_argument, NULL, 'b'},
        {"port", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        LIMITS_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    struct arguments arguments = {.bind = "127.0.0.1", .port = PORT_DEFAULT};
    int code, index, rc;

    while ((code = getopt_long(argc, argv, "", options, &index)) != -1) {
        if (code == '?') { /* getopt_long has said what is wrong */
            fprintf(stderr, "echo: --help lists the options\n");
            return EXIT_USAGE;
        }
        if (take_option(code, &arguments, &host->limits) < 0) {
            fprintf(stderr, "echo: --%s %s: not in its range; see --help\n",
                    options[index].name, optarg);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "echo: '%s': takes no arguments; see --help\n",
                argv[optind]);
        return EXIT_USAGE;
    }
    rc = net_parse(&host->address, arguments.bind, arguments.port);
    if (rc < 0) {
        fprintf(stderr, "echo: --bind %s: %s (%s); it takes a numeric address "
                        "or unix:PATH\n",
                arguments.bind, err_words(rc), err_name(rc));
        return EXIT_USAGE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct service_options options = {
        .limits = LIMITS_DEFAULT,
        .name = "echo connection",
        .serve = echo_serve,
        .on_listening = echo_print_listening,
    };
    char where[NET_TEXT_MAX];
    enum service_step step;
    int rc = parse(argc, argv, &options);

    if (rc != EXIT_SUCCESS)
        return rc;
    rc = service_run(&options, &step);
    if (rc == 0)
        return EXIT_SUCCESS;
    net_format(&options.address, where);
    fprintf(stderr, "echo: %s at %s: %s (%s): %s\n", service_step_words(step),
            where, err_words(rc), err_name(rc), service_advice(step, rc));
    return step == SERVICE_RING ? EXIT_USAGE : EXIT_FAILED;
}

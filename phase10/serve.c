/* serve.c: a static web server.
 *
 * What it teaches: a web server needs only what the nine phases before this one
 * have built. This file has the options, the root, and what the connections of
 * a ring share. session.c serves a connection, answer.c makes a response, and
 * inbox.c holds the bytes that were received.
 *
 *     signals, options --> service.c --> a ring per thread --> connections
 *                                      `-- struct site      `-- struct session
 *
 * Exit codes: 0 after SIGTERM or SIGINT; 1 if it cannot serve or continue; 2
 * for the command line, the root, and a machine without io_uring. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "service.h"
#include "session.h"
#include "sys.h"

#define PORT_DEFAULT 8080
#define RINGS_MAX 64

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* The options besides the limits. */
struct arguments {
    const char *root; /* borrowed, as the others: argv's */
    const char *bind;
    unsigned port;
    bool shows_hidden;
};

/* All rings share types and root_fd, which nothing writes while they run. Each
 * ring has its own struct site for mutable state. The root is an fd, not a
 * name: a rename of the directory does not change what is served. */
static struct mime types;
static struct site sites[RINGS_MAX];
static int root_fd;

/* Initializes a ring's site. A task of that ring calls it. Returns 0 or
 * -errno. */
static int serve_open_site(void **context, unsigned ring, void *arg)
{
    const struct arguments *arguments = arg;
    struct site *site = &sites[ring];
    int rc;

    site->types = &types;
    site->shows_hidden = arguments->shows_hidden;
    rc = transfer_pool_init(&site->pool);
    if (rc < 0)
        return rc;
    rc = cache_init(&site->cache, root_fd);
    if (rc < 0)
        transfer_pool_finish(&site->pool);
    *context = site;
    return rc;
}

/* Frees a ring's site. Every connection has ended, so no copy is being read and
 * no buffer is in use. */
static void serve_close_site(void *context)
{
    struct site *site = context;

    cache_finish(&site->cache);
    transfer_pool_finish(&site->pool);
}

/* Prints the line that scripts wait for: from now on the server accepts
 * connections. Flushes it, because a pipe would not get it before the end. */
static void serve_print_listening(const struct net_address *address)
{
    char text[NET_TEXT_MAX];

    net_format(address, text);
    printf("listening on http://%s\n", text);
    fflush(stdout);
}

static void print_help(void)
{
    printf("usage: serve [options]\n"
           "Serves the files of a directory over HTTP/1.1, until SIGTERM.\n\n"
           "  --root DIR       the directory (.)\n"
           "  --bind ADDRESS   IPv4, IPv6, or unix:PATH (127.0.0.1)\n"
           "  --port N         0: any that is free (%d)\n"
           "  --hidden         also serve names that begin with a dot\n"
           "%s"
           "  --help, --version\n",
           PORT_DEFAULT, limits_help);
}

/* Applies one option. Returns 0, or -EINVAL after printing a message. */
static int take_option(int code, struct service_options *host,
                       struct arguments *arguments)
{
    int rc = 0;

    switch (code) {
    case 'r':
        arguments->root = optarg;
        break;
    case 'b':
        arguments->bind = optarg;
        break;
    case 'H':
        arguments->shows_hidden = true;
        break;
    case 'p':
        rc = net_parse_port(&arguments->port, optarg);
        break;
    case '?':
        fprintf(stderr, "serve: --help lists the options\n");
        return -EINVAL;
    default:
        rc = limits_set(&host->limits, code, optarg);
    }
    if (rc < 0)
        fprintf(stderr, "serve: '%s' is no number in range; see --help\n",
                optarg);
    return rc;
}

/* Applies the command line. --help and --version exit here, whatever follows
 * them. Returns EXIT_SUCCESS to go on, or the exit code. */
static int parse(int argc, char **argv, struct service_options *host,
                 struct arguments *arguments)
{
    static const struct option options[] = {
        {"root", required_argument, NULL, 'r'},
        {"bind", required_argument, NULL, 'b'},
        {"port", required_argument, NULL, 'p'},
        {"hidden", no_argument, NULL, 'H'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        LIMITS_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    int code;

    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (code == 'h') {
            print_help();
            exit(EXIT_SUCCESS);
        }
        if (code == 'V') {
            puts("serve (one-ring) 0.1");
            exit(EXIT_SUCCESS);
        }
        if (take_option(code, host, arguments) < 0)
            return EXIT_USAGE;
    }
    if (optind < argc) {
        fprintf(stderr, "serve: unexpected argument '%s'; see --help\n",
                argv[optind]);
        return EXIT_USAGE;
    }
    return EXIT_SUCCESS;
}

/* Opens the root. Fails now if it cannot be read and searched: otherwise the
 * server would refuse every request without a reason. Returns an fd or
 * -errno. */
static int open_root(const char *root)
{
    static char inside[PATH_MAX];
    int len = snprintf(inside, sizeof inside, "%s/.", root);

    if (root[0] == '\0')
        return -ENOENT;
    if ((size_t)len >= sizeof inside)
        return -ENAMETOOLONG;
    return sys_open(inside, O_RDONLY | O_DIRECTORY, 0);
}

/* Checks all arguments before the server listens. Returns the exit code, after
 * printing a message, or EXIT_SUCCESS. */
static int prepare(struct service_options *host,
                   const struct arguments *arguments)
{
    int rc = net_parse(&host->address, arguments->bind, arguments->port);

    if (rc < 0) {
        fprintf(stderr, "serve: --bind %s: not a numeric address (%s)\n",
                arguments->bind, err_name(rc));
        return EXIT_USAGE;
    }
    root_fd = open_root(arguments->root);
    if (root_fd < 0) {
        fprintf(stderr, "serve: --root '%s': %s (%s); it must be a directory "
                "that may be read and searched\n",
                arguments->root, err_words(root_fd), err_name(root_fd));
        return EXIT_USAGE;
    }
    /* Not every system has the file, and the built-in types cover most sites.
     * */
    rc = mime_init(&types, "/etc/mime.types");
    if (rc < 0 && rc != -ENOENT)
        fprintf(stderr, "serve: /etc/mime.types: %s (%s); using what of it "
                "was read, and the built-in types\n",
                err_words(rc), err_name(rc));
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {
        .root = ".", .bind = "127.0.0.1", .port = PORT_DEFAULT,
    };
    struct service_options options = {
        .limits = LIMITS_DEFAULT,
        .name = "http connection",
        .serve = session_serve,
        .state_len = sizeof(struct session),
        .on_listening = serve_print_listening,
        .await_open = serve_open_site,
        .await_close = serve_close_site,
        .arg = &arguments,
    };
    char where[NET_TEXT_MAX];
    enum service_step step;
    int rc = parse(argc, argv, &options, &arguments);

    if (rc == EXIT_SUCCESS)
        rc = prepare(&options, &arguments);
    if (rc != EXIT_SUCCESS)
        return rc;
    rc = service_run(&options, &step);
    sys_close(root_fd);
    if (rc == 0)
        return EXIT_SUCCESS;
    net_format(&options.address, where);
    fprintf(stderr, "serve: %s at %s: %s (%s): %s\n", service_step_words(step),
            where, err_words(rc), err_name(rc), service_advice(step, rc));
    return step == SERVICE_RING ? EXIT_USAGE : EXIT_FAILED;
}

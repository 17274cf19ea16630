/* load_options.c: the command line of echo-client; see load_options.h.
 *
 * Messages name the option, what it was given, and where to read what it takes;
 * they go to stderr, while help and version were requested, and go to
 * stdout. */
#include "load_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"

static void print_help(void)
{
    puts("usage: echo-client [options]\n"
         "Sends messages to an echo server, checks what comes back, and\n"
         "measures.\n\n"
         "  --host ADDRESS  IPv4, IPv6 or unix:PATH (127.0.0.1)\n"
         "  --port N        (7878)\n"
         "  --conns N       connections at a time (1; at most 20000)\n"
         "  --size N        bytes of a message (64; at most 1048576)\n"
         "  --seconds N     for how long (2; 0 with --bytes: until done)\n"
         "  --bytes N       at most so many bytes a connection (no limit)\n"
         "  --help, --version\n\n"
         "exit: 0 all came back, 1 something was wrong or lost, 2 usage");
}

/* A decimal number from min to max. strtoull alone would take blanks, a sign,
 * and half of "12x". Returns 0 or -EINVAL. */
static int read_number(uint64_t *value, const char *text, uint64_t min,
                       uint64_t max)
{
    char *end;
    uint64_t number;

    if (text[0] < '0' || text[0] > '9')
        return -EINVAL;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (*end != '\0' || errno != 0 || number < min || number > max)
        return -EINVAL;
    *value = number;
    return 0;
}

/* One option and its argument. Returns 0 or -EINVAL. Prints what was requested,
 * and ends, if that is all. */
static int take_option(int code, struct load_options *options)
{
    uint64_t number = 0;
    int rc = 0;

    switch (code) {
    case 'H':
        options->host = optarg;
        break;
    case 'p':
        return net_parse_port(&options->port, optarg);
    case 'c':
        rc = read_number(&number, optarg, 1, LOAD_CONNS_MAX);
        options->conns = (unsigned)number;
        break;
    case 's':
        rc = read_number(&number, optarg, 1, LOAD_SIZE_MAX);
        options->size = (unsigned)number;
        break;
    case 't':
        rc = read_number(&number, optarg, 0, 86400);
        options->seconds = (unsigned)number;
        break;
    case 'b':
        rc = read_number(&options->bytes, optarg, 1, UINT64_MAX);
        break;
    case 'h':
        print_help();
        exit(LOAD_EXIT_DONE);
    default:
        puts("echo-client (one-ring) 0.1");
        exit(LOAD_EXIT_DONE);
    }
    return rc;
}

/* What each option says may not fit with another. */
static int complete(struct load_options *options)
{
    int rc;

    if (options->seconds == 0 && options->bytes == 0) {
        fprintf(stderr, "echo-client: --seconds 0 needs --bytes, or it would "
                        "never end\n");
        return LOAD_EXIT_USAGE;
    }
    rc = net_parse(&options->address, options->host, options->port);
    if (rc < 0) {
        fprintf(stderr, "echo-client: --host %s: %s (%s); it takes a numeric "
                        "address or unix:PATH\n",
                options->host, err_words(rc), err_name(rc));
        return LOAD_EXIT_USAGE;
    }
    return LOAD_EXIT_DONE;
}

int load_options_parse(struct load_options *options, int argc, char **argv)
{
    static const struct option table[] = {
        {"host", required_argument, NULL, 'H'},
        {"port", required_argument, NULL, 'p'},
        {"conns", required_argument, NULL, 'c'},
        {"size", required_argument, NULL, 's'},
        {"seconds", required_argument, NULL, 't'},
        {"bytes", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int code, index;

    while ((code = getopt_long(argc, argv, "", table, &index)) != -1) {
        if (code == '?') { /* getopt_long has said what is wrong */
            fprintf(stderr, "echo-client: --help lists the options\n");
            return LOAD_EXIT_USAGE;
        }
        if (take_option(code, options) < 0) {
            fprintf(stderr,
                    "echo-client: --%s %s: not in its range; see --help\n",
                    table[index].name, optarg);
            return LOAD_EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "echo-client: '%s': takes no arguments; see --help\n",
                argv[optind]);
        return LOAD_EXIT_USAGE;
    }
    return complete(options);
}

/* load_options.c: the command line of echo-client; see load_options.h.
 *
 * What it teaches: --help also describes what the figures mean. A reader of the
 * report cannot see how exact a quantile is, or which clock a latency counts
 * from. */
#include "load_options.h"

#include <string.h>

#include "err.h"

static const char help[] =
    "[options]\n"
    "Sends messages to an echo server, checks what comes back, and measures\n"
    "how long each message took.\n\n"
    "  --host ADDRESS  IPv4, IPv6 (also with a zone: fe80::1%eth0),\n"
    "                  localhost, or unix:PATH (127.0.0.1)\n"
    "  --port N        (7878)\n"
    "  --conns N       connections (1; at most 20000)\n"
    "  --depth N       messages under way per connection (1; at most 1024)\n"
    "  --size N[,N]... bytes of a message; several sizes are used in turn\n"
    "                  (64; at most 1048576)\n"
    "  --seconds N     for how long (2; 0 with --bytes: until done)\n"
    "  --bytes N       at most this many bytes per connection (no limit)\n"
    "  --rate N        open loop: N messages per second on all connections\n"
    "                  together, whether or not answers come\n"
    "  --http PATH     request this path of an HTTP server with GET, on\n"
    "                  connections that are kept alive\n"
    "  --threads N     threads, each with its ring (1; at most 64)\n"
    "  --patience N    give up after N seconds without any answer, or N\n"
    "                  seconds after the end of --seconds (10)\n"
    "  --progress      print a line per second on stderr\n"
    "  --help, --version\n\n"
    "Without --rate the next message waits for an answer, so a slow server is\n"
    "asked less. With --rate each message has a time at which it is due. Its\n"
    "latency counts from that time, even if it was sent later.\n\n"
    "A quantile is exact below 128 ns. Above, it is never smaller than the\n"
    "true one, and larger by less than 1.6 percent (1/64). Counts and the\n"
    "maximum are exact.\n\n"
    "exit: 0 all came back, 1 something was wrong or lost, 2 usage\n";

/* Reads "64" or "64,1024". Returns false if it is not a list of sizes. */
static bool read_sizes(struct load_options *options)
{
    const char *next = options->sizes_text;

    for (;;) {
        size_t len = strcspn(next, ",");
        char text[16] = "";
        uint64_t size;

        if (len >= sizeof text || options->size_count == LOAD_SIZES_MAX)
            return false;
        memcpy(text, next, len);
        if (!command_number(text, 1, LOAD_SIZE_MAX, &size))
            return false;
        options->sizes[options->size_count++] = (unsigned)size;
        if (next[len] == '\0')
            return true;
        next += len + 1;
    }
}

/* Checks what the table of options cannot. Returns COMMAND_GO_ON, or
 * COMMAND_USAGE after printing a message. */
static int check(struct load_options *options, struct command *command)
{
    int rc;

    if (!read_sizes(options))
        return command_misuse(command, "--size %.200s: it takes numbers from "
                              "1 to %u, at most %u of them",
                              options->sizes_text, LOAD_SIZE_MAX,
                              LOAD_SIZES_MAX);
    if (options->seconds == 0 && options->bytes == 0)
        return command_misuse(command, "--seconds 0 needs --bytes, or it "
                              "would never end");
    if (options->path != NULL &&
        (options->path[0] != '/' || strlen(options->path) > 1024 ||
         strpbrk(options->path, " \t\r\n") != NULL))
        return command_misuse(command, "--http %.200s: a path begins with /, "
                              "and has no blanks", options->path);
    if (options->threads > options->conns)
        options->threads = options->conns;
    rc = net_parse(&options->address, options->host, options->port);
    if (rc < 0)
        return command_misuse(command, "--host %.200s: %s (%s): it takes a "
                              "numeric address, localhost, or unix:PATH",
                              options->host, err_words(rc), err_name(rc));
    return COMMAND_GO_ON;
}

int load_options_parse(struct load_options *options, struct command *command,
                       int argc, char **argv)
{
    const struct command_option table[] = {
        {.name = "host", .text = &options->host},
        {.name = "port", .number = &options->port, .max = 65535},
        {.name = "conns", .number = &options->conns, .min = 1,
         .max = LOAD_CONNS_MAX},
        {.name = "depth", .number = &options->depth, .min = 1,
         .max = LOAD_DEPTH_MAX},
        {.name = "size", .text = &options->sizes_text},
        {.name = "seconds", .number = &options->seconds, .max = 86400},
        {.name = "bytes", .number64 = &options->bytes, .min = 1,
         .max = UINT64_MAX},
        {.name = "rate", .number = &options->rate, .min = 1, .max = 10000000},
        {.name = "http", .text = &options->path},
        {.name = "threads", .number = &options->threads, .min = 1,
         .max = LOAD_THREADS_MAX},
        {.name = "patience", .number = &options->patience_s, .min = 1,
         .max = 86400},
        {.name = "progress", .flag = &options->shows_progress},
        {0},
    };
    int code;

    *command = (struct command){
        .name = "echo-client",
        .help = help,
        .options = table,
    };
    code = command_read(command, argc, argv);
    command->options = NULL; /* the table ends with this function */
    return code == COMMAND_GO_ON ? check(options, command) : code;
}

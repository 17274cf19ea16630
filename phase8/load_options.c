/* load_options.c: the command line of echo-client; see load_options.h. */
#include "load_options.h"

#include "err.h"

static const char help[] =
    "[options]\n"
    "Sends messages to an echo server, checks what comes back, and\n"
    "measures.\n\n"
    "  --host ADDRESS  IPv4, IPv6 (also with a zone: fe80::1%eth0),\n"
    "                  localhost, or unix:PATH (127.0.0.1)\n"
    "  --port N        (7878)\n"
    "  --conns N       connections at a time (1; at most 20000)\n"
    "  --size N        bytes of a message (64; at most 1048576)\n"
    "  --seconds N     for how long (2; 0 with --bytes: until done)\n"
    "  --bytes N       at most this many bytes per connection (no limit)\n"
    "  --help, --version\n\n"
    "exit: 0 all came back, 1 something was wrong or lost, 2 usage\n";

int load_options_parse(struct load_options *options, struct command *command,
                       int argc, char **argv)
{
    const struct command_option table[] = {
        {.name = "host", .text = &options->host},
        {.name = "port", .number = &options->port, .max = 65535},
        {.name = "conns", .number = &options->conns, .min = 1,
         .max = LOAD_CONNS_MAX},
        {.name = "size", .number = &options->size, .min = 1,
         .max = LOAD_SIZE_MAX},
        {.name = "seconds", .number = &options->seconds, .max = 86400},
        {.name = "bytes", .number64 = &options->bytes, .min = 1,
         .max = UINT64_MAX},
        {0},
    };
    int rc, code;

    *command = (struct command){
        .name = "echo-client",
        .help = help,
        .options = table,
    };
    code = command_read(command, argc, argv);
    command->options = NULL; /* the table ends with this function */
    if (code != COMMAND_GO_ON)
        return code;
    if (options->seconds == 0 && options->bytes == 0)
        return command_misuse(command, "--seconds 0 needs --bytes, or it "
                              "would never end");
    rc = net_parse(&options->address, options->host, options->port);
    if (rc < 0)
        return command_misuse(command, "--host %.200s: %s (%s): it takes a "
                              "numeric address, localhost, or unix:PATH",
                              options->host, err_words(rc), err_name(rc));
    return COMMAND_GO_ON;
}

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
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "listing.h"
#include "sandbox.h"
#include "server_command.h"
#include "session.h"
#include "site_options.h"
#include "sys.h"
#include "trace_command.h"

/* The options. */
static struct server_command server = SERVER_COMMAND_DEFAULT(8080);
static struct trace_command trace = TRACE_COMMAND_DEFAULT;
static const char *root_name; /* borrowed: argv's; NULL: not given */
static struct sandbox sandbox;
static struct site_options site_options = {.requests_max = 100000};

/* Bytes that a connection may have on the way to its peer. The kernel would
 * allow several MiB. Then the memory into which it copies is never in the
 * processor's cache, and a copy takes twice as long. But a connection with a
 * long round trip needs more: 512 KiB per 100 ms are 40 Mbit/s. */
static unsigned send_buf_len = 524288;
static uint64_t cache_bytes = CACHE_BYTES; /* per ring */

/* The access log. Its file is shared by all rings. */
static unsigned log_format;
static const char *const log_formats[] = {"off", "combined", "json", NULL};
static const char *log_name; /* borrowed: argv's; NULL: stdout */
static struct log_file log_file;

static struct counters_page pages[LIMIT_THREADS_MAX];
static struct monitor monitor = {.pages = pages};

/* All rings share types, which nothing writes while they run, and root. Each
 * ring has its own struct site for mutable state. */
static struct mime types;
static struct docroot root;
static struct site sites[LIMIT_THREADS_MAX];

/* Initializes a ring's site. A task of that ring calls it. Returns 0 or
 * -errno. */
static int serve_open_site(void **context, unsigned ring,
                           const struct limits *limits)
{
    struct site *site = &sites[ring];
    int rc;

    *site = (struct site){.types = &types, .monitor = &monitor, .root = &root,
                          .options = &site_options};
    rc = transfer_pool_init(&site->pool);
    if (rc < 0)
        return rc;
    rc = cache_init(&site->cache, root.fd, cache_bytes);
    site->cache.files_max = limits->files_max;
    if (site_options.refuses_links)
        site->cache.resolve = RESOLVE_NO_SYMLINKS;
    if (rc == 0 && site_options.lists)
        rc = threadpool_init(&site->threads, LISTING_THREADS);
    if (rc == 0)
        rc = access_log_start(&site->log, log_format, &log_file);
    *context = site;
    if (rc < 0) {
        threadpool_await_finish(&site->threads);
        cache_finish(&site->cache);
        transfer_pool_finish(&site->pool);
    }
    return rc;
}

/* Frees a ring's site. Every connection has ended, so no copy is being read and
 * no buffer is in use. */
static void serve_close_site(void *context)
{
    struct site *site = context;

    threadpool_await_finish(&site->threads);
    access_log_await_end(&site->log);
    cache_finish(&site->cache);
    transfer_pool_finish(&site->pool);
}

/* SIGHUP: looks the root's name up at the next request, and opens the log
 * again. */
static void serve_await_hangup(void)
{
    atomic_store(&root.next_ns, 0);
    if (log_format != LOG_OFF)
        log_file_await_reopen(&log_file);
}

/* Prints the line that scripts wait for: from now on the server accepts
 * connections. Flushes it, because a pipe would not get it before the end. */
static void serve_print_listening(const struct net_address *address)
{
    static bool is_printed;
    char text[NET_TEXT_MAX];

    net_format(address, text);
    if (!is_printed)
        sandbox_print(&sandbox, &root, &loop_current()->ring);
    is_printed = true;
    printf("listening on http://%s\n", text);
    fflush(stdout);
}

/* Checks what the table of options cannot check, and takes the root from --root
 * or from the operand. Returns COMMAND_GO_ON, or COMMAND_USAGE after printing a
 * message. */
static int check_options(const struct command *command)
{
    if (log_name != NULL && log_format == LOG_OFF)
        return command_misuse(command, "--log-file needs --log");
    if (monitor.metrics != NULL && monitor.metrics[0] != '/')
        return command_misuse(command, "--metrics %.200s: it takes a path "
                              "that begins with '/'", monitor.metrics);
    if (command->operand_count > 0 && root_name != NULL)
        return command_misuse(command, "--root %.200s and %.200s: give the "
                              "directory once", root_name,
                              command->operands[0]);
    if (command->operand_count > 0)
        root_name = command->operands[0];
    if (root_name == NULL)
        root_name = ".";
    return COMMAND_GO_ON;
}

/* Opens and reads what the server needs before it listens. Returns the exit
 * code after printing a message, or COMMAND_GO_ON. */
static int prepare(void)
{
    int rc;

    rc = docroot_open(&root, root_name);
    if (rc < 0) {
        fprintf(stderr, "serve: --root '%s': %s (%s); it must be a directory "
                "that may be read and searched\n",
                root_name, err_words(rc), err_name(rc));
        return COMMAND_USAGE;
    }
    rc = log_format != LOG_OFF ? log_file_open(&log_file, log_name) : 0;
    if (rc < 0) {
        fprintf(stderr, "serve: --log-file '%s': %s (%s); it must be a file "
                "that may be written\n", log_name != NULL ? log_name : "stdout",
                err_words(rc), err_name(rc));
        return COMMAND_USAGE;
    }
    /* Not every system has the file, and the built-in types cover most sites.
     * */
    rc = mime_init(&types, "/etc/mime.types");
    if (rc < 0 && rc != -ENOENT)
        fprintf(stderr, "serve: /etc/mime.types: %s (%s); using what of it "
                "was read, and the built-in types\n",
                err_words(rc), err_name(rc));
    return COMMAND_GO_ON;
}

static const struct counters_more counters = {
    .counters = traffic_counters,
    .count = TRAFFIC_COUNTERS,
    .read = traffic_read,
    .pages = pages,
};

static const char help[] =
    "[options] [DIR]\n"
    "Serves the files of DIR (.) over HTTP/1.1, until SIGTERM or Ctrl-C.\n\n"
    "  --root DIR       another way to give DIR\n"
    SITE_OPTIONS_HELP
    "  --log off|combined|json\n"
    "                   a line per answer: address, time, request, status,\n"
    "                   bytes sent, seconds (off)\n"
    "  --log-file FILE  where to append the lines (stdout, after the line\n"
    "                   \"listening on\"); SIGHUP opens FILE again\n"
    SERVER_COMMAND_HELP_ADDRESS("8080")
    "  --no-sandbox     do not give up rights at the start\n"
    "  --help-all       also the options for limits, memory and traces\n"
    "  --help, --version\n\n"
    "The first SIGTERM or Ctrl-C ends idle connections, and waits up to 10 s\n"
    "(--drain-ms) for requests in flight. A second one ends them at once.\n";

static const char help_more[] =
    "\n"
    SITE_OPTIONS_HELP_MORE
    "  --metrics /PATH  answer GET /PATH with all counters, for Prometheus\n"
    "  --health         answer GET /healthz: 200, or 503 while stopping\n"
    "  --max-requests N requests per connection, then it is closed (100000)\n"
    "  --may-read DIR   a directory that the sandbox may read, such as that\n"
    "                   of all releases (up to 8 times; the root's parent)\n"
    "  --cache-bytes N  memory for copies of files, per ring (64M; also K, G)\n"
    "  --send-buf N     bytes on the way to a client (524288; 0: the kernel\n"
    "                   decides, for fast lines with long delays)\n"
    SERVER_COMMAND_HELP_LIMITS
    TRACE_COMMAND_HELP
    "\nserve looks up the name DIR again while it runs. It sends at most 896\n"
    "files at once that are not in memory. Further requests for such files\n"
    "are answered with 503.\n";

static const struct command_option options[] = {
    {.name = "root", .text = &root_name},
    SITE_OPTIONS(site_options),
    SANDBOX_OPTIONS(sandbox),
    {.name = "cache-bytes", .number64 = &cache_bytes, .min = BLOCK_LEN,
     .max = CACHE_BYTES_MAX, .has_unit = true},
    {.name = "send-buf", .number = &send_buf_len, .max = 1u << 30},
    {.name = "log", .word = &log_format, .words = log_formats},
    {.name = "log-file", .text = &log_name},
    {.name = "metrics", .text = &monitor.metrics},
    {.name = "health", .flag = &monitor.has_health},
    SERVER_COMMAND_OPTIONS(server),
    TRACE_COMMAND_OPTIONS(trace),
    {0},
};

int main(int argc, char **argv)
{
    struct service_options service = {
        .name = "http connection",
        .serve = session_serve,
        .state_len = sizeof(struct session),
        .files_max = CACHE_FILES_MAX,
        .on_listening = serve_print_listening,
        .await_open = serve_open_site,
        .await_close = serve_close_site,
        .await_hangup = serve_await_hangup,
        .counters = &counters,
    };
    struct command command = {
        .name = "serve",
        .help = help,
        .help_more = help_more,
        .options = options,
        .operands_max = 1,
    };
    int code = server_command_read(&server, &service, &command, argc, argv);

    service.send_buf_len = send_buf_len;
    service.knows_peers = log_format != LOG_OFF;
    monitor.rings = service.limits.threads;
    sandbox.log_name = log_name;
    if (code == COMMAND_GO_ON)
        code = check_options(&command);
    if (code == COMMAND_GO_ON)
        code = site_options_check(&site_options, &command);
    if (code == COMMAND_GO_ON)
        code = prepare();
    if (code == COMMAND_GO_ON)
        code = trace_command_start(&trace, &command);
    if (code == COMMAND_GO_ON)
        code = sandbox_enter(&sandbox, &root, &service, &command);
    service.rules = sandbox.is_off ? NULL : &sandbox_rules;
    if (code != COMMAND_GO_ON)
        return code;
    code = service_main(&service, "serve");
    sys_close(root.fd);
    code = trace_command_finish(&trace, &command, code);
    return command_finish(&command, code);
}

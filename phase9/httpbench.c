/* httpbench: measures how long the parser takes per request head.
 *
 * What it teaches: measuring pure code on a machine that does other work, too.
 * All parsers run in one process. Each round gives every parser a batch of
 * about 50 microseconds, one after another, so that other load affects all of
 * them. A ratio compares two batches of one round, and the median of all rounds
 * counts. A batch is much shorter than a time slice, so most batches are not
 * interrupted.
 *
 * It compares each way to read a head (lib/http/http_scan.h), and any other
 * parser that --peer loads. The second table shows the cost of a parser that
 * starts again whenever bytes arrive. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "err.h"
#include "http.h"
#include "http_scan.h"
#include "httpbench_samples.h"
#include "sys.h"

#define BATCH_NS 50000u /* reading the clock costs as much as a parse */

enum { PARSERS_MAX = 8, ROUNDS_MAX = 10001, FILE_MAX = 65536 };

static const struct http_limits limits = HTTP_LIMITS_DEFAULT;

/* What is compared. parse returns the length of the head at the start of
 * bytes[0..len). This is the function that --peer finds as httpbench_peer. */
struct parser {
    const char *name;
    int (*parse)(const char *bytes, size_t len);
    const struct http_scan *scan; /* NULL: the peer */
};

struct bench {
    struct parser parser[PARSERS_MAX];
    size_t count;
    size_t baseline; /* the parser that ratios refer to */
    unsigned rounds;
};

static struct http_request request;

static int parse_ours(const char *bytes, size_t len)
{
    http_request_init(&request, &limits);
    return http_parse_request(&request, bytes, len);
}

/* Returns the nanoseconds per request of a batch, or a negative number if the
 * parser does not accept the head. The bytes stay in the L1 cache, and the CPU
 * learns each branch: a server under load does not see these times. */
static double time_batch(const struct parser *parser, const char *text,
                         size_t len, unsigned count)
{
    uint64_t start;
    bool is_right = true;

    if (parser->scan != NULL)
        http_scan_use(parser->scan);
    start = sys_now_ns();
    for (unsigned i = 0; i < count; i++)
        is_right &= parser->parse(text, len) == (int)len;
    return is_right ? (double)(sys_now_ns() - start) / count : -1;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *figures, size_t count)
{
    qsort(figures, count, sizeof *figures, compare);
    return figures[count / 2];
}

/* Prints one line for each parser: the median of the ratios first. */
static void print_parsers(const struct bench *bench, const char *name,
                          size_t len, double (*ns)[ROUNDS_MAX])
{
    static double ratio[PARSERS_MAX][ROUNDS_MAX];

    for (size_t p = 0; p < bench->count; p++)
        for (unsigned r = 0; r < bench->rounds; r++)
            ratio[p][r] = ns[bench->baseline][r] / ns[p][r];
    for (size_t p = 0; p < bench->count; p++) {
        double each = median(ns[p], bench->rounds);

        /* Bytes per nanosecond are the same number as GB per second. */
        printf("%6.2f  %-9s %6zu  %-7s %9.1f %7.2f\n",
               median(ratio[p], bench->rounds), name, len,
               bench->parser[p].name, each, (double)len / each);
    }
}

/* Measures one head with all parsers in turn.
 *
 * Returns COMMAND_DONE    lines are printed
 *         COMMAND_FAILED  a parser does not accept the head; a message is
 *                         printed */
static int measure(const struct bench *bench, const char *name,
                   const char *text, size_t len)
{
    static double ns[PARSERS_MAX][ROUNDS_MAX];
    unsigned batch[PARSERS_MAX];

    for (size_t p = 0; p < bench->count; p++) {
        double once = time_batch(&bench->parser[p], text, len, 100);

        if (once < 0) {
            fprintf(stderr,
                    "httpbench: %s does not accept '%s' as a head of %zu "
                    "bytes\n",
                    bench->parser[p].name, name, len);
            return COMMAND_FAILED;
        }
        batch[p] = 1 + (unsigned)(BATCH_NS / (once + 1));
    }
    for (unsigned r = 0; r < bench->rounds; r++)
        for (size_t p = 0; p < bench->count; p++)
            ns[p][r] = time_batch(&bench->parser[p], text, len, batch[p]);
    print_parsers(bench, name, len, ns);
    return COMMAND_DONE;
}

enum { HEAD_LEN = 8192 };

/* Parses a long head in chunks of that length, as receives would bring
 * them. If again is true, starts from the first byte at each chunk. Returns the
 * nanoseconds. */
static uint64_t time_chunks(const char *head, size_t chunk, bool again)
{
    uint64_t start = sys_now_ns();
    int n = -EAGAIN;

    http_request_init(&request, &limits);
    for (size_t len = chunk; n == -EAGAIN; len += chunk) {
        if (again)
            http_request_init(&request, &limits);
        n = http_parse_request(&request, head, len);
    }
    if (n != HEAD_LEN)
        abort();
    return sys_now_ns() - start;
}

/* Prints the second table: of three times, the shortest. The last way is the
 * obvious one. It gives the same results as the others, but its time grows with
 * the square of the length. */
static void measure_chunks(void)
{
    static const struct {
        const char *name;
        size_t chunk;
        bool again;
    } ways[] = {
        {"in one chunk", HEAD_LEN, false},
        {"byte by byte", 1, false},
        {"byte by byte, each time from the start", 1, true},
    };
    static char head[HEAD_LEN];
    int len = snprintf(head, sizeof head,
                       "GET / HTTP/1.1\r\nHost: a\r\nCookie: ");

    memset(head + len, 'c', sizeof head - (size_t)len);
    memcpy(head + sizeof head - 4, "\r\n\r\n", 4);
    http_scan_use(NULL);
    printf("\na head of %d bytes%23s\n", HEAD_LEN, "microseconds");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        uint64_t best = UINT64_MAX;

        for (int round = 0; round < 3; round++) {
            uint64_t ns = time_chunks(head, ways[i].chunk, ways[i].again);

            best = ns < best ? ns : best;
        }
        printf("%-40s %12.1f\n", ways[i].name, (double)best / 1e3);
    }
}

/* Adds the function of a shared object to the parsers. Never unloads it.
 * Returns COMMAND_GO_ON, or COMMAND_USAGE after printing a message. */
static int add_peer(struct bench *bench, const char *path)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    struct parser *peer = &bench->parser[bench->count];

    *peer = (struct parser){.name = "peer"};
    if (object != NULL) /* POSIX's way to convert the result to a function */
        *(void **)&peer->parse = dlsym(object, "httpbench_peer");
    if (object == NULL || peer->parse == NULL) {
        fprintf(stderr, "httpbench: cannot load the peer: %s\n", dlerror());
        return COMMAND_USAGE;
    }
    bench->baseline = bench->count++;
    return COMMAND_GO_ON;
}

/* Measures the head at the start of a file. */
static int measure_file(const struct bench *bench, const char *path)
{
    static char text[FILE_MAX];
    int len = sys_read_text(path, text, sizeof text), n;

    if (len < 0) {
        fprintf(stderr, "httpbench: cannot read '%s': %s (%s)\n", path,
                err_words(len), err_name(len));
        return COMMAND_FAILED;
    }
    n = parse_ours(text, (size_t)len);
    if (n > 0)
        return measure(bench, "file", text, (size_t)n);
    fprintf(stderr, "httpbench: '%s' does not start with a request's head: ",
            path);
    if (n == -EAGAIN)
        fprintf(stderr, "it is incomplete\n");
    else
        fprintf(stderr, "%s at offset %zu\n", request.error.reason,
                request.error.offset);
    return COMMAND_FAILED;
}

static int measure_samples(const struct bench *bench)
{
    int code = COMMAND_DONE;

    for (const struct httpbench_sample *sample = httpbench_samples;
         sample->name != NULL && code == COMMAND_DONE; sample++)
        code = measure(bench, sample->name, sample->text, strlen(sample->text));
    if (code == COMMAND_DONE)
        measure_chunks();
    return code;
}

static const char help[] =
    "[--rounds N] [--peer FILE.so] [FILE]\n"
    "Measures how long lib's parser takes per request head: for five\n"
    "requests, or for the request at the start of FILE. Compares each way to\n"
    "read a head that this CPU supports. A ratio of 2 means twice as fast as\n"
    "the state machine or, with --peer, as the peer.\n"
    "\n"
    "  --rounds N       rounds; the median counts (201)\n"
    "  --peer FILE.so   compares with httpbench_peer() of this shared object\n"
    "  --help           this text\n"
    "  --version        the version\n";

int main(int argc, char **argv)
{
    struct bench bench = {.rounds = 201};
    const char *peer = NULL;
    const struct command_option options[] = {
        {.name = "rounds", .number = &bench.rounds, .min = 1,
         .max = ROUNDS_MAX},
        {.name = "peer", .text = &peer},
        {0},
    };
    struct command command = {.name = "httpbench",
                              .help = help,
                              .options = options,
                              .operands_max = 1};
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    for (const struct http_scan *scan = http_scans; scan->name != NULL; scan++)
        if (scan->is_supported())
            bench.parser[bench.count++] =
                (struct parser){scan->name, parse_ours, scan};
    if (peer != NULL && add_peer(&bench, peer) != COMMAND_GO_ON)
        return COMMAND_USAGE;
    puts(" ratio  request    bytes  parser    ns/each    GB/s");
    code = command.operand_count > 0
               ? measure_file(&bench, command.operands[0])
               : measure_samples(&bench);
    return command_finish(&command, code);
}

/* parse-bench: what the parser costs, in nanoseconds a request.
 *
 * What it teaches: measuring pure code. There is nothing to wait for, so what
 * disturbs is the machine: each request is parsed in rounds of a tenth of a
 * second, and the fastest round counts, since noise only ever adds. The result
 * of each parse is looked at, or the compiler would drop the call.
 *
 * And what a parser costs that begins again whenever bytes have come: the
 * second table feeds the longest head there may be one byte at a time. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "http.h"
#include "sys.h"

/* A look at the clock costs as much as a short parse: so one for each batch. */
#define ROUND_NS 100000000u
#define BATCH 1000

/* What clients really send: a load generator, a tool, a person. */
static const struct sample {
    const char *name;
    const char *text;
} samples[] = {
    {"smallest", "GET / HTTP/1.1\r\n"
                 "Host: localhost\r\n"
                 "\r\n"},
    {"wrk", "GET /index.html HTTP/1.1\r\n"
            "Host: 127.0.0.1:8080\r\n"
            "Connection: keep-alive\r\n"
            "\r\n"},
    {"curl", "GET /docs/design.html HTTP/1.1\r\n"
             "Host: localhost:8080\r\n"
             "User-Agent: curl/7.88.1\r\n"
             "Accept: */*\r\n"
             "\r\n"},
    {"browser",
     "GET /docs/images/ring.svg?v=3 HTTP/1.1\r\n"
     "Host: www.example.org\r\n"
     "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
     "Firefox/128.0\r\n"
     "Accept: image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,"
     "*/*;q=0.5\r\n"
     "Accept-Language: en-US,en;q=0.5\r\n"
     "Accept-Encoding: gzip, deflate, br, zstd\r\n"
     "Connection: keep-alive\r\n"
     "Referer: http://www.example.org/docs/architecture.html\r\n"
     "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "If-None-Match: \"2f1a-5e0c7d3b\"\r\n"
     "\r\n"},
};

static const struct http_limits limits = HTTP_LIMITS_DEFAULT;

/* Parses the same bytes over and over for a round; returns the nanoseconds
 * that one took. The bytes stay in the nearest cache, and the processor learns
 * every branch by heart: a server under load does not get these numbers. They
 * are for comparing one version of the parser with the next. */
static double time_round(const char *text, size_t len)
{
    static struct http_request request;
    uint64_t start = sys_now_ns(), now, count = 0;

    do {
        for (int i = 0; i < BATCH; i++) {
            http_request_init(&request, &limits);
            if (http_parse_request(&request, text, len) != (int)len)
                abort(); /* what is measured must be the right thing */
        }
        count += BATCH;
        now = sys_now_ns();
    } while (now - start < ROUND_NS);
    return (double)(now - start) / (double)count;
}

/* Prints a sample's line: of all rounds the fastest. */
static void measure(const struct sample *sample, int rounds)
{
    size_t len = strlen(sample->text);
    double best = time_round(sample->text, len);

    for (int i = 1; i < rounds; i++) {
        double ns = time_round(sample->text, len);

        best = ns < best ? ns : best;
    }
    /* A gigabyte is 10^9 bytes: then bytes a nanosecond are the same number. */
    printf("%-9s %6zu %9.1f %12.0f %8.2f\n", sample->name, len, best,
           1e9 / best, (double)len / best);
}

enum { HEAD_LEN = 8192 };

/* Parses a long head in chunks of that length, as a receive would bring
 * them; with again, from the start at each chunk, forgetting what was found out
 * before. Returns the nanoseconds. */
static uint64_t time_chunks(const char *head, size_t chunk, bool again)
{
    static struct http_request request;
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

/* Prints the second table; of three times the shortest. The last way is what
 * one writes first: it works, and no test of results tells it from the others.
 * It costs the square of the length. */
static void measure_pieces(void)
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
    int len = snprintf(head, sizeof head, "GET / HTTP/1.0\r\nCookie: ");

    memset(head + len, 'c', sizeof head - (size_t)len);
    memcpy(head + sizeof head - 4, "\r\n\r\n", 4);
    printf("\n%-40s %12s\n", "a head of 8192 bytes", "microseconds");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        uint64_t best = UINT64_MAX;

        for (int round = 0; round < 3; round++) {
            uint64_t ns = time_chunks(head, ways[i].chunk, ways[i].again);

            best = ns < best ? ns : best;
        }
        printf("%-40s %12.1f\n", ways[i].name, (double)best / 1e3);
    }
}

static const char help[] =
    "[--rounds N]\n"
    "Measures lib's HTTP request parser: on requests of four sizes, and on\n"
    "a long head when it comes byte by byte.\n"
    "\n"
    "  --rounds N   rounds of 0.1 s for each request; the fastest counts (10)\n"
    "  --help       this text\n"
    "  --version    the version\n";

int main(int argc, char **argv)
{
    unsigned rounds = 10;
    const struct command_option options[] = {
        {.name = "rounds", .number = &rounds, .min = 1, .max = INT_MAX},
        {0},
    };
    struct command command = {
        .name = "parse-bench",
        .help = help,
        .options = options,
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    puts("request    bytes   ns/each   requests/s     GB/s");
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        measure(&samples[i], (int)rounds);
    measure_pieces();
    return command_finish(&command, COMMAND_DONE);
}

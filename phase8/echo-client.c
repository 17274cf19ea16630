/* echo-client.c: sends messages on many connections, checks what comes back,
 * and measures how long each took.
 *
 * What it teaches: a measurement is worth as much as its report. The first line
 * repeats the parameters. Each figure has its unit. The number of connections
 * that were served at all is a figure, too: a server that serves half of its
 * clients, and lets the others wait, has excellent quantiles for the half.
 *
 * Read load.h first, then load_conn.c (one connection) and load_worker.c (one
 * thread). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "load.h"
#include "load_text.h"
#include "sys.h"

static struct load_options options = LOAD_OPTIONS_DEFAULT;
static struct load_worker workers[LOAD_THREADS_MAX];

/* The first line on stdout, printed before the load begins. A figure without
 * its parameters cannot be compared with any other. */
static void print_parameters(void)
{
    char where[NET_TEXT_MAX];

    net_format(&options.address, where);
    printf("load %u connections to %s, %u threads, %u messages under way per "
           "connection, ",
           options.conns, where, options.threads, options.depth);
    if (options.path != NULL)
        printf("GET %s, ", options.path);
    else
        printf("%s bytes per message, ", options.sizes_text);
    if (options.bytes > 0)
        printf("%" PRIu64 " bytes per connection, ", options.bytes);
    if (options.seconds > 0)
        printf("%u seconds, ", options.seconds);
    if (options.rate > 0)
        printf("open loop: %u messages per second\n", options.rate);
    else
        printf("closed loop\n");
    fflush(stdout);
}

/* Prints "p50_us 950.3 microseconds": scripts read the first two words. */
static void print_quantile(const struct histogram *latency, const char *name,
                           unsigned permille)
{
    printf("%s_us %.1f microseconds\n", name,
           (double)histogram_quantile_ns(latency, permille) / 1e3);
}

/* Adds up the threads. The elapsed time ends with the last answer, so that a
 * late answer lowers the rate. */
static void print_results(void)
{
    static struct histogram latency; /* 30 KiB: too large for a stack frame */
    uint64_t bytes = 0, missing = 0, refused = 0, start_ns = UINT64_MAX;
    uint64_t ended_ns = 0;
    unsigned served = 0;
    double seconds;

    for (unsigned i = 0; i < options.threads; i++) {
        const struct load_worker *worker = &workers[i];

        histogram_merge(&latency, &worker->latency);
        served += worker->served;
        if (options.rate > 0 && options.bytes == 0) /* due, sent or not */
            missing += worker->due - worker->latency.count;
        start_ns = worker->start_ns < start_ns ? worker->start_ns : start_ns;
        ended_ns = worker->ended_ns > ended_ns ? worker->ended_ns : ended_ns;
        for (unsigned k = 0; k < worker->count; k++) {
            bytes += worker->conns[k].received_bytes;
            if (options.rate == 0 || options.bytes > 0)
                missing += worker->conns[k].asked - worker->conns[k].answered;
            refused += worker->conns[k].http.refused;
        }
    }
    seconds = (double)(ended_ns - start_ns) / 1e9;
    printf("round_trips %" PRIu64 "\n", latency.count);
    printf("round_trips_per_s %.0f per second\n",
           (double)latency.count / seconds);
    printf("mb_per_s %.1f megabytes (10^6 bytes) per second\n",
           (double)bytes / seconds / 1e6);
    print_quantile(&latency, "p50", 500);
    print_quantile(&latency, "p90", 900);
    print_quantile(&latency, "p99", 990);
    print_quantile(&latency, "p99.9", 999);
    printf("max_us %.1f microseconds\n", (double)latency.max_ns / 1e3);
    printf("elapsed_s %.3f seconds\n", seconds);
    printf("connections_served %u of %u connections\n", served, options.conns);
    printf("unanswered %" PRIu64 " messages\n", missing);
    if (options.path != NULL)
        printf("not_2xx %" PRIu64 " responses\n", refused);
    if (served < options.conns)
        fprintf(stderr, "echo-client: %u of %u connections got no answer in "
                "time: the server serves fewer at once\n",
                options.conns - served, options.conns);
}

/* Divides the connections among the threads. Returns their memory, or NULL. The
 * pages of a connection that is never used cost nothing. */
static void *map_conns(size_t *len)
{
    size_t conns_len = options.conns * sizeof(struct load_conn);
    struct load_conn *conns;
    uint64_t *began_ns;
    unsigned next = 0;
    void *memory;

    *len = conns_len + (size_t)options.conns * options.depth * sizeof *began_ns;
    if (sys_map(&memory, *len) < 0)
        return NULL;
    conns = memory;
    began_ns = (void *)((char *)memory + conns_len);
    for (unsigned i = 0; i < options.threads; i++) {
        struct load_worker *worker = &workers[i];

        worker->options = &options;
        worker->index = i;
        worker->conns = conns + next;
        worker->count = options.conns / options.threads +
                        (i < options.conns % options.threads);
        for (unsigned k = 0; k < worker->count; k++, next++) {
            conns[next].worker = worker;
            conns[next].index = k;
            conns[next].number = next;
            conns[next].fd = -1;
            conns[next].began_ns = began_ns + (size_t)next * options.depth;
        }
    }
    return memory;
}

static atomic_bool has_ended; /* set when all threads of the load have ended */

/* Prints a line per second, because a long run without one looks as if it hung.
 * Runs in a separate thread: the threads of the load must not wait for a slow
 * terminal. Checks ten times per second if it must end. */
static void *print_progress(void *arg)
{
    uint64_t before = 0;
    unsigned seconds = 0, tenths = 0;

    (void)arg;
    while (!atomic_load(&has_ended)) {
        uint64_t now = 0;

        sys_pause_ns(NS_PER_S / 10);
        if (++tenths % 10 != 0)
            continue;
        for (unsigned i = 0; i < options.threads; i++)
            now += atomic_load_explicit(&workers[i].answered,
                                        memory_order_relaxed);
        fprintf(stderr, "echo-client: %u s: %" PRIu64 " answers, %" PRIu64
                " in the last second\n", ++seconds, now, now - before);
        before = now;
    }
    return NULL;
}

/* Runs all threads. The first one is this thread. Returns an exit code. */
static int run_threads(void)
{
    unsigned started = 1;
    pthread_t progress;
    bool shows = options.shows_progress &&
                 sys_thread_start(&progress, print_progress, NULL) == 0;
    int code = COMMAND_DONE;

    load_worker_prepare(options.threads);
    for (; started < options.threads; started++) {
        if (sys_thread_start(&workers[started].thread, load_worker_run,
                             &workers[started]) < 0) {
            fprintf(stderr, "echo-client: cannot start thread %u\n", started);
            /* The other threads wait for this one in load_worker_prepare's
             * barrier, so they cannot be joined. */
            _Exit(COMMAND_FAILED);
        }
    }
    (void)load_worker_run(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        (void)sys_thread_join(workers[i].thread);
    atomic_store(&has_ended, true);
    if (shows)
        (void)sys_thread_join(progress);
    for (unsigned i = 0; i < started; i++) /* each has printed its reason */
        if (workers[i].result < 0)
            code = COMMAND_FAILED;
    return code;
}

int main(int argc, char **argv)
{
    struct command command;
    size_t len;
    void *memory;
    int code = load_options_parse(&options, &command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    load_text_init(&options);
    memory = map_conns(&len);
    if (memory == NULL) {
        fprintf(stderr, "echo-client: no memory for %u connections\n",
                options.conns);
        return COMMAND_FAILED;
    }
    print_parameters();
    code = run_threads();
    if (workers[0].ended_ns > 0)
        print_results();
    sys_unmap(memory, len);
    return command_finish(&command, code);
}

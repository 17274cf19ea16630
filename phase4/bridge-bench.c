/* bridge-bench: what an operation costs in our own loop, and in a host.
 *
 * Prints nanoseconds per operation; bench.sh runs it in pairs and compares. Two
 * operations, since the bridge's tax depends on when the answer comes:
 *
 *   nop   is complete when its submit returns: many complete in one iteration
 *         of the host
 *   echo  a byte to another thread, which takes its time, and back: the loop
 *         has gone to sleep by then, so that each answer costs an iteration of
 *         the host */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "await.h"
#include "bench_hosts.h"
#include "err.h"
#include "sys.h"

#define DEPTH_MAX 256 /* an echo's byte names its task */
#define OPS_MAX 100000000L

/* How long the other thread takes: longer than anybody needs to fall asleep. */
#define ANSWER_NS 10000

struct settings {
    const char *host; /* one of hosts */
    bool is_echo, deferred;
    enum bridge_watch watch;
    bool by_edge; /* the eventfd is never read */
    long depth, ops;
};

struct worker {
    struct task task;
    long rounds;
    unsigned char number;
    int answer[2]; /* its own pipe back */
};

/* One measurement per process: so all of this is static, and released by its
 * end. */
static struct settings settings = {"native", .depth = 1, .ops = 200000};
static struct worker workers[DEPTH_MAX];
static int question[2]; /* the pipe to the other thread, for all */
static uint64_t iterations; /* of the host */

/* Task bodies: one operation after the other, so that as many are in flight as
 * there are tasks. */
static int bridge_bench_nops(void *arg)
{
    const struct worker *worker = arg;

    for (long i = 0; i < worker->rounds; i++)
        (void)await_nop();
    return 0;
}

static int bridge_bench_echoes(void *arg)
{
    struct worker *worker = arg;
    char byte;

    for (long i = 0; i < worker->rounds; i++) {
        /* Not through the ring: what is measured is the one read. */
        (void)!write(question[1], &worker->number, 1);
        (void)await_read(worker->answer[0], &byte, 1, AWAIT_STREAM);
    }
    return 0;
}

/* The other thread: sends every byte back to the one who sent it. */
static void *bridge_bench_answer_all(void *arg)
{
    unsigned char bytes[DEPTH_MAX];
    ssize_t got;

    while ((got = read(question[0], bytes, sizeof bytes)) > 0) {
        uint64_t until_ns = sys_now_ns() + ANSWER_NS;

        while (sys_now_ns() < until_ns)
            continue;
        for (ssize_t i = 0; i < got; i++)
            (void)!write(workers[bytes[i]].answer[1], bytes, 1);
    }
    return arg;
}

/* Task body: as many tasks as operations are to be in flight. */
static int bridge_bench_run_all(void *arg)
{
    for (long i = 0; i < settings.depth; i++) {
        workers[i].rounds = settings.ops / settings.depth;
        workers[i].number = (unsigned char)i;
        if (settings.is_echo && pipe(workers[i].answer) < 0)
            return -errno;
        (void)task_spawn(&workers[i].task, "worker",
                         settings.is_echo ? bridge_bench_echoes
                                          : bridge_bench_nops,
                         &workers[i]);
    }
    for (long i = 0; i < settings.depth; i++)
        (void)task_join(&workers[i].task);
    return arg == NULL ? 0 : 1;
}

/* Ties the loop to the requested host, and runs all in it. The bridge is not
 * untied: the process ends. Returns 0 or -errno. */
static int run_in_host(struct loop *loop)
{
    struct task task = {0};
    struct bridge bridge;
    int rc = bridge_init(&bridge, loop, settings.watch);

    if (rc == 0)
        rc = task_spawn(&task, "all", bridge_bench_run_all, NULL);
    if (rc < 0)
        return rc;
    iterations = bench_hosts_run(settings.host, &bridge, settings.by_edge);
    return 0;
}

/* The processor's time for this thread: what the other thread and the rest of
 * the machine do is not in it. */
static uint64_t cpu_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Making the ring and the thread is not measured; starting the tasks is, and is
 * spread over all operations. Returns the exit code. */
static int measure(void)
{
    struct loop_options options = {.ring.plain = !settings.deferred};
    struct loop loop;
    pthread_t thread;
    uint64_t begin_ns, begin_cpu_ns;
    int rc = loop_init(&loop, &options);

    if (rc == 0 && settings.is_echo)
        rc = pipe(question) < 0
                 ? -errno
                 : -pthread_create(&thread, NULL, bridge_bench_answer_all,
                                   NULL);
    begin_ns = sys_now_ns();
    begin_cpu_ns = cpu_ns();
    if (rc == 0)
        rc = strcmp(settings.host, "native") == 0
                 ? loop_run(&loop, bridge_bench_run_all, NULL)
                 : run_in_host(&loop);
    if (rc < 0) {
        fprintf(stderr, "bridge-bench: cannot measure: %s (%s)\n",
                err_words(rc), err_name(rc));
        return 2;
    }
    printf("%.0f ns of processor, %.0f ns by the clock, %.2f enters, "
           "%.2f iterations of the host per operation\n",
           (double)(cpu_ns() - begin_cpu_ns) / (double)settings.ops,
           (double)(sys_now_ns() - begin_ns) / (double)settings.ops,
           (double)loop.ring.counters.enters / (double)settings.ops,
           (double)iterations / (double)settings.ops);
    return 0;
}

static int help(int code)
{
    fprintf(code == 0 ? stdout : stderr,
            "Usage: bridge-bench [--host native|epoll|uv] [--op nop|echo]\n"
            "           [--ring plain|deferred]\n"
            "           [--watch ring|eventfd|edge|host] [--depth 1..%d] "
            "[--ops N]\n"
            "Prints what an operation costs. --help, --version.\n"
            "exit: 0 measured, 2 usage or environment\n", DEPTH_MAX);
    return code;
}

static const char *const hosts[] = {"native", "epoll", "uv", NULL};
static const char *const ops[] = {"nop", "echo", NULL};
static const char *const rings[] = {"plain", "deferred", NULL};
static const char *const watched[] = {
    [BRIDGE_RING_FD] = "ring",
    [BRIDGE_EVENTFD] = "eventfd",
    [BRIDGE_HOST_FD] = "host",
    "edge", /* an eventfd, too */
    NULL,
};

/* The number of the option's word among words, or -1. */
static int which(const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(optarg, words[i]) == 0)
            return i;
    return -1;
}

/* The option's number and nothing else, or -1. */
static long number(void)
{
    char *end;
    long value = strtol(optarg, &end, 10);

    return end > optarg && *end == '\0' ? value : -1;
}

/* Returns -1 to go on, or the exit code. */
static int take(int option)
{
    int word = 0; /* below 0: that is said, and not used */

    switch (option) {
    case 'h': word = which(hosts); settings.host = optarg; break;
    case 'o': word = which(ops); settings.is_echo = word == 1; break;
    case 'r': word = which(rings); settings.deferred = word == 1; break;
    case 'w':
        word = which(watched);
        settings.by_edge = word > BRIDGE_HOST_FD;
        settings.watch = settings.by_edge ? BRIDGE_EVENTFD
                                          : (enum bridge_watch)word;
        break;
    case 'd': settings.depth = number(); break;
    case 'n': settings.ops = number(); break;
    case 'H': return help(0);
    case 'V': puts("bridge-bench (one-ring) 0.1"); return 0;
    default: return help(2);
    }
    return word < 0 ? help(2) : -1;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        {"host", required_argument, NULL, 'h'},
        {"op", required_argument, NULL, 'o'},
        {"ring", required_argument, NULL, 'r'},
        {"watch", required_argument, NULL, 'w'},
        {"depth", required_argument, NULL, 'd'},
        {"ops", required_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'H'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    int option, code;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        code = take(option);
        if (code >= 0)
            return code;
    }
    if (optind < argc || settings.depth < 1 || settings.depth > DEPTH_MAX ||
        settings.ops < settings.depth || settings.ops > OPS_MAX)
        return help(2);
    return measure();
}

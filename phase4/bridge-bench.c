/* bridge-bench: measures an operation in our own loop or in a host, which is
 * another event loop.
 *
 * The program prints nanoseconds per operation. bench.sh runs the program in
 * pairs, first with our own loop and then with a host, and compares the
 * results. The extra cost of a bridge depends on when an operation completes,
 * so there are two kinds of operation:
 *
 *   nop   completes during its submit, so an iteration of the host serves many
 *   echo  sends a byte to another thread, which answers after a delay. By then
 *         the loop sleeps, so each answer costs one iteration of the host */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "await.h"
#include "bench_hosts.h"
#include "command.h"
#include "err.h"
#include "sys.h"

#define DEPTH_MAX 256 /* the byte of an echo identifies its task */
#define OPS_MAX 100000000L /* takes about half a minute */

/* The other thread's delay, during which our thread falls asleep. */
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
    long rounds; /* operations, one after the other */
    unsigned char number; /* index of this worker, sent as a byte */
    int answer[2]; /* pipe on which the byte returns */
};

/* A process measures once, so these variables are static, and the end of the
 * process releases them. */
static struct settings settings;
static struct worker workers[DEPTH_MAX];
static int question[2]; /* the pipe to the other thread; all tasks share it */
static uint64_t iterations; /* of the host */

/* Task bodies. Each has one operation in flight at a time, so the number of
 * tasks is the number of operations in flight. */
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
        /* Use write(2), so that only the read goes through the ring. */
        (void)!write(question[1], &worker->number, 1);
        (void)await_read(worker->answer[0], &byte, 1, AWAIT_STREAM);
    }
    return 0;
}

/* Runs as the other thread. Returns each byte to the task that sent it. Spins
 * instead of sleeping, because a sleep would last longer and vary more. */
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

/* Task body: spawns one task per operation in flight, and joins them. */
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

/* Runs all tasks in the host that --host names. The process ends after that, so
 * this function does not call bridge_finish. Returns 0 or -errno. */
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

/* Returns the CPU time of this thread. It excludes the other thread and all
 * other processes. */
static uint64_t cpu_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Measures and prints the result. The measurement begins when the ring and the
 * thread exist. It includes the spawning of the tasks, which is negligible per
 * operation. Returns the exit code. */
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
    begin_ns = sys_now_ns(); /* set-up does not count */
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

/* The words that the options accept. NULL ends each list. */
static const char *const hosts[] = {"native", "epoll", "uv", NULL};
static const char *const ops[] = {"nop", "echo", NULL};
static const char *const rings[] = {"plain", "deferred", NULL};
static const char *const watched[] = {
    [BRIDGE_RING_FD] = "ring",
    [BRIDGE_EVENTFD] = "eventfd",
    [BRIDGE_HOST_FD] = "host",
    "edge", /* an eventfd that is watched with EPOLLET */
    NULL,
};

static const char help[] =
    "[--host native|epoll|uv] [--op nop|echo]\n"
    "           [--ring plain|deferred]\n"
    "           [--watch ring|eventfd|edge|host] [--depth N] [--ops N]\n"
    "Prints the cost of an operation.\n"
    "  --help, --version\n"
    "exit: 0 measured, 2 usage or environment\n";

int main(int argc, char **argv)
{
    unsigned host = 0, op = 0, ring = 0, watch = BRIDGE_RING_FD;
    unsigned depth = 1, count = 200000;
    const struct command_option options[] = {
        {.name = "host", .word = &host, .words = hosts},
        {.name = "op", .word = &op, .words = ops},
        {.name = "ring", .word = &ring, .words = rings},
        {.name = "watch", .word = &watch, .words = watched},
        {.name = "depth", .number = &depth, .min = 1, .max = DEPTH_MAX},
        {.name = "ops", .number = &count, .min = 1, .max = OPS_MAX},
        {0},
    };
    struct command command = {
        .name = "bridge-bench",
        .help = help,
        .options = options,
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    if (count < depth)
        return command_misuse(&command, "--ops %u: less than --depth", count);
    settings = (struct settings){
        .host = hosts[host],
        .is_echo = op == 1,
        .deferred = ring == 1,
        .by_edge = watch > BRIDGE_HOST_FD,
        .watch = watch > BRIDGE_HOST_FD ? BRIDGE_EVENTFD
                                        : (enum bridge_watch)watch,
        .depth = depth,
        .ops = count,
    };
    return command_finish(&command, measure());
}

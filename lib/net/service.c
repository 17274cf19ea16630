/* service.c: runs a server program; see service.h.
 * Introduced in phase 8. Needs: service.h, await.h, capacity.h, err.h,
 * listeners.h, post.h, service_error.h, signals.h, sys.h, sys_net.h,
 * systemd.h, worker.h.
 *
 * What it teaches: the order of start-up and shutdown. Start-up begins with the
 * steps that all workers depend on (signals, the address), then starts the
 * threads. The worker that reads the signals ends last. */
#include "service.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "await.h"
#include "capacity.h"
#include "err.h"
#include "listeners.h"
#include "post.h"
#include "service_error.h"
#include "signals.h"
#include "sys.h"
#include "sys_net.h"
#include "systemd.h"
#include "worker.h"

static_assert(sizeof(struct sockaddr_un) <= sizeof(struct sockaddr_storage),
              "a path fits in");

/* Only one service can run at a time, because signals go to the whole
 * process. */
static struct {
    struct worker workers[LIMIT_THREADS_MAX];
    unsigned count;
    unsigned running; /* threads of workers 1, 2, ... that have not ended */
    struct future all_ended;
    struct net_address listening_at;
    const struct systemd *systemd; /* borrowed from the options */
    int signal_fd;
    bool is_stopping;
} service;

/* Stops all workers. Removes the name of a Unix socket first, while the socket
 * is open: see socket_name.h. */
static void stop_all(void)
{
    if (!service.is_stopping)
        systemd_notify(service.systemd, "STOPPING=1");
    service.is_stopping = true;
    net_remove_name(&service.listening_at);
    for (unsigned i = 0; i < service.count; i++)
        worker_stop(&service.workers[i]);
}

/* Runs when a worker's thread has ended. If the service is not stopping yet,
 * the worker has failed, and this function stops all workers. It does so only
 * once: a second stop skips draining, and only a signal may request that. */
static void service_on_worker_ended(struct post *post)
{
    (void)post;
    assert(service.running > 0);
    if (!service.is_stopping)
        stop_all();
    if (--service.running == 0)
        future_complete(&service.all_ended, 0);
}

static int take_signals(void *arg) /* task body */
{
    const struct service_options *options = arg;
    int signal;

    while ((signal = signals_await_signal(service.signal_fd)) > 0) {
        if (signal == SIGHUP)
            options->await_hangup();
        else if (signal != SIGUSR1)
            stop_all();
        for (unsigned i = 0; i < service.count && signal == SIGUSR1; i++)
            worker_print(&service.workers[i]);
    }
    return signal;
}

static int start_others(void)
{
    for (unsigned i = 1; i < service.count; i++) {
        int rc = worker_start(&service.workers[i]);

        if (rc < 0)
            return worker_fail(&service.workers[0], SERVICE_THREAD, rc);
        service.running++;
    }
    return 0;
}

static int service_await_workers(const struct service_options *options)
{
    unsigned started;
    int rc = listeners_await_open(options, &service.listening_at,
                                  service.workers, service.count);

    if (rc < 0) {
        net_remove_name(&service.listening_at);
        return rc;
    }
    rc = start_others();
    started = service.running;
    if (rc == 0) {
        listeners_report(options, &service.listening_at);
        rc = worker_await_serve(&service.workers[0]);
    }
    if (!service.is_stopping)
        stop_all();
    /* Repeat a wait that is interrupted. A second signal still ends the
     * draining early, because take_signals runs in another task. */
    while (service.running > 0)
        (void)future_wait(&service.all_ended);
    for (unsigned i = 1; i <= started; i++)
        sys_thread_join(service.workers[i].thread);
    /* Remove the name here, too: stop_all may have run before the name
     * existed. */
    net_remove_name(&service.listening_at);
    return rc;
}

/* The first task. Serves while a second task reads signals and a third takes
 * the worker's posts. */
static int run_first(void *arg) /* task body */
{
    struct worker *first = &service.workers[0];
    struct task posts = {0}, signals = {0};
    int rc = task_spawn(&posts, "posts", worker_take_posts, first);

    if (rc == 0)
        rc = task_spawn(&signals, "signals", take_signals, arg);
    if (rc == 0)
        rc = service_await_workers(arg);
    else
        worker_fail(first, SERVICE_RING, rc);
    task_cancel(&signals);
    task_cancel(&posts);
    if (signals.state != TASK_NEW)
        task_join(&signals);
    if (posts.state != TASK_NEW)
        task_join(&posts);
    return rc;
}

static int init_workers(const struct service_options *options)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1, SIGHUP};
    const int count = options->await_hangup != NULL ? 4 : 3;
    int taken[4], taken_count = 0, rc = 0;

    assert(service.count == 0); /* no other run is in progress */
    assert(options->limits.conns_max > 0);
    assert(options->limits.threads >= 1 &&
           options->limits.threads <= LIMIT_THREADS_MAX);
    assert(options->systemd.listener_count <= options->limits.threads);
    service.count = options->limits.threads;
    service.listening_at = options->address;
    service.systemd = &options->systemd;
    /* nohup(1), or a shell that starts a background job, makes the job ignore
     * some signals. A signalfd would deliver those signals anyway, so leave
     * them out. */
    for (int i = 0; i < count; i++)
        if (!sys_signal_is_ignored(numbers[i]))
            taken[taken_count++] = numbers[i];
    service.signal_fd = signals_open(taken, (unsigned)taken_count);
    if (service.signal_fd < 0)
        return service.signal_fd;
    sys_ignore_signal(SIGPIPE);
    sys_ignore_signal(SIGXFSZ); /* a write past RLIMIT_FSIZE sends it */
    for (unsigned i = 0; i < service.count && rc == 0; i++) {
        rc = worker_init(&service.workers[i], options, service.workers,
                         service.count, service_on_worker_ended);
    }
    return rc;
}

int service_run(const struct service_options *options, enum service_step *step)
{
    struct worker *first = &service.workers[0];
    int rc = init_workers(options);

    if (rc == 0)
        rc = worker_open(first);
    if (rc == 0) {
        rc = loop_run(&first->loop, run_first, (void *)options);
        worker_close(first);
    }
    *step = SERVICE_RING;
    for (unsigned i = service.count; i-- > 0;) {
        if (service.workers[i].result < 0) {
            *step = service.workers[i].step;
            rc = service.workers[i].result;
        }
    }
    for (unsigned i = 0; i < service.count; i++)
        worker_finish(&service.workers[i]);
    if (service.signal_fd >= 0)
        sys_close(service.signal_fd);
    if (options->systemd.notify_fd > 0)
        sys_close(options->systemd.notify_fd);
    memset(&service, 0, sizeof service); /* for another run */
    return rc;
}

/* Adapts the limits to those of the process. Prints a message if the user
 * requested more connections than fit. */
static void fit(struct service_options *options, const char *program)
{
    const struct capacity capacity = capacity_raise();
    struct limits *limits = &options->limits;
    unsigned asked = limits->conns_max;
    enum capacity_reason reason =
        capacity_fit(limits, &capacity, options->files_max);
    char line[512];

    if (reason == CAPACITY_SUFFICES)
        return;
    (void)snprintf(line, sizeof line, "%s: --max-conns %u: %u connections per "
                   "ring fit: %s\n", program, asked, limits->conns_max,
                   reason == CAPACITY_FILES
                       ? "the process may not open more files (ulimit -Hn)"
                       : "the completion queue has no room for more (--cq, "
                         "ulimit -l)");
    sys_print_error(line, strlen(line));
}

int service_main(const struct service_options *asked, const char *program)
{
    struct service_options fitted = *asked, *options = &fitted;
    char where[NET_TEXT_MAX], line[512];
    enum service_step step;
    bool is_unix = options->address.storage.ss_family == AF_UNIX;
    int rc;

    options->program = program;
    fit(options, program);
    rc = service_run(options, &step);
    if (rc == 0)
        return 0;
    net_format(&options->address, where);
    (void)snprintf(line, sizeof line, "%s: %s at %s: %s (%s): %s\n", program,
                   service_step_words(step), where, err_words(rc), err_name(rc),
                   service_advice(step, rc, is_unix));
    sys_print_error(line, strlen(line));
    return step == SERVICE_RING ? 2 : 1;
}

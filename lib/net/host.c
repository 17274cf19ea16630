/* host.c: a server program from its options to its end; see host.h.
 * Introduced in phase 8. Needs: host.h, await.h, post.h, signals.h, sys.h,
 * unit.h.
 *
 * What it teaches: the order of a beginning and of an end. First everything
 * that can fail for all rings alike (signals, the address), then the threads;
 * and the one that hears the signals is the last to go. */
#include "host.h"

#include <assert.h>
#include <errno.h>
#include <sys/un.h>

#include "await.h"
#include "post.h"
#include "signals.h"
#include "sys.h"
#include "unit.h"

#define THREADS_MAX 64

static_assert(sizeof(struct sockaddr_un) <= sizeof(struct sockaddr_storage),
              "a path fits in");

/* One a process: signals are the process's, too. */
static struct {
    struct unit units[THREADS_MAX];
    unsigned count;
    unsigned running; /* units with a thread, not ended */
    struct future all_ended;
    struct net_address listening_at;
    int signal_fd;
    bool is_stopping;
} host;

static void stop_all(void)
{
    host.is_stopping = true;
    for (unsigned i = 0; i < host.count; i++)
        unit_stop(&host.units[i]);
}

static void print_all(void)
{
    for (unsigned i = 0; i < host.count; i++)
        unit_print(&host.units[i]);
}

/* A unit's thread ends: because all shall, or it failed and so all shall. Who
 * is told twice to stop hurries: that is for signals. */
static void on_unit_ended(struct post *post)
{
    (void)post;
    assert(host.running > 0);
    if (!host.is_stopping)
        stop_all();
    if (--host.running == 0)
        future_complete(&host.all_ended, 0);
}

static int take_signals(void *arg) /* task body */
{
    int signal;

    (void)arg;
    while ((signal = await_signal(host.signal_fd)) > 0) {
        if (signal == SIGUSR1)
            print_all();
        else
            stop_all();
    }
    return signal;
}

/* TCP spreads connections over sockets that share an address. Those of a Unix
 * socket's path take turns at one. */
static int await_listener(unsigned i)
{
    if (host.listening_at.storage.ss_family == AF_UNIX && i > 0)
        return sys_duplicate(host.units[0].listener);
    return await_listen(&host.listening_at, LIMIT_BACKLOG, host.count > 1);
}

/* All sockets are made before the other threads exist: so an address that is
 * taken is noticed once, and port 0 is the same for all. */
static int await_listeners(void)
{
    for (unsigned i = 0; i < host.count; i++) {
        int fd = await_listener(i);

        if (fd < 0)
            return unit_fail(&host.units[0], HOST_LISTEN, fd);
        host.units[i].listener = fd;
    }
    return 0;
}

static int start_others(void)
{
    for (unsigned i = 1; i < host.count; i++) {
        int rc = unit_start(&host.units[i]);

        if (rc < 0)
            return unit_fail(&host.units[0], HOST_THREAD, rc);
        host.running++;
    }
    return 0;
}

/* The name of a Unix socket outlives it, and would be in the way next time. */
static void await_unlisten(void)
{
    const struct sockaddr_un *local = (void *)&host.listening_at.storage;

    if (local->sun_family == AF_UNIX)
        (void)await_unlinkat(AT_FDCWD, local->sun_path, 0);
}

static int await_service(const struct host_options *options)
{
    unsigned started;
    int rc = await_listeners();

    if (rc < 0)
        return rc;
    rc = start_others();
    started = host.running;
    if (rc == 0) {
        options->on_listening(&host.listening_at);
        rc = await_unit(&host.units[0]);
    }
    if (!host.is_stopping)
        stop_all();
    while (host.running > 0) /* signals are heard meanwhile */
        (void)future_wait(&host.all_ended);
    for (unsigned i = 1; i <= started; i++)
        sys_thread_join(host.units[i].thread);
    await_unlisten();
    return rc;
}

/* The first task: serves while two others listen, one for signals, one for what
 * the other units post. */
static int run_first(void *arg) /* task body */
{
    struct unit *first = &host.units[0];
    struct task posts = {0}, signals = {0};
    int rc = task_spawn(&posts, "posts", unit_take_posts, first);

    if (rc == 0)
        rc = task_spawn(&signals, "signals", take_signals, NULL);
    if (rc == 0)
        rc = await_service(arg);
    else
        unit_fail(first, HOST_RING, rc);
    task_cancel(&signals);
    task_cancel(&posts);
    if (signals.state != TASK_NEW)
        task_join(&signals);
    if (posts.state != TASK_NEW)
        task_join(&posts);
    return rc;
}

static int init_units(const struct host_options *options)
{
    const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
    int rc = 0;

    assert(host.count == 0); /* host_run is called once */
    assert(options->limits.threads >= 1 &&
           options->limits.threads <= THREADS_MAX);
    host.count = options->limits.threads;
    host.listening_at = options->address;
    host.signal_fd = signals_open(numbers, 3);
    if (host.signal_fd < 0)
        return host.signal_fd;
    sys_ignore_signal(SIGPIPE);
    for (unsigned i = 0; i < host.count && rc == 0; i++) {
        host.units[i].number = i;
        rc = unit_init(&host.units[i], options, &host.units[0].box,
                       on_unit_ended);
    }
    return rc;
}

static void finish_units(void)
{
    for (unsigned i = 0; i < host.count; i++)
        unit_finish(&host.units[i]);
    if (host.signal_fd >= 0)
        sys_close(host.signal_fd);
}

int host_run(const struct host_options *options, enum host_step *step)
{
    struct unit *first = &host.units[0];
    int rc = init_units(options);

    if (rc == 0)
        rc = unit_open(first);
    if (rc == 0) {
        rc = loop_run(&first->loop, run_first, (void *)options);
        unit_close(first);
    }
    *step = HOST_RING;
    for (unsigned i = host.count; i-- > 0;) {
        if (host.units[i].result < 0) {
            *step = host.units[i].step;
            rc = host.units[i].result;
        }
    }
    finish_units();
    return rc;
}

const char *host_step_words(enum host_step step)
{
    static const char *const words[] = {
        [HOST_RING] = "cannot set up io_uring",
        [HOST_LISTEN] = "cannot listen",
        [HOST_SERVER] = "cannot make the connections",
        [HOST_CONTEXT] = "cannot start",
        [HOST_ACCEPT] = "cannot accept connections",
        [HOST_THREAD] = "cannot start a thread",
    };

    return words[step];
}

const char *host_advice(enum host_step step, int result)
{
    if (step == HOST_RING)
        return "phase 0's envcheck says what stands against it";
    if (result == -EADDRINUSE)
        return "somebody listens there: choose another port, or, if nobody "
               "does, remove the Unix socket that was left behind";
    if (result == -EADDRNOTAVAIL)
        return "--bind takes an address of this machine";
    if (result == -EACCES)
        return "ports below 1024 are for root; choose one above";
    if (result == -ENOENT)
        return "make the directory of the socket first";
    if (result == -ENOMEM)
        return "ask for less: --max-conns, --bufs, --threads";
    if (result == -EMFILE || result == -ENFILE)
        return "too many files are open: see ulimit -n";
    return "see --help";
}

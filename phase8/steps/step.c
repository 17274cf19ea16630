/* step.c: what the eight echo servers share; see step.h.
 * Introduced in phase 8. Needs: step.h, err.h, probe.h, sys.h. */
#include "step.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include "err.h"
#include "probe.h"
#include "sys.h"
#include "sys_end.h"

#define BACKLOG 4096
#define BUFS_MAX 32768
#define BUF_LEN_MAX (1u << 20)
#define CQES_MAX 64

static char help[1024];
static struct command command = {.help = help};

static void write_help(const struct step *step)
{
    static const char bufs[] =
        "  --bufs N      buffers of the pool, for all connections (256)\n";

    (void)snprintf(
        help, sizeof help,
        "[options]\n"
        "Returns to every client of 127.0.0.1 what it sent, until SIGTERM.\n\n"
        "  --port N      0 means any free port (7878)\n"
        "%s"
        "  --buf-len N   bytes of one receive buffer (16384)\n"
        "%s"
        "  --help, --version\n\n"
        "SIGUSR1 prints counters.\n",
        step->has_pool ? bufs : "",
        step->option_help != NULL ? step->option_help : "");
}

/* Prints what the kernel lacks. Returns COMMAND_GO_ON if it lacks nothing. */
static int ask_kernel(const struct step *step)
{
    struct probe probe;
    int rc = probe_run(&probe);

    if (step->ops == NULL)
        return COMMAND_GO_ON;
    if (rc < 0)
        return command_no_ring(step->name, rc);
    for (const int *op = step->ops; *op != 0; op++) {
        const char *missing = probe_missing_op(*op);

        if (missing != NULL)
            return command_misuse(&command, "%s", missing);
    }
    if (!probe_has_feature(&probe, step->features))
        return command_misuse(&command, "this kernel lacks one of the "
                              "IORING_FEAT_ flags 0x%x", step->features);
    if (probe_try_flags(1, step->setup_flags) == -EINVAL)
        return command_misuse(&command, "this kernel lacks one of the "
                              "IORING_SETUP_ flags 0x%x", step->setup_flags);
    return COMMAND_GO_ON;
}

int step_read(struct step *step, int argc, char **argv)
{
    struct command_option table[5] = {
        {.name = "port", .number = &step->port, .max = 65535},
        {.name = "buf-len", .number = &step->buf_len, .min = 1,
         .max = BUF_LEN_MAX},
    };
    struct command_option *last = &table[2];
    int code;

    if (step->has_pool)
        *last++ = (struct command_option){
            .name = "bufs", .number = &step->bufs, .min = 1, .max = BUFS_MAX};
    *last = step->option;
    write_help(step);
    command.name = step->name;
    command.options = table;
    code = command_read(&command, argc, argv);
    command.options = NULL; /* the table ends with this function */
    return code == COMMAND_GO_ON ? ask_kernel(step) : code;
}

int step_must(const struct step *step, int rc, const char *what)
{
    if (rc >= 0)
        return rc;
    fprintf(stderr, "%s: cannot %s: %s (%s)\n", step->name, what, err_words(rc),
            err_name(rc));
    exit(COMMAND_FAILED);
}

void step_must_have(const struct step *step, int rc, const char *what)
{
    if (rc == -EINVAL)
        exit(command_misuse(&command, "this kernel has no %s", what));
    (void)step_must(step, rc, "set up the ring");
}

struct sockaddr_in step_address(const struct step *step)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)step->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

int step_listen(const struct step *step, int flags)
{
    struct sockaddr_in address = step_address(step);
    const struct sockaddr *to = (struct sockaddr *)&address;
    int fd = step_must(step, sys_socket(AF_INET, SOCK_STREAM | flags, 0),
                       "make a socket");

    (void)sys_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    (void)sys_set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); /* is inherited */
    step_must(step, sys_bind(fd, to, sizeof address), "bind the port");
    step_must(step, sys_listen(fd, BACKLOG), "listen");
    return fd;
}

unsigned step_port(const struct step *step, int listener)
{
    struct sockaddr_storage storage;
    struct sockaddr_in address;
    socklen_t len = sizeof storage;

    step_must(step, sys_local_address(listener, &storage, &len),
              "read the port");
    memcpy(&address, &storage, sizeof address);
    return ntohs(address.sin_port);
}

void step_print_listening(unsigned port)
{
    printf("listening on tcp://127.0.0.1:%u\n", port);
    fflush(stdout);
}

int step_signals(const struct step *step)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    step_must(step, sys_ignore_signal(SIGPIPE), "ignore SIGPIPE");
    return step_must(step, sys_signal_fd(&set), "read signals");
}

bool step_on_signal(const struct step *step, unsigned number,
                    const struct ring *ring)
{
    char text[1024] = "";
    size_t len = 0;

    if (number != SIGUSR1)
        return false;
    for (const struct step_counter *counter = step->counters;
         counter != NULL && counter->name != NULL && len < sizeof text / 2;
         counter++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%.40s %llu\n",
                                counter->name,
                                (unsigned long long)*counter->value);
    if (ring != NULL)
        len += (size_t)snprintf(
            text + len, sizeof text - len,
            "enters %llu\ncqes %llu\noperations %llu\n",
            (unsigned long long)ring->counters.enters,
            (unsigned long long)ring->counters.cqes,
            (unsigned long long)ring->counters.sqes);
    sys_print_error(text, len);
    return true;
}

static struct signalfd_siginfo signal_info;
static int signal_fd;

void step_read_signal(struct ring *ring)
{
    io_uring_prep_read(ring_sqe(ring, STEP_SIGNALLED), signal_fd, &signal_info,
                       sizeof signal_info, 0);
}

void step_init_ring(const struct step *step, struct ring *ring,
                    const struct ring_options *options)
{
    int rc = ring_init(ring, options);

    if (rc < 0)
        exit(command_no_ring(step->name, rc));
    signal_fd = step_signals(step);
}

static void enter(struct ring *ring, unsigned wait_count, uint64_t timeout_ns)
{
    int rc = ring_enter(ring, wait_count, timeout_ns);

    if (rc < 0)
        sys_end_without_ring(rc);
}

/* Handles one CQE. Returns false if the program ends. */
static bool handle(struct step *step, struct ring *ring,
                   const struct io_uring_cqe *cqe)
{
    bool goes_on = true;

    if (cqe->user_data == STEP_REPORT) {
        goes_on = step_on_signal(step, SIGUSR1, ring);
    } else if (cqe->user_data != STEP_SIGNALLED) {
        step->handle(cqe);
    } else { /* another signal may have interrupted the read: -EINTR */
        if (cqe->res == (int)sizeof signal_info) {
            goes_on = step_on_signal(step, signal_info.ssi_signo, ring);
            if (step->on_report != NULL)
                step->on_report(ring);
        }
        step_read_signal(ring);
    }
    return goes_on;
}

bool step_enter(struct step *step, struct ring *ring, unsigned wait_count)
{
    const uint64_t retry_ns = STEP_RETRY_MS * UINT64_C(1000000);
    struct io_uring_cqe cqes[CQES_MAX];
    bool goes_on = true;
    unsigned count;

    enter(ring, wait_count, step->is_paused ? retry_ns : RING_FOREVER);
    if (step->is_paused && !ring_has_next(ring))
        step->accept();
    while (goes_on) {
        count = ring_take(ring, cqes, CQES_MAX);
        for (unsigned i = 0; i < count && goes_on; i++)
            goes_on = handle(step, ring, &cqes[i]);
        if (count > 0)
            continue;
        if (!io_uring_cq_has_overflow(&ring->uring))
            break;
        enter(ring, 0, 0); /* brings what did not fit into the CQ */
    }
    return goes_on;
}

/* Only the kernel has the addresses of the connections that are left. A program
 * that looks for lost memory at exit would report them. */
int step_finish(const struct step *step, uint64_t conns)
{
    int code;

    command.name = step->name;
    code = command_finish(&command, COMMAND_DONE);
    if (conns > 0)
        _Exit(code);
    return code;
}

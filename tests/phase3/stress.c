/* stress.c: pairs of tasks send bytes to each other, while cancels and
 * deadlines come at random; each byte, completion and descriptor is counted.
 *
 * Runs ten seconds in the suite. --seconds 36000 searches for a night. A
 * failure prints the seed. --seed begins with the same random numbers again,
 * though the kernel completes operations in another order. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "fds.h"
#include "random.h"
#include "suite.h"
#include "sys.h"

#define PAIRS_MAX 32u
#define LEN_MAX 4096u       /* of one operation */
#define TOTAL_MAX 65536u    /* of one pair */
#define HURRY_NS 200000u    /* the longest deadline */
#define HANG_S 60           /* how much longer than --seconds a run may take */
#define UNTOUCHED 0xa5

enum kind { PIPE, STREAM, PACKETS, KINDS };

/* One direction: a writer, a reader, and what is between them. */
struct pair {
    struct task writer, reader;
    enum kind kind;
    int in, out; /* the writer's end, the reader's end */
    uint32_t seed;
    size_t total, sent, received;
    bool is_used;
    unsigned char sending[LEN_MAX], receiving[LEN_MAX];
};

struct ring_size {
    unsigned sq, cq;
};

static const struct ring_size sizes[] = {{2, 4}, {4, 4}, {8, 32}, {64, 256}};

static struct loop loop;
static struct pair pairs[PAIRS_MAX];
static struct random chance;
static uint64_t seed, until_ns, bytes, tasks, cancels, interruptions;
static unsigned pair_count = 16, passed;
static struct ring_size size;
static bool is_over;

static _Noreturn void stress_fail(const char *what, long value)
{
    printf("FAILED stress: %s is %ld (%s) with --seed %llu --sq %u --cq %u\n"
           "stress: %u passed, 1 failed, 0 skipped\n",
           what, value, err_name((int)value), (unsigned long long)seed, size.sq,
           size.cq, passed);
    fflush(stdout);
    _exit(COMMAND_FAILED);
}

#define must(expression)                                                      \
    do {                                                                      \
        if (!(expression))                                                    \
            stress_fail(#expression, 0);                                      \
    } while (0)

static void on_alarm(int number)
{
    (void)number;
    stress_fail("no end: the number of tasks alive", loop.sched.count);
}

static unsigned below(unsigned count)
{
    return (unsigned)random_below(&chance, count);
}

static unsigned char byte_at(const struct pair *pair, size_t position)
{
    return (unsigned char)(((uint32_t)position * 2654435761u + pair->seed) >>
                           13);
}

/* Sets a deadline, or none. Tasks that wait for each other may hold all slots
 * of a small ring; a deadline ends that. */
static void hurry(void)
{
    if (loop.ring.cq_entries < 2 * pair_count || below(2) == 0)
        deadline_set_ns(below(HURRY_NS));
    else
        deadline_clear();
}

/* True if the operation was interrupted: it has moved no byte. */
static bool was_interrupted(int result)
{
    if (result != -ECANCELED && result != -ETIME)
        return false;
    interruptions++;
    return true;
}

/* One of the operations that move bytes into the pair, or out of it. */
static int await_send_some(const struct pair *pair, void *buf, size_t len)
{
    struct iovec vectors[2] = {{buf, len / 2},
                               {(char *)buf + len / 2, len - len / 2}};
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2};

    switch (below(pair->kind == PIPE ? 2 : 5)) {
    case 0:
        return await_write(pair->in, buf, len, AWAIT_STREAM);
    case 1:
        return await_writev(pair->in, vectors, 2, AWAIT_STREAM);
    case 2:
        return await_sendmsg(pair->in, &message, 0);
    case 3:
        return await_send(pair->in, buf, len, MSG_WAITALL);
    default:
        return await_send(pair->in, buf, len, 0);
    }
}

static int await_receive_some(const struct pair *pair, void *buf, size_t len)
{
    struct iovec vectors[2] = {{buf, len / 2},
                               {(char *)buf + len / 2, len - len / 2}};
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2};

    switch (below(pair->kind == PIPE ? 2 : pair->kind == PACKETS ? 4 : 5)) {
    case 0:
        return await_read(pair->out, buf, len, AWAIT_STREAM);
    case 1:
        return await_readv(pair->out, vectors, 2, AWAIT_STREAM);
    case 2:
        return await_recvmsg(pair->out, &message, 0);
    case 3:
        return await_recv(pair->out, buf, len, 0);
    default:
        return await_recv(pair->out, buf, len, MSG_WAITALL);
    }
}

/* Now and then waits in another way, which an interruption may end as well. */
static void await_something_else(int fd, unsigned events)
{
    int rc = 0;

    switch (below(16)) {
    case 0:
        rc = await_sleep_ns(below(HURRY_NS));
        break;
    case 1:
        deadline_set_ns(below(HURRY_NS));
        rc = await_poll(fd, events);
        break;
    case 2:
        rc = await_timeout_ns(below(HURRY_NS));
        break;
    case 3:
        rc = await_nop();
        break;
    case 4:
        task_yield();
        break;
    }
    if (rc < 0 && !was_interrupted(rc))
        stress_fail("another wait", rc);
}

static int run_writer(void *arg) /* task body */
{
    struct pair *pair = arg;
    unsigned char *buf = pair->sending;

    while (pair->sent < pair->total) {
        size_t left = pair->total - pair->sent, len = 1 + below(LEN_MAX);
        int sent;

        if (len > left)
            len = left;
        for (size_t i = 0; i < len; i++)
            buf[i] = byte_at(pair, pair->sent + i);
        await_something_else(pair->in, POLLOUT);
        hurry();
        sent = await_send_some(pair, buf, len);
        if (was_interrupted(sent))
            continue;
        if (sent <= 0 || (size_t)sent > len)
            stress_fail("a send", sent);
        pair->sent += (size_t)sent;
    }
    if (await_close(pair->in) != 0)
        stress_fail("a close", pair->in);
    return 0;
}

/* Bytes beyond those that were received were not written; after an interruption
 * none was, and none is later. */
static void check_untouched(const unsigned char *buf, size_t from, size_t len)
{
    for (size_t i = from; i < len; i++)
        if (buf[i] != UNTOUCHED)
            stress_fail("the position of a byte written late", (long)i);
}

static int run_reader(void *arg) /* task body */
{
    struct pair *pair = arg;
    unsigned char *buf = pair->receiving;

    for (;;) {
        size_t len = pair->kind == PACKETS ? LEN_MAX : 1 + below(LEN_MAX);
        int got;

        await_something_else(pair->out, POLLIN);
        memset(buf, UNTOUCHED, len);
        hurry();
        got = await_receive_some(pair, buf, len);
        if (was_interrupted(got)) {
            task_yield();
            check_untouched(buf, 0, len);
            continue;
        }
        if (got < 0 || (size_t)got > len)
            stress_fail("a receive", got);
        if (got == 0)
            break;
        check_untouched(buf, (size_t)got, len);
        for (int i = 0; i < got; i++)
            if (buf[i] != byte_at(pair, pair->received + (size_t)i))
                stress_fail("the position of a wrong byte",
                     (long)pair->received + i);
        pair->received += (size_t)got;
    }
    if (await_close(pair->out) != 0)
        stress_fail("a close", pair->out);
    return 0;
}

/* Cancels tasks at random until the run is over. */
static int run_canceller(void *arg) /* task body */
{
    (void)arg;
    while (!is_over) {
        for (unsigned i = below(8); i > 0; i--) {
            struct pair *pair = &pairs[below(pair_count)];

            task_cancel(below(2) ? &pair->writer : &pair->reader);
            cancels++;
        }
        if (below(4) == 0)
            must(await_sleep_ns(below(HURRY_NS / 4)) == 0);
        else
            must(await_nop() == 0);
    }
    return 0;
}

static void start_pair(struct pair *pair)
{
    int ends[2], rc;

    *pair = (struct pair){
        .kind = (enum kind)below(KINDS),
        .seed = (uint32_t)random_next(&chance),
        .total = below(TOTAL_MAX),
        .is_used = true,
    };
    if (pair->kind == PIPE)
        rc = pipe2(ends, O_CLOEXEC);
    else
        rc = socketpair(AF_UNIX,
                        (pair->kind == STREAM ? SOCK_STREAM : SOCK_SEQPACKET) |
                            SOCK_CLOEXEC,
                        0, ends);
    if (rc < 0)
        stress_fail("a new pair", -errno);
    pair->out = ends[0];
    pair->in = ends[1];
    must(task_spawn(&pair->writer, "writer", run_writer, pair) == 0);
    must(task_spawn(&pair->reader, "reader", run_reader, pair) == 0);
    tasks += 2;
}

static void join_pair(struct pair *pair)
{
    if (!pair->is_used)
        return;
    must(task_join(&pair->writer) == 0);
    must(task_join(&pair->reader) == 0);
    if (pair->received != pair->total)
        stress_fail("the number of bytes received", (long)pair->received);
    bytes += pair->received;
    pair->is_used = false;
}

static int run_pairs(void *arg) /* task body */
{
    struct task canceller = {0};

    (void)arg;
    is_over = false;
    must(task_spawn(&canceller, "canceller", run_canceller, NULL) == 0);
    for (unsigned i = 0; sys_now_ns() < until_ns; i++) {
        join_pair(&pairs[i % pair_count]);
        start_pair(&pairs[i % pair_count]);
    }
    for (unsigned i = 0; i < pair_count; i++)
        join_pair(&pairs[i]);
    is_over = true;
    must(task_join(&canceller) == 0);
    return 0;
}

/* Each SQE has exactly one CQE; those of the last cancels may come now. */
static void check_completions(void)
{
    struct io_uring_cqe cqe;

    must(loop_in_flight(&loop) == 0);
    while (loop.ring.counters.cqes < loop.ring.counters.sqes) {
        must(ring_enter(&loop.ring, 1, 1000000000) == 0);
        while (ring_next(&loop.ring, &cqe))
            must(cqe.user_data == HANDLE_NONE);
    }
    must(ring_enter(&loop.ring, 0, 0) == 0);
    must(!ring_has_next(&loop.ring));
    must(loop.ring.counters.cqes == loop.ring.counters.sqes);
    must(loop.stale_cqes == 0);
}

static void run_ring(uint64_t duration_ns)
{
    struct loop_options options = {.ring = {.sq_entries = size.sq,
                                            .cq_entries = size.cq}};
    int fds_before = fds_open(), rc;

    do /* the kernel releases the memory of the last ring a little later */
        rc = loop_init(&loop, &options);
    while (rc == -ENOMEM && suite_await_memory());
    if (rc < 0)
        stress_fail("loop_init", rc);
    bytes = tasks = cancels = interruptions = 0;
    until_ns = sys_now_ns() + duration_ns;
    rc = loop_run(&loop, run_pairs, NULL);
    if (rc != 0)
        stress_fail("loop_run", rc);
    check_completions();
    printf("stress: sq %u cq %u: %llu tasks, %llu bytes, %llu operations, "
           "%llu cancels, %llu interruptions, %llu overflows\n",
           size.sq, size.cq, (unsigned long long)tasks,
           (unsigned long long)bytes,
           (unsigned long long)loop.ring.counters.sqes,
           (unsigned long long)cancels, (unsigned long long)interruptions,
           (unsigned long long)loop.ring.counters.overflows);
    loop_finish(&loop);
    if (fds_open() != fds_before)
        stress_fail("the number of fds left over", fds_open() - fds_before);
    passed++;
}

static const char help[] =
    "[--seconds N] [--seed N] [--sq N --cq N] [--pairs N]\n"
    "Pairs of tasks send bytes to each other; cancels and deadlines come at\n"
    "random. Every byte, completion and descriptor is counted.\n"
    "  --seconds N  how long (10)\n"
    "  --seed N     begins with these random numbers (the clock)\n"
    "  --sq, --cq   one ring, of these sizes (four, from 2 and 4 on)\n"
    "  --pairs N    pairs at a time, 1 to 32 (16)\n"
    "exit: 0 all is right, 1 it is not, 2 usage\n";

int main(int argc, char **argv)
{
    unsigned seconds = 10, count = sizeof sizes / sizeof *sizes;
    struct ring_size wanted = {0, 0};
    const struct command_option options[] = {
        {.name = "seconds", .number = &seconds, .min = 1, .max = 1000000},
        {.name = "seed", .number64 = &seed, .min = 1, .max = UINT64_MAX},
        {.name = "sq", .number = &wanted.sq, .min = 2, .max = 32768},
        {.name = "cq", .number = &wanted.cq, .min = 2, .max = 65536},
        {.name = "pairs", .number = &pair_count, .min = 1, .max = PAIRS_MAX},
        {0},
    };
    struct command command = {.name = "stress", .help = help,
                              .options = options};
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    if (seed == 0)
        seed = random_option("FUZZ_SEED", sys_wall_ns());
    printf("stress: --seed %llu\n", (unsigned long long)seed);
    signal(SIGALRM, on_alarm);
    alarm(seconds + HANG_S);
    for (unsigned i = 0; i < (wanted.sq || wanted.cq ? 1 : count); i++) {
        chance = (struct random){seed + i};
        size = wanted.sq || wanted.cq ? wanted : sizes[i];
        run_ring(seconds * UINT64_C(1000000000) /
                 (wanted.sq || wanted.cq ? 1 : count));
    }
    printf("stress: %u passed, 0 failed, 0 skipped\n", passed);
    return command_finish(&command, COMMAND_DONE);
}

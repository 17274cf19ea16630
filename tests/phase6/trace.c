/* trace.c: the file of a trace has every SQE and every CQE once. */
#include "trace.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ring.h"
#include "suite.h"
#include "sys_end.h"
#include "trace_log.h"

#define EVENTS_MAX 4096 /* that a test reads back */

/* An event of a file of JSON lines. */
struct event {
    bool is_cqe;
    unsigned number, sqe;
    int ring, res;
    unsigned long long user_data;
    char operation[32];
};

static char path[] = "/tmp/trace.XXXXXX";
static char text[1 << 20];
static struct event events[EVENTS_MAX];
static unsigned event_count, sqes, cqes, dropped;

static void trace_begin(enum trace_format format, uint32_t events_max)
{
    const struct trace_options options = {path, format, events_max};

    close(mkstemp(path));
    check_res(trace_start(&options), 0);
    ring_hook = trace_hook;
}

static void read_text(void)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = read(fd, text, sizeof text - 1);

    ck_assert_int_ge(len, 0);
    text[len] = '\0';
    close(fd);
    unlink(path);
}

/* The number behind "key": in the line. */
static long long member(const char *line, const char *key)
{
    const char *at = strstr(line, key);

    ck_assert_msg(at != NULL, "%s is not in %s", key, line);
    at += strlen(key);
    return strtoll(*at == '"' ? at + 1 : at, NULL, 0);
}

static void read_event(const char *line, struct event *event)
{
    event->is_cqe = strstr(line, "\"event\":\"cqe\"") != NULL;
    event->number = (unsigned)member(line, "\"number\":");
    event->ring = (int)member(line, "\"ring\":");
    event->user_data =
        (unsigned long long)member(line, "\"user_data\":");
    sscanf(strstr(line, "\"operation\":") + 12, "\"%31[^\"]\"",
           event->operation);
    if (!event->is_cqe)
        return;
    event->res = (int)member(line, "\"res\":");
    event->sqe = strstr(line, "\"sqe\":") != NULL
                     ? (unsigned)member(line, "\"sqe\":")
                     : 0;
}

/* Ends the trace and reads its events. */
static void trace_end(void)
{
    char *rest, *line;

    ring_hook = NULL;
    check_res(trace_finish(), 0);
    read_text();
    event_count = 0;
    for (line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strstr(line, "\"event\":\"end\"") == NULL) {
            ck_assert_uint_lt(event_count, EVENTS_MAX);
            read_event(line, &events[event_count++]);
            continue;
        }
        sqes = (unsigned)member(line, "\"sqes\":");
        cqes = (unsigned)member(line, "\"cqes\":");
        dropped = (unsigned)member(line, "\"dropped\":");
    }
}

static void start_ring(struct ring *ring, unsigned sq, unsigned cq)
{
    struct ring_options options = {.sq_entries = sq, .cq_entries = cq};

    check_ring(ring_init(ring, &options));
}

static void reap(struct ring *ring, unsigned count)
{
    struct io_uring_cqe cqe;

    while (count > 0) {
        if (ring_next(ring, &cqe))
            count--;
        else
            check_res(ring_enter(ring, 1, UINT64_C(10000000000)), 0);
    }
}

/* Every event is in the file once, and the sum is what the ring has counted. */
static void check_events(const struct ring_counters *counters)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < event_count; i++)
        seen += !events[i].is_cqe;
    ck_assert_uint_eq(seen, counters->sqes);
    ck_assert_uint_eq(event_count - seen, counters->cqes);
    ck_assert_uint_eq(sqes, counters->sqes);
    ck_assert_uint_eq(cqes, counters->cqes);
    ck_assert_uint_eq(dropped, 0);
    for (unsigned i = 0; i < event_count; i++)
        ck_assert_uint_eq(events[i].number, i + 1);
}

/* The SQE that the CQE names is the SQE with its user_data. */
static void check_pairs(void)
{
    for (unsigned i = 0; i < event_count; i++) {
        const struct event *sqe;

        if (!events[i].is_cqe)
            continue;
        ck_assert_uint_ge(events[i].sqe, 1);
        ck_assert_uint_lt(events[i].sqe, events[i].number);
        sqe = &events[events[i].sqe - 1];
        check(!sqe->is_cqe);
        ck_assert_uint_eq(sqe->user_data, events[i].user_data);
        ck_assert_int_eq(sqe->ring, events[i].ring);
        ck_assert_str_eq(sqe->operation, events[i].operation);
    }
}

TEST(a_tiny_ring_is_traced_completely)
{
    struct ring_counters counters;
    struct ring ring;

    trace_begin(TRACE_JSON_LINES, 0);
    start_ring(&ring, 2, 4);
    for (uint64_t i = 0; i < 300; i++) {
        io_uring_prep_nop(ring_sqe(&ring, i));
        if (i % 3 == 2)
            reap(&ring, 3);
    }
    counters = ring.counters;
    ring_finish(&ring);
    trace_end();
    check_events(&counters);
    check_pairs();
    ck_assert_uint_eq(cqes, 300);
    ck_assert_str_eq(events[0].operation, "NOP");
}

TEST(an_overflow_of_the_cq_loses_no_event)
{
    struct ring_counters counters;
    struct ring ring;

    trace_begin(TRACE_JSON_LINES, 0);
    start_ring(&ring, 4, 4);
    for (uint64_t i = 0; i < 40; i++)
        io_uring_prep_nop(ring_sqe(&ring, i));
    reap(&ring, 40);
    counters = ring.counters;
    ring_finish(&ring);
    ck_assert_uint_ge(counters.overflows, 1);
    trace_end();
    check_events(&counters);
    check_pairs();
}

TEST(every_cqe_of_a_multishot_operation_belongs_to_its_sqe)
{
    struct ring_counters counters;
    struct ring ring;
    uint64_t value = 1;
    int fd = eventfd(0, EFD_CLOEXEC);

    trace_begin(TRACE_JSON_LINES, 0);
    start_ring(&ring, 4, 8);
    io_uring_prep_poll_multishot(ring_sqe(&ring, 5), fd, POLLIN);
    for (int i = 0; i < 3; i++) {
        check_res(ring_enter(&ring, 0, 0), 0);
        check_res(write(fd, &value, sizeof value), sizeof value);
        reap(&ring, 1);
        check_res(read(fd, &value, sizeof value), sizeof value);
    }
    io_uring_prep_poll_remove(ring_sqe(&ring, 6), 5);
    reap(&ring, 2);
    counters = ring.counters;
    ring_finish(&ring);
    trace_end();
    check_events(&counters);
    check_pairs();
    ck_assert_uint_eq(cqes, 5);
    close(fd);
}

/* Two operations in flight have one user_data, and complete in order. */
TEST(of_equal_user_data_the_oldest_sqe_is_taken)
{
    struct ring ring;

    trace_begin(TRACE_JSON_LINES, 0);
    start_ring(&ring, 8, 8);
    io_uring_prep_nop(ring_sqe(&ring, 9));
    io_uring_prep_fsync(ring_sqe(&ring, 9), -1, 0);
    reap(&ring, 2);
    ring_finish(&ring);
    trace_end();
    ck_assert_uint_eq(event_count, 4);
    ck_assert_uint_eq(events[2].sqe, 1);
    ck_assert_str_eq(events[2].operation, "NOP");
    ck_assert_uint_eq(events[3].sqe, 2);
    ck_assert_str_eq(events[3].operation, "FSYNC");
}

TEST(of_equal_user_data_the_sqe_of_the_same_ring_is_taken)
{
    struct ring first, second;
    int fd = eventfd(0, EFD_CLOEXEC);

    trace_begin(TRACE_JSON_LINES, 0);
    start_ring(&first, 8, 8);
    start_ring(&second, 8, 8);
    io_uring_prep_poll_add(ring_sqe(&first, 1), fd, POLLIN);
    check_res(ring_enter(&first, 0, 0), 0);
    io_uring_prep_nop(ring_sqe(&second, 1));
    reap(&second, 1);
    ring_finish(&second);
    ring_finish(&first);
    trace_end();
    ck_assert_uint_eq(event_count, 3);
    ck_assert_uint_eq(events[2].sqe, 2);
    check_pairs();
    close(fd);
}

TEST(a_skipped_completion_does_not_take_the_next_cqe)
{
    struct io_uring_sqe *sqe;
    struct ring ring;

    trace_begin(TRACE_JSON_LINES, 0);
    start_ring(&ring, 8, 8);
    sqe = ring_sqe(&ring, 9);
    io_uring_prep_nop(sqe);
    sqe->flags = IOSQE_CQE_SKIP_SUCCESS;
    io_uring_prep_nop(ring_sqe(&ring, 9));
    reap(&ring, 1);
    ring_finish(&ring);
    trace_end();
    ck_assert_uint_eq(event_count, 3);
    ck_assert_uint_eq(events[2].sqe, 2);
}

TEST(the_trace_keeps_the_last_events_and_counts_the_dropped_ones)
{
    struct ring ring;

    trace_begin(TRACE_JSON_LINES, 8);
    start_ring(&ring, 2, 4);
    for (uint64_t i = 0; i < 50; i++) {
        io_uring_prep_nop(ring_sqe(&ring, i));
        reap(&ring, 1);
    }
    ring_finish(&ring);
    trace_end();
    ck_assert_uint_eq(event_count, 8);
    ck_assert_uint_eq(sqes + cqes, 8);
    ck_assert_uint_eq(dropped, 92);
    for (unsigned i = 0; i < 8; i++) {
        ck_assert_uint_eq(events[i].number, 93 + i);
        ck_assert_uint_eq(events[i].user_data, 46 + i / 2);
    }
}

TEST(a_cqe_whose_sqe_was_dropped_has_no_name)
{
    struct ring ring;

    trace_begin(TRACE_JSON_LINES, 3);
    start_ring(&ring, 2, 4);
    for (uint64_t i = 0; i < 2; i++) {
        io_uring_prep_nop(ring_sqe(&ring, i));
        reap(&ring, 1);
    }
    ring_finish(&ring);
    trace_end();
    ck_assert_uint_eq(event_count, 3);
    check(events[0].is_cqe);
    ck_assert_uint_eq(events[0].sqe, 0);
    ck_assert_str_eq(events[0].operation, "(no SQE)");
}

/* A thread is stopped while it writes event 1, and others fill the log. */
TEST(an_event_whose_place_is_being_written_is_dropped)
{
    struct trace_log log = {0};
    struct trace_event *first, *second;

    check_res(trace_log_init(&log, 2), 0);
    first = trace_log_begin(&log);
    second = trace_log_begin(&log);
    trace_log_end(second);
    check(trace_log_begin(&log) == NULL);
    check(trace_log_find(&log, 2) == second);
    check(trace_log_find(&log, 3) == NULL);
    ck_assert_uint_eq(trace_log_dropped(&log), 2); /* 1 is too old */
    trace_log_end(first);
    check(trace_log_find(&log, 3) == NULL);
    ck_assert_uint_eq(trace_log_dropped(&log), 2);
    trace_log_finish(&log);
}

#define THREADS 4
#define TRIPS 200u

static void *make_trips(void *arg)
{
    struct ring ring;

    start_ring(&ring, 2, 4);
    for (uint64_t i = 0; i < TRIPS; i++) {
        io_uring_prep_nop(ring_sqe(&ring, (uintptr_t)arg << 32 | i));
        reap(&ring, 1);
    }
    ring_finish(&ring);
    return NULL;
}

TEST(rings_of_several_threads_are_in_one_trace)
{
    const struct ring_counters sum = {.sqes = THREADS * TRIPS,
                                      .cqes = THREADS * TRIPS};
    pthread_t threads[THREADS];

    trace_begin(TRACE_JSON_LINES, 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        check_res(-pthread_create(&threads[i], NULL, make_trips, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        check_res(-pthread_join(threads[i], NULL), 0);
    trace_end();
    check_events(&sum);
    check_pairs();
}

/* A small log, so that the threads write to the same places again and again. An
 * event in the file is always a whole one. */
TEST(threads_that_fill_the_log_mix_no_events)
{
    pthread_t threads[THREADS];

    trace_begin(TRACE_JSON_LINES, 16);
    for (uintptr_t i = 0; i < THREADS; i++)
        check_res(-pthread_create(&threads[i], NULL, make_trips, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        check_res(-pthread_join(threads[i], NULL), 0);
    trace_end();
    ck_assert_uint_le(event_count, 16);
    ck_assert_uint_eq(event_count + dropped, 2 * THREADS * TRIPS);
    for (unsigned i = 0; i < event_count; i++) {
        ck_assert_uint_lt(events[i].user_data & UINT32_MAX, TRIPS);
        ck_assert_uint_lt(events[i].user_data >> 32, THREADS);
        ck_assert_int_eq(events[i].res, 0);
    }
}

TEST(the_text_names_operations_results_and_flags)
{
    struct io_uring_sqe *sqe;
    struct ring ring;
    char line[64];

    trace_begin(TRACE_TEXT, 0);
    start_ring(&ring, 8, 8);
    sqe = ring_sqe(&ring, 0xabc);
    io_uring_prep_openat(sqe, AT_FDCWD, "/nowhere", O_RDONLY, 0);
    sqe->flags = IOSQE_ASYNC;
    reap(&ring, 1);
    snprintf(line, sizeof line, " ring %d > OPENAT ", ring.uring.ring_fd);
    ring_finish(&ring);
    ring_hook = NULL;
    check_res(trace_finish(), 0);
    read_text();
    check(strstr(text, line) != NULL);
    check(strstr(text, " fd=cwd len=0 offset=0 [async] user_data=0xabc\n"));
    check(strstr(text, " < OPENAT        = -2 ENOENT after "));
    check(strstr(text, "# 1 SQEs, 1 CQEs, 0 dropped, 0 lost\n") != NULL);
}

TEST(an_operation_without_a_cqe_is_a_slice_to_the_end_of_the_trace)
{
    struct ring ring;
    int fd = eventfd(0, EFD_CLOEXEC);
    const char *slice;

    trace_begin(TRACE_CHROME, 0);
    start_ring(&ring, 8, 8);
    io_uring_prep_poll_add(ring_sqe(&ring, 1), fd, POLLIN);
    io_uring_prep_nop(ring_sqe(&ring, 2));
    reap(&ring, 1);
    ring_finish(&ring);
    ring_hook = NULL;
    check_res(trace_finish(), 0);
    read_text();
    slice = strstr(text, "{\"name\":\"POLL_ADD\",\"ph\":\"X\"");
    check(slice != NULL);
    /* Both are in flight at once, so they are in different rows. */
    ck_assert_int_eq(member(slice, "\"tid\":"), 1);
    slice = strstr(text, "{\"name\":\"NOP\",\"ph\":\"X\"");
    check(slice != NULL);
    ck_assert_int_eq(member(slice, "\"tid\":"), 2);
    close(fd);
}

TEST(lost_cqes_are_reported)
{
    trace_begin(TRACE_TEXT, 0);
    trace_lose(3);
    check_res(trace_finish(), 0);
    read_text();
    check(strstr(text, "0 dropped, 3 lost\n") != NULL);
}

TEST(a_file_that_cannot_be_made_is_an_error)
{
    check_res(trace_start(&(struct trace_options){.path = "/nowhere/x"}),
              -ENOENT);
    check_res(trace_finish(), 0); /* there is no trace */
}

TEST(a_full_disk_is_an_error)
{
    struct ring ring;

    check_res(trace_start(&(struct trace_options){.path = "/dev/full"}), 0);
    ring_hook = trace_hook;
    start_ring(&ring, 2, 4);
    io_uring_prep_nop(ring_sqe(&ring, 1));
    reap(&ring, 1);
    ring_finish(&ring);
    check_res(trace_finish(), -ENOSPC);
}

TEST(the_trace_does_not_become_standard_output)
{
    close(STDOUT_FILENO);
    check_res(trace_start(&(struct trace_options){.path = "/dev/null"}),
              -EBADF);
}

static void end_by_abort(void)
{
    abort();
}

static void end_by_sigterm(void)
{
    raise(SIGTERM);
}

static void end_by_sigint(void)
{
    raise(SIGINT);
}

static void end_by_refusal(void)
{
    sys_end_without_ring(-EPERM);
}

/* Traces one NOP in a child, which calls end. Returns its wait status. */
static int trace_until(void (*end)(void))
{
    int status;

    close(mkstemp(path));
    if (fork() == 0) {
        const struct trace_options options = {path, TRACE_TEXT, 0};
        struct ring ring;

        check(freopen("/dev/null", "w", stderr) != NULL);
        signal(SIGINT, SIG_DFL); /* Check handles both */
        signal(SIGTERM, SIG_DFL);
        check_res(trace_start(&options), 0);
        ring_hook = trace_hook;
        start_ring(&ring, 2, 4);
        io_uring_prep_nop(ring_sqe(&ring, 1));
        reap(&ring, 1);
        end();
        _exit(77);
    }
    check(wait(&status) > 0);
    read_text();
    strcpy(path, "/tmp/trace.XXXXXX");
    check(strstr(text, "# 1 SQEs, 1 CQEs, 0 dropped, 0 lost\n") != NULL);
    return status;
}

TEST(a_process_that_ends_early_writes_its_trace)
{
    int status = trace_until(end_by_abort);

    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    status = trace_until(end_by_sigterm);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    status = trace_until(end_by_sigint);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    status = trace_until(end_by_refusal);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 2);
}

static void note_signal(int number)
{
    (void)number;
    _exit(5);
}

TEST(a_handler_of_the_program_is_kept)
{
    int status;

    signal(SIGTERM, note_signal);
    close(mkstemp(path));
    if (fork() == 0) {
        trace_start(&(struct trace_options){.path = path});
        raise(SIGTERM);
        _exit(77);
    }
    check(wait(&status) > 0);
    unlink(path);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

int main(void)
{
    suite_begin("trace");
    suite_add(a_tiny_ring_is_traced_completely);
    suite_add(an_overflow_of_the_cq_loses_no_event);
    suite_add(every_cqe_of_a_multishot_operation_belongs_to_its_sqe);
    suite_add(of_equal_user_data_the_oldest_sqe_is_taken);
    suite_add(of_equal_user_data_the_sqe_of_the_same_ring_is_taken);
    suite_add(a_skipped_completion_does_not_take_the_next_cqe);
    suite_add(the_trace_keeps_the_last_events_and_counts_the_dropped_ones);
    suite_add(a_cqe_whose_sqe_was_dropped_has_no_name);
    suite_add(an_event_whose_place_is_being_written_is_dropped);
    suite_add(rings_of_several_threads_are_in_one_trace);
    suite_add(threads_that_fill_the_log_mix_no_events);
    suite_add(the_text_names_operations_results_and_flags);
    suite_add(an_operation_without_a_cqe_is_a_slice_to_the_end_of_the_trace);
    suite_add(lost_cqes_are_reported);
    suite_add(a_file_that_cannot_be_made_is_an_error);
    suite_add(a_full_disk_is_an_error);
    suite_add(the_trace_does_not_become_standard_output);
    suite_add(a_process_that_ends_early_writes_its_trace);
    suite_add(a_handler_of_the_program_is_kept);
    return suite_end();
}

/* views.c: the entries that the shim finds in the memory of a program's ring.
 * The test calls liburing directly, as if the linker had not seen some of the
 * calls. */
#include "trace_views.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"
#include "trace.h"

static char path[] = "/tmp/views.XXXXXX";
static char text[1 << 16];
static struct io_uring ring;

static void begin(void)
{
    close(mkstemp(path));
    check_res(trace_start(&(struct trace_options){.path = path}), 0);
    trace_views_begin();
}

static void start(unsigned entries, unsigned flags)
{
    check_ring(io_uring_queue_init(entries, &ring, flags));
    trace_views_add_uring(&ring);
}

/* Ends the trace, and reads its text. */
static void end(void)
{
    ssize_t len;
    int fd;

    trace_views_end();
    check_res(trace_finish(), 0);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    len = read(fd, text, sizeof text - 1);
    ck_assert_int_gt(len, 0);
    text[len] = '\0';
    close(fd);
    unlink(path);
}

/* How many lines contain the words. */
static unsigned count(const char *words)
{
    unsigned found = 0;

    for (const char *p = text; (p = strstr(p, words)) != NULL; p++)
        found++;
    return found;
}

static void submit_nops(unsigned nops, unsigned first)
{
    for (unsigned i = 0; i < nops; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

        io_uring_prep_nop(sqe);
        sqe->user_data = first + i;
    }
    trace_views_look(&ring, -1, true);
    check_res(io_uring_submit(&ring), nops);
}

TEST(every_sqe_and_cqe_is_found_once)
{
    begin();
    start(4, 0);
    for (unsigned i = 0; i < 30; i++) {
        submit_nops(i % 4 + 1, 100 * i);
        trace_views_look(&ring, -1, false);
        trace_views_look(&ring, -1, true); /* nothing is new */
        io_uring_cq_advance(&ring, i % 4 + 1);
    }
    trace_views_remove(&ring);
    io_uring_queue_exit(&ring);
    end();
    check(count("# 73 SQEs, 73 CQEs, 0 dropped, 0 lost\n") == 1);
    check(count(" > NOP ") == 73);
    check(count(" user_data=0x0\n") == 2); /* 1st SQE and its CQE */
    check(count(" user_data=0xb54\n") == 2); /* the first of the last round */
}

TEST(cqes_that_were_overwritten_are_counted_as_lost)
{
    begin();
    start(4, 0); /* the CQ has 8 entries */
    for (unsigned i = 0; i < 5; i++) {
        for (unsigned j = 0; j < 4; j++)
            io_uring_prep_nop(io_uring_get_sqe(&ring));
        check_res(io_uring_submit(&ring), 4);
        io_uring_cq_advance(&ring, 4);
    }
    end();
    /* Of 20 CQEs the last 8 are there. The SQEs were not looked at. */
    check(count("# 0 SQEs, 8 CQEs, 0 dropped, 12 lost\n") == 1);
    io_uring_queue_exit(&ring);
}

TEST(entries_of_twice_the_size_are_read)
{
    begin();
    start(4, IORING_SETUP_SQE128 | IORING_SETUP_CQE32);
    submit_nops(3, 7);
    end();
    io_uring_queue_exit(&ring);
    check(count("# 3 SQEs, 3 CQEs, 0 dropped, 0 lost\n") == 1);
    check(count(" user_data=0x7\n") == 2);
    check(count(" user_data=0x8\n") == 2);
    check(count(" user_data=0x9\n") == 2);
}

/* The bare system calls, and a mapping that the program does not share. */
TEST(a_ring_of_bare_system_calls_is_read)
{
    struct io_uring_params params = {0};
    unsigned *tail, *array;
    struct io_uring_sqe *sqes;
    char *sq;
    int fd = (int)syscall(SYS_io_uring_setup, 1024, &params);

    begin();
    ck_assert_int_ge(fd, 0);
    trace_views_add_fd(fd, &params);
    sq = mmap(NULL, params.sq_off.array + 1024 * sizeof *array,
              PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
    sqes = mmap(NULL, 1024 * sizeof *sqes, PROT_READ | PROT_WRITE, MAP_SHARED,
                fd, IORING_OFF_SQES);
    check(sq != MAP_FAILED && sqes != MAP_FAILED);
    tail = (unsigned *)(void *)(sq + params.sq_off.tail);
    array = (unsigned *)(void *)(sq + params.sq_off.array);
    sqes[3] = (struct io_uring_sqe){.opcode = IORING_OP_NOP, .user_data = 32};
    array[0] = 3; /* the array selects the SQE */
    *tail = 1;
    trace_views_look(NULL, fd + 1, true); /* another ring */
    sqes[3].user_data = 33;
    trace_views_look(NULL, fd, true);
    check_res(syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL, 0), 1);
    end();
    close(fd);
    check(count("# 1 SQEs, 1 CQEs, 0 dropped, 0 lost\n") == 1);
    check(count(" > NOP ") == 1);
    check(count(" user_data=0x21\n") == 2);
}

TEST(a_ring_that_is_not_known_is_left_alone)
{
    begin();
    start(4, 0);
    trace_views_remove(&ring);
    submit_nops(2, 1);
    trace_views_look(NULL, 1000, true);
    end();
    io_uring_queue_exit(&ring);
    check(count("# 0 SQEs, 0 CQEs, 0 dropped, 0 lost\n") == 1);
}

static const char *why_no_big_entries(void)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SQE128 | IORING_SETUP_CQE32,
    };
    int fd = (int)syscall(SYS_io_uring_setup, 4, &params);

    if (fd < 0)
        return "this kernel has no SQE128 and CQE32 (Linux 5.19)";
    close(fd);
    return NULL;
}

int main(void)
{
    suite_begin("views");
    suite_add(every_sqe_and_cqe_is_found_once);
    suite_add(cqes_that_were_overwritten_are_counted_as_lost);
    suite_add_unless(why_no_big_entries(), entries_of_twice_the_size_are_read);
    suite_add(a_ring_of_bare_system_calls_is_read);
    suite_add(a_ring_that_is_not_known_is_left_alone);
    return suite_end();
}

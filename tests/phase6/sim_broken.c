/* sim_broken.c: programs with one mistake each, on the simulated kernel.
 *
 * `sim_broken MISTAKE [CHOICES]` exits with 1, after the simulated kernel has
 * printed the name of the invariant that MISTAKE breaks. The bytes of CHOICES
 * are the choices of the run. tests/phase6/sim.bats runs it. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ring.h"
#include "ring_register.h"
#include "sim_buffers.h"
#include "sim_check.h"
#include "sim_event.h"
#include "sim_file.h"
#include "sim_knobs.h"
#include "sim_ops.h"
#include "sim_pick.h"
#include "sim_pipe.h"
#include "sim_registered.h"
#include "sim_ring.h"
#include "sim_world.h"
#include "sys.h"
#include "sys_process.h"

#define BUFS 4
#define BUF_LEN 16

static struct ring ring;
static int fds[2]; /* a pipe */
static char buf[BUF_LEN];

static void read_pipe(void)
{
    io_uring_prep_read(ring_sqe(&ring, 1), fds[0], buf, sizeof buf, -1);
}

static void write_to_a_buffer_of_the_kernel(void)
{
    read_pipe();
    ring_enter(&ring, 0, 0);
    buf[0] = 'x';
    sys_event_signal(fds[1]);
    ring_enter(&ring, 1, RING_FOREVER);
}

static void change_what_is_being_written(void)
{
    char full[64];

    memset(full, 'a', sizeof full);
    io_uring_prep_write(ring_sqe(&ring, 1), fds[1], full, sizeof full, -1);
    ring_enter(&ring, 1, RING_FOREVER); /* now the pipe is full */
    io_uring_prep_write(ring_sqe(&ring, 2), fds[1], buf, sizeof buf, -1);
    ring_enter(&ring, 0, 0);
    buf[0] = 'x';
    read_pipe();
    ring_enter(&ring, 3, RING_FOREVER);
}

static void end_a_ring_in_use(void)
{
    read_pipe();
    ring_enter(&ring, 0, 0);
    ring_finish(&ring);
}

static void close_an_fd_in_use(void)
{
    read_pipe();
    ring_enter(&ring, 0, 0);
    sys_close(fds[0]);
}

/* Is right for 255 of 256 choices. */
static void close_an_fd_for_one_choice(void)
{
    bool waits = pick(256) != 'x';

    read_pipe();
    ring_enter(&ring, 0, 0);
    sys_event_signal(fds[1]);
    if (waits)
        ring_enter(&ring, 1, RING_FOREVER);
    sys_close(fds[0]);
}

static void close_an_fd_with_a_queued_sqe(void)
{
    read_pipe();
    sys_close(fds[0]);
}

static void close_an_fd_twice(void)
{
    sys_close(fds[0]);
    sys_close(fds[0]);
}

static void use_a_closed_fd(void)
{
    sys_close(fds[0]);
    read_pipe();
    ring_enter(&ring, 0, 0);
}

static void leave_an_fd_open(void)
{
    ring_finish(&ring);
    file_check_all_closed();
}

static void wait_for_nothing(void)
{
    read_pipe();
    ring_enter(&ring, 1, RING_FOREVER);
}

static void spin(void)
{
    for (;;)
        ring_enter(&ring, 0, 0);
}

static void use_an_unknown_opcode(void)
{
    io_uring_prep_sync_file_range(ring_sqe(&ring, 1), fds[0], 0, 0, 0);
    ring_enter(&ring, 0, 0);
}

static struct io_uring_buf_ring shared[BUFS];
static char memory[BUFS][BUF_LEN];

static void add_buffer(unsigned short id)
{
    io_uring_buf_ring_add(shared, memory[id], BUF_LEN, id,
                          io_uring_buf_ring_mask(BUFS), 0);
    io_uring_buf_ring_advance(shared, 1);
}

static void return_a_buffer_twice(void)
{
    io_uring_buf_ring_init(shared);
    ring_register_buf_ring(&ring, shared, BUFS, 0);
    add_buffer(0);
    add_buffer(0);
    ring_enter(&ring, 0, 0);
}

static void keep_a_buffer(void)
{
    io_uring_buf_ring_init(shared);
    ring_register_buf_ring(&ring, shared, BUFS, 0);
    add_buffer(0);
    ring_unregister_buf_ring(&ring, 0);
}

static void write_to_a_provided_buffer(void)
{
    struct picked picked;

    io_uring_buf_ring_init(shared);
    ring_register_buf_ring(&ring, shared, BUFS, 0);
    add_buffer(0);
    ring_enter(&ring, 0, 0);
    memory[0][0] = 'x';
    buffers_peek(0, &picked);
}

static uint64_t sum; /* of an eventfd */

/* Waits for an eventfd, until the eventfd of the ring is signalled. */
static void wait_for_a_bell(int bell, int signals)
{
    io_uring_prep_read(ring_sqe(&ring, 1), bell, &sum, sizeof sum, 0);
    ring_enter(&ring, 0, 0);
    sys_event_signal(bell);
    while ((file_of(signals)->class->poll(file_of(signals)) & POLLIN) == 0)
        world_step(WORLD_NEVER);
    sys_hint_take(signals);
    while (ring_needs_enter(&ring))
        ring_enter(&ring, 0, 0);
    sys_hint_take(signals); /* the completion itself is a signal */
}

/* With DEFER_TASKRUN, the second signal is lost. */
static void wait_for_two_eventfds(void)
{
    int bell = sys_event_fd(), signals = sys_hint_fd();

    ring_register_eventfd(&ring, signals);
    wait_for_a_bell(bell, signals);
    puts("woken once");
    fflush(stdout);
    wait_for_a_bell(bell, signals);
}

static const struct {
    const char *name;
    void (*make)(void);
} mistakes[] = {
    {"write-to-a-buffer-of-the-kernel", write_to_a_buffer_of_the_kernel},
    {"change-what-is-being-written", change_what_is_being_written},
    {"end-a-ring-in-use", end_a_ring_in_use},
    {"close-an-fd-in-use", close_an_fd_in_use},
    {"close-an-fd-for-one-choice", close_an_fd_for_one_choice},
    {"close-an-fd-with-a-queued-sqe", close_an_fd_with_a_queued_sqe},
    {"close-an-fd-twice", close_an_fd_twice},
    {"use-a-closed-fd", use_a_closed_fd},
    {"leave-an-fd-open", leave_an_fd_open},
    {"wait-for-nothing", wait_for_nothing},
    {"spin", spin},
    {"use-an-unknown-opcode", use_an_unknown_opcode},
    {"return-a-buffer-twice", return_a_buffer_twice},
    {"keep-a-buffer", keep_a_buffer},
    {"write-to-a-provided-buffer", write_to_a_provided_buffer},
    {"wait-for-two-eventfds", wait_for_two_eventfds},
};

int main(int argc, char **argv)
{
    const struct ring_options options = {.sq_entries = 8};

    if (argc != 2 && argc != 3)
        return 2;
    check_init(STDERR_FILENO, false);
    check_begin("broken", 0);
    pick_random(0);
    if (argc == 3) {
        check_begin_choices("broken", argv[2]);
        pick_bytes((const unsigned char *)argv[2], strlen(argv[2]));
    }
    knobs_clear();
    world_begin();
    file_begin();
    ring_begin();
    buffers_begin();
    pipe_begin();
    ops_begin();
    event_begin();
    registered_begin();
    if (ring_init(&ring, &options) < 0 || sys_pipe(fds) < 0)
        return 2;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (strcmp(mistakes[i].name, argv[1]) == 0)
            mistakes[i].make();
    puts("no invariant was broken");
    return 2;
}

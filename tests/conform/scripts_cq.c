/* scripts_cq.c: when completions appear, and a CQ that is full. */
#include "conform.h"
#include "sys.h"

static void in_order(void)
{
    for (unsigned data = 1; data < 5; data++)
        io_uring_prep_nop(script_sqe(data));
    script_see(4);
}

static void hidden(void)
{
    script_pipe();
    script_read(1, 8);
    script_see(0);
    sys_event_signal(script_fds[1]); /* without an enter */
    stage_settle();
    script_say("the CQ has %s", ring_has_next(&script_ring) ? "one" : "none");
    script_say("an enter is %s",
               ring_needs_enter(&script_ring) ? "needed" : "not needed");
    script_see(1);
}

static void overflow(void)
{
    for (unsigned data = 1; data <= 20; data++) {
        io_uring_prep_nop(script_sqe(data));
        if (data % 4 == 0)
            ring_enter(&script_ring, 0, 0);
    }
    script_say("an enter is %s",
               ring_needs_enter(&script_ring) ? "needed" : "not needed");
    script_see(20);
}

static void two_readers(void)
{
    script_pipe();
    io_uring_sqe_set_data64(script_read(1, 4), 1);
    io_uring_sqe_set_data64(script_read(2, 4), 1);
    script_see(0);
    sys_event_signal(script_fds[1]);
    script_see(2);
}

static void poll_then_read(void)
{
    script_pipe();
    io_uring_prep_poll_add(script_sqe(1), script_fds[0], 1); /* POLLIN */
    script_see(0);
    sys_event_signal(script_fds[1]);
    script_see(1);
    script_read(2, 8);
    script_see(1);
}

static void poll_of_ready(void)
{
    script_pipe();
    script_write("five!");
    io_uring_prep_poll_add(script_sqe(1), script_fds[0], 1);
    io_uring_prep_poll_add(script_sqe(2), script_fds[1], 4); /* POLLOUT */
    script_see(2);
}

const struct script scripts_cq[] = {
    {"nops complete in order", in_order},
    {"with DEFER_TASKRUN a completion is hidden until an enter", hidden},
    {"a CQ that is full loses no completion", overflow},
    {"two reads of one pipe share its bytes", two_readers},
    {"a poll waits for bytes, and takes none", poll_then_read},
    {"a poll of a ready file completes at once", poll_of_ready},
    {NULL, NULL},
};

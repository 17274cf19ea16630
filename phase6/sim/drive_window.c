/* drive_window.c: the window of batch reads several files; see sim_run.h.
 *
 * What it teaches: completions come in any order, and the output has one order.
 * The window limits what may go on at the same time, and the driver checks the
 * limits at each event, and not only at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch_loop.h"
#include "sim_check.h"
#include "sim_given.h"
#include "sim_knobs.h"
#include "sim_ops.h"
#include "sim_pick.h"
#include "sim_ring.h"
#include "sim_run.h"
#include "sim_sink.h"
#include "sim_world.h"

#define WINDOW_MAX 4u
#define BUFFER_MAX 200u /* small, so that a file fills a buffer often */
#define CHAIN_MAX 4u    /* operations in flight per file */
#define CROWD_MAX 64u

/* Batch's window.o has this name in place of stderr. */
extern FILE *window_stderr;
FILE *window_stderr;

static struct {
    struct batch_loop loop;
    struct sim_file file;   /* is open often: see set_up */
    int fds[CROWD_MAX];
    unsigned fd_count;
} run;

static const struct file_class crowd_class = {.name = "another thread's file"};

/* Checks the limits. In mode single, one operation is in flight at a time. */
static void check_limits(void)
{
    const struct batch_loop *loop = &run.loop;
    /* The program's own count may be wrong, so the simulator counts. */
    unsigned in_flight = ops_count(ring_of(loop->ring.uring.ring_fd), false);
    unsigned limit = loop->mode->is_serial
                         ? 1 : 1 + CHAIN_MAX * loop->window.size;

    check_that(given_open_count() <= loop->window.size,
               "files-within-the-window", "open files:", given_open_count());
    check_that(in_flight <= limit, "operations-within-limit",
               "operations in flight:", in_flight);
}

/* Connects the parts of batch as batch.c does. The size of the window is
 * picked, because a large one hides that a file waits for another one. */
static void connect_parts(struct batch_loop *loop)
{
    static const struct mode *const modes[] = {
        &mode_single, &mode_batch, &mode_linked, &mode_fixed, &mode_vectored,
    };

    loop->mode = modes[pick(sizeof modes / sizeof *modes)];
    loop->ring.counts = &loop->counts;
    loop->ring.is_serial = loop->mode->is_serial;
    loop->window.ring = &loop->ring;
    loop->window.files = given_paths();
    loop->window.file_count = given_count();
    loop->window.size = loop->mode->is_serial ? 1 : 1 + pick(WINDOW_MAX);
    loop->window.is_direct = loop->mode->is_direct;
    loop->output.window = &loop->window;
    loop->output.mode = loop->mode;
    loop->output.counts = &loop->counts;
    loop->output.info.st_mode = S_IFIFO;
    loop->verify.window = &loop->window;
    loop->verify.is_linked = loop->mode->is_linked;
    loop->verify.scratch = given_scratch();
}

static void set_up_part(int rc, const char *what)
{
    check_that(rc == 0, "set-up", what, rc);
}

/* Sets batch up as batch.c does, and then replaces its buffers by smaller
 * ones. */
static void set_up(struct batch_loop *loop)
{
    struct window *w = &loop->window;
    struct slots *slots = &w->buffers.slots;
    unsigned count, left;

    set_up_part(batch_ring_init(&loop->ring, knob_is_on(KNOB_SQ_TWO) ? 4 : 0,
                                &w->size, w->is_direct), "a ring:");
    set_up_part(window_init(w, loop->mode->per_set,
                            verify_is_on(&loop->verify) ? w->size : 0),
                "a window:");
    count = slots->count;
    slots_finish(slots);
    set_up_part(slots_init(slots, count, 1 + pick(BUFFER_MAX)), "buffers:");
    set_up_part(output_init(&loop->output), "an output:");
    if (verify_is_on(&loop->verify))
        set_up_part(verify_init(&loop->verify), "a scratch file:");
    if (loop->mode->setup != NULL)
        set_up_part(loop->mode->setup(w), "a mode:");
    /* Another thread of the process opens files until few descriptors are left,
     * at least one. So an open fails with -EMFILE while others are open. */
    if (pick(4) > 0)
        return;
    run.file.class = &crowd_class;
    while (run.fd_count < CROWD_MAX && file_has_room())
        run.fds[run.fd_count++] = file_install(&run.file);
    left = 1 + pick(WINDOW_MAX);
    given_limit_fds(left);
    for (; left > 0; left--)
        (void)file_close(run.fds[--run.fd_count]);
}

/* Frees everything. All buffers must be back. */
static void tear_down(struct batch_loop *loop)
{
    struct slots *slots = &loop->window.buffers.slots;
    unsigned copies = verify_is_on(&loop->verify)
                          ? loop->window.size * loop->mode->per_set : 0;

    io_uring_queue_exit(&loop->ring.uring);
    check_that(slots->free_count + copies == slots->count,
               "every-buffer-returned-once", "free buffers:",
               slots->free_count);
    verify_finish(&loop->verify);
    output_finish(&loop->output);
    window_finish(&loop->window);
    while (run.fd_count > 0)
        (void)file_close(run.fds[--run.fd_count]);
}

static void drive(void)
{
    char *messages = NULL;
    size_t len;
    int rc;

    memset(&run, 0, sizeof run);
    window_stderr = open_memstream(&messages, &len);
    given_begin(pick(4) == 0);
    sink_begin();
    connect_parts(&run.loop);
    set_up(&run.loop);
    world_add_source(check_limits); /* it offers nothing */
    /* A failure of the ring or of stdout would end the process. Neither fails
     * here. */
    rc = batch_loop_run(&run.loop);
    check_that(rc == 0, "the-program-ends-well", "its result is", rc);
    tear_down(&run.loop);
    (void)fclose(window_stderr);
    given_check(messages, run.loop.counts.failed, run.loop.counts.bytes);
    free(messages);
    given_end();
}

const struct sim_driver drive_window = {
    .name = "window",
    .what = "the window of phase2/batch, which reads several files",
    .run = drive,
};

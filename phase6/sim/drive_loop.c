/* drive_loop.c: the tasks of sim_actors.h in a loop; see sim_run.h. */
#include "loop.h"
#include "sim_actors.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_run.h"

/* A small CQ makes tasks wait for a slot; a small SQ makes them submit early. A
 * plain ring posts completions at any moment. */
static void drive(void)
{
    const struct loop_options options = {
        .ring = {.sq_entries = knob_is_on(KNOB_SQ_TWO) ? 2 : 8,
                 .cq_entries = knob_is_on(KNOB_SMALL_CQ) ? 2 : 32,
                 .plain = pick(4) == 0},
        .tasks_max = ACTORS_MAX + 1,
        .stack_len = 16384,
    };
    struct loop loop; /* of this run only */
    int rc = loop_init(&loop, &options);

    check_that(rc == 0, "set-up", "a loop:", rc);
    rc = loop_run(&loop, actors_await_all, NULL);
    check_that(rc == 0, "the-program-ends-well", "its result is", rc);
    check_that(loop.stale_cqes == 0, "one-terminal-result", "stale CQEs:",
               (int64_t)loop.stale_cqes);
    loop_finish(&loop);
}

const struct sim_driver drive_loop = {
    .name = "loop",
    .what = "tasks of lib/task and lib/loop that race and cancel",
    .run = drive,
};

/* sim_run.c: one run of a program; see sim_run.h.
 *
 * What it teaches: two runs in one process are independent only if the second
 * one begins in the state of a new process. Otherwise a run would not depend on
 * its choices alone. */
#include "sim_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim_buffers.h"
#include "sim_check.h"
#include "sim_disk.h"
#include "sim_epoll.h"
#include "sim_errno.h"
#include "sim_event.h"
#include "sim_file.h"
#include "sim_knobs.h"
#include "sim_ops.h"
#include "sim_pick.h"
#include "sim_pipe.h"
#include "sim_registered.h"
#include "sim_ring.h"
#include "sim_socket.h"
#include "sim_watch.h"
#include "sim_world.h"

/* Each has a file drive_NAME.c. */
static const struct sim_driver *const drivers[] = {
    &drive_bridge, &drive_echo,  &drive_loop,   &drive_pump,
    &drive_serve,  &drive_small, &drive_stream, &drive_window,
};

const struct sim_driver *run_find(const char *name)
{
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    return NULL;
}

int run_read_choices(const char *path, unsigned char bytes[RUN_CHOICES_MAX],
                     size_t *len)
{
    FILE *file = fopen(path, "rb");
    int rc = 0;

    if (file == NULL)
        return -errno;
    *len = fread(bytes, 1, RUN_CHOICES_MAX, file);
    if (ferror(file))
        rc = -errno;
    else if (*len == RUN_CHOICES_MAX)
        rc = -EFBIG;
    (void)fclose(file);
    return rc;
}

uint64_t run_once(const struct sim_driver *driver)
{
    world_begin(); /* first: the others add their events to it */
    file_begin();
    ring_begin();
    buffers_begin();
    pipe_begin();
    socket_begin();
    disk_begin();
    watch_begin(); /* these two have no events */
    epoll_begin();
    ops_begin();
    event_begin();
    registered_begin();
    errno_begin();
    driver->run();
    file_check_all_closed();
    return pick_fingerprint();
}

/* Runs the program with knobs that are the first choices. */
static uint64_t run_with_knobs(const struct sim_driver *driver)
{
    knobs_draw();
    for (unsigned i = 0; i < KNOB_COUNT && check_is_tracing(); i++)
        if (knob_is_on(i))
            check_trace("knob %s", knob_name(i));
    return run_once(driver);
}

uint64_t run_seed(const struct sim_driver *driver, uint64_t seed)
{
    check_begin(driver->name, seed);
    pick_random(seed);
    return run_with_knobs(driver);
}

uint64_t run_choices(const struct sim_driver *driver, const char *choices,
                     const unsigned char *bytes, size_t len)
{
    check_begin_choices(driver->name, choices);
    pick_bytes(bytes, len);
    return run_with_knobs(driver);
}

/* sim_run.h: the programs that run on the simulated kernel, and their runs.
 *
 * A driver starts an existing program with the choices of one run, and checks
 * its results. If a check fails, the driver calls check_fail. */
#ifndef PHASE6_SIM_RUN_H
#define PHASE6_SIM_RUN_H

#include <stddef.h>
#include <stdint.h>

#define RUN_CHOICES_MAX 65536u /* bytes; libFuzzer's inputs are shorter */

struct sim_driver {
    const char *name;
    const char *what; /* for --help */
    void (*run)(void);
};

extern const struct sim_driver drive_bridge, drive_echo, drive_loop,
    drive_pump, drive_serve, drive_small, drive_stream, drive_window;

/* Returns the driver of this name, or NULL if no driver has it. */
const struct sim_driver *run_find(const char *name);

/* Reads a file of choices. Sets *len.
 *
 * Returns 0       the file is read
 *         -EFBIG  it has RUN_CHOICES_MAX bytes or more
 *         -errno  of fopen or fread */
int run_read_choices(const char *path, unsigned char bytes[RUN_CHOICES_MAX],
                     size_t *len);

/* Runs the program once, with the choices and the knobs that are set. Call
 * check_begin first. The simulated kernel forgets all earlier runs. Returns the
 * fingerprint of the run. */
uint64_t run_once(const struct sim_driver *driver);

/* Run the program once, with the choices of a seed, or with len bytes as
 * choices. The first choices set the knobs. A failure names the seed, or the
 * file `choices`. Return the fingerprint of the run. */
uint64_t run_seed(const struct sim_driver *driver, uint64_t seed);
uint64_t run_choices(const struct sim_driver *driver, const char *choices,
                     const unsigned char *bytes, size_t len);

#endif

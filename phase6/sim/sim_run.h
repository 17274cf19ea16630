/* sim_run.h: the programs that run on the simulated kernel.
 *
 * A driver starts an existing program with the choices of one run, and checks
 * its results. If a check fails, the driver calls check_fail. */
#ifndef PHASE6_SIM_RUN_H
#define PHASE6_SIM_RUN_H

struct sim_driver {
    const char *name;
    const char *what; /* for --help */
    void (*run)(void);
};

extern const struct sim_driver drive_bridge, drive_echo, drive_loop,
    drive_pump, drive_serve, drive_small, drive_stream, drive_window;

#endif

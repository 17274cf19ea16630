/* sim_run.h: the programs that run on the simulated kernel.
 *
 * A driver starts a program that exists already, with the choices of one run,
 * and checks its results. It fails with check_fail, and returns otherwise. */
#ifndef PHASE6_SIM_RUN_H
#define PHASE6_SIM_RUN_H

struct sim_driver {
    const char *name;
    const char *what; /* for --help */
    void (*run)(void);
};

extern const struct sim_driver drive_echo, drive_loop, drive_pump,
    drive_serve, drive_small;

#endif

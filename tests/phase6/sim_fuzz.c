/* sim_fuzz.c: the simulated kernel under libFuzzer: bytes are choices.
 *
 * SIM_PROGRAM in the environment names the program. libFuzzer keeps the inputs
 * whose runs reach new code, and changes them further. So it steers the order
 * of events and the faults. `ninja sim-fuzz` runs it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim_check.h"
#include "sim_run.h"

static const struct sim_driver *driver;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A failure ends with exit(3), so that libFuzzer writes the input to a file. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("SIM_PROGRAM");

    (void)argc, (void)argv;
    driver = name != NULL ? run_find(name) : NULL;
    if (driver == NULL) {
        fputs("sim: SIM_PROGRAM does not name a program; see sim --help\n",
              stderr);
        _exit(2);
    }
    if (freopen("/dev/null", "w", stdout) == NULL)
        _exit(1);
    check_init(STDERR_FILENO, false);
    check_end_with(exit);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    (void)run_choices(driver, "FILE", data, len);
    return 0;
}

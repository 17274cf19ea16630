/* cp_stop.c: signals that ask us to stop; see cp_stop.h. */
#include "cp_stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t requested;

static void remember(int number)
{
    requested = number;
}

void stop_on_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    /* No SA_RESTART: a call that waits is to come back and look. The default
     * action is restored, which makes the second signal deadly. */
    struct sigaction action = {
        .sa_handler = remember,
        .sa_flags = SA_RESETHAND,
    };
    struct sigaction old;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(numbers[i], &action, NULL);
    }
    (void)signal(SIGXFSZ, SIG_IGN);
}

int stop_requested(void)
{
    return requested;
}

void stop_by_signal(void)
{
    if (requested == 0)
        return;
    (void)signal(requested, SIG_DFL);
    (void)raise(requested);
}

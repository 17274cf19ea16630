/* stop.c: handles the signals that ask us to stop; see stop.h. */
#include "stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t requested;

static void stop_remember(int number)
{
    requested = number;
}

void stop_on_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    struct sigaction action = {.sa_handler = stop_remember}, old;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        /* No SA_RESTART: a blocked call must return with EINTR. With
         * SA_RESETHAND a second signal ends the program immediately. SIGPIPE
         * does not get that flag, because messages that we print before the end
         * may go to the same pipe and cause a second signal. */
        action.sa_flags = numbers[i] != SIGPIPE ? (int)SA_RESETHAND : 0;
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

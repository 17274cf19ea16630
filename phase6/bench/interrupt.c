/* interrupt.c: a signal that asks bench to end; see interrupt.h. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
static volatile sig_atomic_t caught;

static void interrupt_catch(int number)
{
    caught = number;
}

/* Does not set SA_RESTART, so a system call that waits returns EINTR. */
void interrupt_init(void)
{
    struct sigaction action = {.sa_handler = interrupt_catch}, old;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaction(numbers[i], NULL, &old);
        if (old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* otherwise the kernel may reap the children */
}

int interrupt_number(void)
{
    return caught;
}

void interrupt_reset(void)
{
    struct sigaction old;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaction(numbers[i], NULL, &old);
        if (old.sa_handler == interrupt_catch)
            signal(numbers[i], SIG_DFL);
    }
}

void interrupt_finish(void)
{
    if (caught == 0)
        return;
    interrupt_reset();
    raise(caught);
}

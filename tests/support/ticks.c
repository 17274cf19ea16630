/* ticks.c: interrupts a program a thousand times per second.
 *
 * Test support, preloaded: LD_PRELOAD=.../ticks.so build/phase3/tour. The
 * handler has no SA_RESTART, so a tick ends a blocking system call with EINTR.
 * It has SA_ONSTACK: a task's stack may be too small for the frame of a signal.
 *
 * Only programs whose path begins with TICKS_BELOW are interrupted, so the
 * shells and tools of a test are not. A child without exec has to arm the timer
 * again. Neither our programs nor Check use the signal. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS 1000000

static volatile sig_atomic_t ticks;

static void on_tick(int number)
{
    (void)number;
    ticks++;
}

static void arm(void)
{
    const struct itimerspec period = {{0, TICK_NS}, {0, TICK_NS}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGRTMAX - 3};
    timer_t timer;

    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
        timer_settime(timer, 0, &period, NULL) != 0)
        abort();
}

static int is_chosen(void)
{
    const char *below = getenv("TICKS_BELOW");
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);

    return below == NULL ||
           (len > (ssize_t)strlen(below) &&
            strncmp(path, below, strlen(below)) == 0);
}

__attribute__((constructor)) static void begin(void)
{
    static char stack[65536];
    const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_ONSTACK};

    if (!is_chosen())
        return;
    sigaltstack(&own, NULL);
    sigaction(SIGRTMAX - 3, &action, NULL);
    pthread_atfork(NULL, NULL, arm);
    arm();
}

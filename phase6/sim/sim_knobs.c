/* sim_knobs.c: the faults of the simulated kernel; see sim_knobs.h. */
#include "sim_knobs.h"

#include <stddef.h>

#include "sim_pick.h"

#define CHANCE_MAX 40u /* percent */

/* A server may fail to serve a client for these reasons. */
static const enum knob excuses[] = {
    KNOB_ACCEPT_ERROR, KNOB_CLOCK,     KNOB_FD_LIMIT, KNOB_NO_WORKER,
    KNOB_PEER_MUTE,    KNOB_PEER_RESET, KNOB_PEER_SLOW, KNOB_STOP,
};

static unsigned chances[KNOB_COUNT]; /* percent; 0: off */

void knobs_clear(void)
{
    for (unsigned i = 0; i < KNOB_COUNT; i++)
        chances[i] = 0;
}

void knobs_draw(void)
{
    bool is_calm = pick(4) == 0;

    for (unsigned i = 0; i < KNOB_COUNT; i++)
        chances[i] = pick(2) == 0 ? 0 : 1 + pick(CHANCE_MAX);
    chances[KNOB_ERRNO] = 0;
    for (size_t i = 0; i < sizeof excuses / sizeof *excuses && is_calm; i++)
        chances[excuses[i]] = 0;
}

bool knobs_are_calm(void)
{
    for (size_t i = 0; i < sizeof excuses / sizeof *excuses; i++)
        if (knob_is_on(excuses[i]))
            return false;
    return true;
}

void knob_set(enum knob knob)
{
    chances[knob] = 100;
}

bool knob(enum knob knob)
{
    return chances[knob] > 0 && pick(100) < chances[knob];
}

bool knob_is_on(enum knob knob)
{
    return chances[knob] > 0;
}

const char *knob_name(enum knob knob)
{
    static const char *const names[] = {
        [KNOB_ACCEPT_ERROR] = "accept-error",
        [KNOB_CLOCK] = "clock",
        [KNOB_EAGAIN] = "eagain",
        [KNOB_EINTR] = "eintr",
        [KNOB_EIO] = "eio",
        [KNOB_ERRNO] = "errno",
        [KNOB_FD_LIMIT] = "fd-limit",
        [KNOB_FEW_BUFS] = "few-bufs",
        [KNOB_INSTANT] = "instant",
        [KNOB_LAZY_WORK] = "lazy-work",
        [KNOB_NO_WATCH] = "no-watch",
        [KNOB_NO_WORKER] = "no-worker",
        [KNOB_PEER_MUTE] = "peer-mute",
        [KNOB_PEER_RESET] = "peer-reset",
        [KNOB_PEER_SLOW] = "peer-slow",
        [KNOB_PUNT] = "punt",
        [KNOB_SHORT] = "short",
        [KNOB_SHORT_SUBMIT] = "short-submit",
        [KNOB_SMALL_CQ] = "small-cq",
        [KNOB_SMALL_SOCKET] = "small-socket",
        [KNOB_SPACE] = "space",
        [KNOB_SQ_TWO] = "sq-two",
        [KNOB_STOP] = "stop",
    };

    return names[knob];
}

/* sim_knobs.h: the faults of the simulated kernel.
 *
 * Each knob is off in at least half of the seeds, so that no fault hides the
 * bugs that another one would show. If it is on, each seed picks its chance. */
#ifndef PHASE6_SIM_KNOBS_H
#define PHASE6_SIM_KNOBS_H

#include <stdbool.h>

enum knob {
    KNOB_ACCEPT_ERROR, /* an accept fails: the client is gone, or no memory */
    KNOB_CLOCK,        /* time passes although something could happen */
    KNOB_EAGAIN,       /* an enter has no memory: it takes no SQE */
    KNOB_EINTR,        /* a signal ends a wait */
    KNOB_EIO,          /* a file operation fails, and so do all later ones */
    KNOB_ERRNO,        /* one operation fails, with an errno of the table */
    KNOB_FD_LIMIT,     /* the process may not open more files */
    KNOB_FEW_BUFS,     /* the program has few receive buffers */
    KNOB_INSTANT,      /* events take no time, so deadlines meet events */
    KNOB_LAZY_WORK,    /* an enter posts only some completions, or leaves its
                          flag set */
    KNOB_NO_WATCH,     /* inotify is not available */
    KNOB_NO_WORKER,    /* io-wq has no worker: -ECANCELED */
    KNOB_PEER_MUTE,    /* a peer stops reading */
    KNOB_PEER_RESET,   /* a peer resets its connection */
    KNOB_PEER_SLOW,    /* a peer pauses for seconds */
    KNOB_PUNT,         /* an operation completes later, in an io-wq worker */
    KNOB_SHORT,        /* an operation transfers less than it could */
    KNOB_SHORT_SUBMIT, /* an enter takes only some of the SQEs */
    KNOB_SMALL_CQ,     /* the CQ is as small as the program allows */
    KNOB_SMALL_SOCKET, /* a socket buffers only a few bytes */
    KNOB_SPACE,        /* the disk is full */
    KNOB_SQ_TWO,       /* the SQ has two entries */
    KNOB_STOP,         /* SIGTERM arrives in the middle, perhaps twice */
    KNOB_COUNT
};

/* Turns all knobs off, or turns each on or off by pick(). With knobs_draw,
 * KNOB_ERRNO stays off: most programs end at an error that they do not know. */
void knobs_clear(void);
void knobs_draw(void);

/* Returns true if clients, the clock and the limits of the process have no
 * faults in this run. Then the server must serve all clients. A quarter of the
 * runs is calm. */
bool knobs_are_calm(void);

/* Turns a knob on: its fault is certain. */
void knob_set(enum knob knob);

/* Returns true if the fault happens now. */
bool knob(enum knob knob);

/* Returns true if the knob is on in this run. */
bool knob_is_on(enum knob knob);

/* Returns "accept-error" for KNOB_ACCEPT_ERROR, and so on. */
const char *knob_name(enum knob knob);

#endif

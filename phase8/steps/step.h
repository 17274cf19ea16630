/* step.h: what the eight echo servers share: options, listener, signals.
 * Introduced in phase 8. Needs: command.h, ring.h.
 *
 * The eight programs in this folder do the same work. Each one changes one
 * thing, and the change is only in its own file, so
 *
 *     diff phase8/steps/echo-oneshot.c phase8/steps/echo-multishot.c
 *
 * shows what a step consists of. Nothing here is part of a step. */
#ifndef PHASE8_STEP_H
#define PHASE8_STEP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "ring.h"

/* After an accept without a free descriptor, a step waits for one of its
 * connections to close, or for this time. */
#define STEP_RETRY_MS 100

/* The user_data of the read of signals. Other operations have the address of an
 * object as user_data, with the kind of the operation, which is below 6, in its
 * low bits. */
#define STEP_SIGNALLED UINT64_C(7)
#define STEP_REPORT UINT64_C(6) /* prints the counters, as SIGUSR1 does */
#define STEP_LOW_BITS UINT64_C(7)

/* A number that a step prints on SIGUSR1. A list ends with {0}. */
struct step_counter {
    const char *name;
    const uint64_t *value; /* borrowed */
};

struct step {
    const char *name;
    const int *ops;       /* opcodes that it needs; ends with 0. Or NULL */
    unsigned features;    /* IORING_FEAT_* that it needs */
    unsigned setup_flags; /* IORING_SETUP_* that it needs */
    bool has_pool;        /* takes --bufs */
    struct command_option option; /* which only this step takes, or {0} */
    const char *option_help; /* or NULL */
    const struct step_counter *counters; /* or NULL */

    /* For step_enter: what to do with a CQE, and how to accept. */
    void (*handle)(const struct io_uring_cqe *cqe);
    void (*accept)(void);
    void (*on_report)(struct ring *ring); /* after SIGUSR1; or NULL */
    bool is_paused; /* no descriptor is free, and no accept is in flight */

    /* The options that all steps have. */
    unsigned port;    /* 0 means any free port */
    unsigned bufs;    /* buffers of the pool, for all connections */
    unsigned buf_len; /* bytes of one buffer */
};

/* The values of options that are not on the command line. */
#define STEP_DEFAULTS .port = 7878, .bufs = 256, .buf_len = 16384

/* Reads the command line into step, and checks that the kernel has the features
 * that step needs.
 *
 * Returns COMMAND_GO_ON  the options are valid, and the kernel has everything
 *         COMMAND_USAGE  they are not, or the kernel lacks something; a message
 *                        was printed
 *         other          as command_read */
int step_read(struct step *step, int argc, char **argv);

/* Ends the program with exit code 1 and a message, if rc is an error. Returns
 * rc otherwise. `what` names the failed action: "listen", for example. */
int step_must(const struct step *step, int rc, const char *what);

/* Ends the program with exit code 2 and a message, if rc is -EINVAL: the kernel
 * does not have the feature that `what` names. Otherwise does the same as
 * step_must. */
void step_must_have(const struct step *step, int rc, const char *what);

/* Returns 127.0.0.1 and step->port. */
struct sockaddr_in step_address(const struct step *step);

/* Returns a socket with these SOCK_* flags that listens at step_address. Its
 * connections inherit TCP_NODELAY. The caller owns it. Exits after printing a
 * message if that fails. */
int step_listen(const struct step *step, int flags);

/* Returns the port of this socket. Exits after printing a message if that
 * fails. */
unsigned step_port(const struct step *step, int listener);

/* Prints "listening on tcp://127.0.0.1:PORT". Scripts wait for this line. */
void step_print_listening(unsigned port);

/* Blocks SIGTERM, SIGINT, and SIGUSR1, and returns a descriptor from which the
 * caller reads them, one struct signalfd_siginfo each. Call it before the first
 * thread starts, because threads inherit the mask. */
int step_signals(const struct step *step);

/* Handles a signal: SIGUSR1 prints the counters of step and of ring (which may
 * be NULL), one "name value" per line. Returns false if the program ends. */
bool step_on_signal(const struct step *step, unsigned number,
                    const struct ring *ring);

/* Makes a ring, and calls step_signals. Exits after printing a message if that
 * fails. */
void step_init_ring(const struct step *step, struct ring *ring,
                    const struct ring_options *options);

/* Reads the next signal of step_signals through the ring. */
void step_read_signal(struct ring *ring);

/* Submits, waits for wait_count completions, and calls step->handle for each,
 * until the CQ is empty. While accepting is paused, waits at most
 * STEP_RETRY_MS, and then calls step->accept. Returns false if the program
 * ends. Ends it with exit code 2 if the kernel refuses the ring. */
bool step_enter(struct step *step, struct ring *ring, unsigned wait_count);

/* Returns the object whose address is in the user_data of cqe, without the low
 * bits. */
static inline void *step_object(const struct io_uring_cqe *cqe)
{
    return (void *)(uintptr_t)(cqe->user_data & ~STEP_LOW_BITS);
}

/* Flushes stdout. Returns main's exit code, if there is no connection. Ends the
 * program otherwise. The kernel closes the sockets. */
int step_finish(const struct step *step, uint64_t conns);

#endif

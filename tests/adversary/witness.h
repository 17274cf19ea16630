/* witness.h: the live peer, which behaves well while others attack.
 *
 * Part of adversary. Needs: talk.h.
 *
 * The witness has its own thread. It asks on one connection that it keeps, and
 * now and then on a new one. It measures the longest time from the first byte
 * of a question to the last byte of the answer. If an HTTP server closes the
 * kept connection between two answers, the witness asks again on a new one
 * within the same measurement, as a browser does. */
#ifndef TESTS_ADVERSARY_WITNESS_H
#define TESTS_ADVERSARY_WITNESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "talk.h"

struct witness {
    const struct target *target; /* borrowed */
    unsigned bound_ms;           /* an answer may take so long */
    pthread_t thread;
    atomic_bool must_end;
    atomic_int rest_ms;          /* between two questions */
    atomic_bool asks_anew;       /* makes new connections, too */
    atomic_bool takes_refusals;  /* an answer of 5xx is an answer */
    int fd;                      /* the kept connection; -1: none */
    struct talk talk;            /* of the kept connection */
    atomic_ulong answers;
    unsigned worst_ms;           /* read these two after witness_stop */
    char fault[TALK_FAULT_LEN];  /* the first one; "" if none */
};

/* Starts the thread, which asks until witness_stop. target and bound_ms must be
 * set. Returns once the first question was answered, or has failed. Returns
 * false if no thread can be started. */
bool witness_start(struct witness *witness);

/* Ends the thread and its connection. */
void witness_stop(struct witness *witness);

/* Asks once, on a new connection, in this thread. Waits at most limit_ms.
 * Returns false if the answer is missing or wrong: fault is the reason. */
bool witness_ask_once(const struct target *target, unsigned limit_ms,
                      char fault[TALK_FAULT_LEN]);

/* Asks for the file of an HTTP target, and stores its status and body as the
 * right answer. Returns like witness_ask_once. */
bool witness_learn(struct target *target, unsigned limit_ms,
                   char fault[TALK_FAULT_LEN]);

#endif

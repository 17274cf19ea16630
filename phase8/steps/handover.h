/* handover.h: a ring per thread, and connections that change their ring.
 * Introduced in phase 8. Needs: direct.h, ring.h, step.h.
 *
 *      ring 0                       ring 1
 *      ACCEPT -> slot 5
 *      MSG_RING(SEND_FD, slot 5) -> slot 2, CQE: ARRIVED, 2
 *      CQE: HANDED, 0
 *      CLOSE slot 5                 RECV slot 2 ...
 *
 * A ring has one thread, and a connection has one ring, so nothing of a
 * connection is shared and nothing needs a lock. MSG_RING posts a CQE to
 * another ring. With SEND_FD it first puts a file of our table into a free slot
 * of the other ring's table. The file is then in both, until we close ours. If
 * the table (-ENFILE) or the CQ (-EOVERFLOW) of the other ring is full, our
 * thread keeps the connection. */
#ifndef PHASE8_HANDOVER_H
#define PHASE8_HANDOVER_H

#include "ring.h"
#include "step.h"

#define HANDOVER_THREADS_MAX 64

/* The low bits of user_data. */
enum { HANDOVER_ACCEPTED = 3, HANDOVER_ARRIVED, HANDOVER_HANDED };

/* Starts count - 1 threads, which call run(step, index) with index 1 and up.
 * Each of them makes its ring and calls handover_join. Returns when all threads
 * have called it. Exits after printing a message if a thread cannot be
 * started. */
void handover_start(const struct step *step, unsigned count,
                    void (*run)(const struct step *step, unsigned index));

/* Makes ring known as the ring of thread index, and waits for the others. */
void handover_join(unsigned index, const struct ring *ring);

/* Accepts one client. For step->accept of the first thread. */
void handover_accept(struct step *step, struct ring *ring);

/* Takes a CQE: a client was accepted, a connection has arrived from the first
 * thread, or, in the first thread, a MSG_RING has ended. Ignores other CQEs.
 * Accepts again, hands over, or closes a slot. Returns the slot of a connection
 * that this thread has to serve, or -1. */
int handover_take(struct step *step, struct ring *ring,
                  const struct io_uring_cqe *cqe);

/* Posts a CQE with the user_data STEP_REPORT to the rings of the other threads.
 * For step->on_report. */
void handover_report(struct ring *ring);

#endif

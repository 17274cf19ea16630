/* ring_watch.h: what an answer submits and reaps, seen from outside.
 *
 * Test support. Needs: nothing.
 *
 * The linker sends the answer's calls of liburing that make a ring, submit, or
 * close a ring through this file (--wrap, in tests/tools/answer). The other
 * numbers come from the ring itself: the kernel moves the head of the SQ once
 * per entry that it takes, and the answer moves the head of the CQ once per
 * result. So an answer that does its work without the ring is noticed. */
#ifndef EXERCISES_RING_WATCH_H
#define EXERCISES_RING_WATCH_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#define WATCH_ENTRIES_MAX 512

struct watch {
    const struct io_uring *ring; /* the last one that was made: an address to
                                    compare, since it may be gone */
    const unsigned *sq_head, *cq_head, *cq_tail; /* in memory that stays until
                                                    the ring is closed */
    int refusal; /* what the answer's io_uring_queue_init returns, unless 0 */
    unsigned rings;             /* made by the answer */
    unsigned rings_closed;      /* by io_uring_queue_exit */
    unsigned submits;           /* calls that submit */
    unsigned entry_count;       /* of the entries below */
    struct io_uring_sqe entries[WATCH_ENTRIES_MAX]; /* as submitted */
    unsigned sq_begin, cq_begin;          /* heads when the watch began */
    unsigned sq_end, cq_end, cq_tail_end; /* when the ring was closed */
    void (*on_submit)(void); /* called before each submit; or NULL */
    void (*on_submitted)(void); /* called after each submit; or NULL */
};

/* In memory that the processes of a case share. */
extern struct watch *watch;

/* Forgets everything. */
void watch_reset(void);

/* Begins to watch a ring that the checker has made. */
void watch_ring(struct io_uring *ring);

/* Makes a ring for an answer, and watches it. Ends the run if the kernel
 * refuses. */
void watch_make_ring(struct io_uring *ring, unsigned entries, unsigned flags);

/* Returns the number of entries that the kernel has taken, of results that it
 * has posted, of results that the answer has reaped, or of results that wait in
 * the CQ. Any thread may ask. */
unsigned watch_submitted(void);
unsigned watch_posted(void);
unsigned watch_reaped(void);
unsigned watch_waiting(void);

/* Fails the case if the answer has left a result in the CQ, or an operation in
 * flight. */
void watch_is_settled(void);

/* Keeps these numbers for another process, which cannot see the ring. */
void watch_freeze(void);

/* Wait until the kernel has taken count entries, or has posted count results.
 * The case's deadline ends a wait that is too long. */
void watch_until_submitted(unsigned count);
void watch_until_posted(unsigned count);

/* Waits until the thread, a number of gettid, sleeps in a system call. */
void watch_until_asleep(int thread);

/* Makes the calls that read a file without a ring fail the case, from now on
 * and in this thread. */
void watch_forbid_reads(void);

#endif

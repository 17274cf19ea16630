/* handover.c: a ring per thread; see handover.h.
 * Introduced in phase 8. Needs: handover.h, direct.h, sys.h. */
#include "handover.h"

#include <pthread.h>

#include "direct.h"
#include "sys.h"

struct thread {
    pthread_t thread;
    const struct step *step; /* borrowed */
    void (*run)(const struct step *step, unsigned index);
    int ring_fd;
};

/* ring_fd is written before the barrier, and read after it. */
static struct thread threads[HANDOVER_THREADS_MAX];
static unsigned thread_count;
static pthread_barrier_t all_have_rings;

static void *thread_main(void *arg)
{
    struct thread *self = arg;

    self->run(self->step, (unsigned)(self - threads));
    return NULL;
}

void handover_join(unsigned index, const struct ring *ring)
{
    threads[index].ring_fd = ring->uring.ring_fd;
    (void)pthread_barrier_wait(&all_have_rings);
}

void handover_start(const struct step *step, unsigned count,
                    void (*run)(const struct step *step, unsigned index))
{
    thread_count = count;
    step_must(step, -pthread_barrier_init(&all_have_rings, NULL, count),
              "make a barrier");
    for (unsigned i = 1; i < count; i++) {
        threads[i] = (struct thread){.step = step, .run = run};
        step_must(step, sys_thread_start(&threads[i].thread, thread_main,
                                         &threads[i]),
                  "start a thread");
    }
    (void)pthread_barrier_wait(&all_have_rings);
}

void handover_accept(struct step *step, struct ring *ring)
{
    direct_accept(step, ring, HANDOVER_ACCEPTED);
}

/* Sends a slot of our table to the ring of thread index. */
static void send_slot(struct ring *ring, unsigned index, int slot)
{
    uint64_t ours = (uint64_t)slot << 3 | HANDOVER_HANDED;
    struct io_uring_sqe *sqe = ring_sqe(ring, ours);

    io_uring_prep_msg_ring(sqe, threads[index].ring_fd, 0, HANDOVER_ARRIVED, 0);
    sqe->addr = IORING_MSG_SEND_FD; /* the command */
    sqe->addr3 = (uint64_t)slot;
    sqe->file_index = IORING_FILE_INDEX_ALLOC;
}

/* The threads take turns, so each gets as many connections as the others. */
static int on_accepted(struct step *step, struct ring *ring, int result)
{
    static unsigned turn;
    int slot = direct_accepted(step, result);
    unsigned index = slot < 0 ? 0 : turn++ % thread_count;

    if (index > 0)
        send_slot(ring, index, slot);
    if (!step->is_paused)
        handover_accept(step, ring);
    return index > 0 ? -1 : slot;
}

int handover_take(struct step *step, struct ring *ring,
                  const struct io_uring_cqe *cqe)
{
    int slot = (int)(cqe->user_data >> 3);

    switch (cqe->user_data & STEP_LOW_BITS) {
    case HANDOVER_ACCEPTED:
        return on_accepted(step, ring, cqe->res);
    case HANDOVER_ARRIVED:
        return direct_accepted(step, cqe->res);
    case HANDOVER_HANDED:
        if (cqe->res < 0)
            return slot; /* the other ring has no room */
        direct_close(step, ring, slot);
    }
    return -1;
}

void handover_report(struct ring *ring)
{
    for (unsigned i = 1; i < thread_count; i++)
        io_uring_prep_msg_ring(ring_sqe(ring, HANDLE_NONE), threads[i].ring_fd,
                               0, STEP_REPORT, 0);
}

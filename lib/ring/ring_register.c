/* ring_register.c: registers a buffer ring or an eventfd; see ring.h.
 * Introduced in phase 2. Needs: ring.h.
 *
 * What it teaches: a registration is a system call of the ring's owner, and not
 * an operation. It has no SQE and no CQE, and its result is final. */
#include "ring.h"

#include <stdatomic.h>

int ring_register_buf_ring(struct ring *ring, void *memory, unsigned entries,
                           int group)
{
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)memory,
        .ring_entries = entries,
        .bgid = (unsigned short)group,
    };

    ring_assert_owner(ring);
    return io_uring_register_buf_ring(&ring->uring, &registration, 0);
}

int ring_unregister_buf_ring(struct ring *ring, int group)
{
    ring_assert_owner(ring);
    return io_uring_unregister_buf_ring(&ring->uring, group);
}

int ring_register_eventfd(struct ring *ring, int fd)
{
    ring_assert_owner(ring);
    return io_uring_register_eventfd(&ring->uring, fd);
}

int ring_unregister_eventfd(struct ring *ring)
{
    ring_assert_owner(ring);
    return io_uring_unregister_eventfd(&ring->uring);
}

void ring_signal_eventfd(struct ring *ring, bool is_on)
{
    /* This can fail only before Linux 5.8, and ring_init needs 5.11. */
    (void)io_uring_cq_eventfd_toggle(&ring->uring, is_on);
    /* Without the fence, the CPU might read the CQ before it writes the flag.
     * The kernel writes the CQ and then reads the flag, so at least one side
     * sees the other's write. */
    if (is_on)
        atomic_thread_fence(memory_order_seq_cst);
}

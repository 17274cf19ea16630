/* ring_register.c: registers objects and rules; see ring_register.h.
 * Introduced in phase 2. Needs: ring_register.h.
 *
 * What it teaches: a registration is a system call by the ring's owner, not an
 * operation. It needs neither an SQE nor a CQE, because the call returns the
 * result. */
#include "ring_register.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

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

/* The registrations that the library makes. */
static const unsigned registrations[] = {
    IORING_REGISTER_EVENTFD,    IORING_UNREGISTER_EVENTFD,
    IORING_REGISTER_RING_FDS,   IORING_UNREGISTER_RING_FDS,
    IORING_REGISTER_PBUF_RING,  IORING_UNREGISTER_PBUF_RING,
};

/* The header of liburing 2.3 declares a function for restrictions, but the
 * library does not have it. So this calls io_uring_register. */
int ring_restrict(struct ring *ring, const struct ring_rules *rules)
{
    enum { REGISTRATIONS = sizeof registrations / sizeof *registrations };
    struct io_uring_restriction list[RING_RULES_MAX + REGISTRATIONS + 1];
    unsigned count = 0;
    int rc;

    ring_assert_owner(ring);
    assert(rules->op_count <= RING_RULES_MAX);
    memset(list, 0, sizeof list);
    for (unsigned i = 0; i < rules->op_count; i++) {
        list[count].opcode = IORING_RESTRICTION_SQE_OP;
        list[count++].sqe_op = rules->ops[i];
    }
    for (unsigned i = 0; i < REGISTRATIONS; i++) {
        list[count].opcode = IORING_RESTRICTION_REGISTER_OP;
        list[count++].register_op = (uint8_t)registrations[i];
    }
    list[count].opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
    list[count++].sqe_flags = rules->sqe_flags;
    rc = io_uring_register((unsigned)ring->uring.ring_fd,
                           IORING_REGISTER_RESTRICTIONS, list, count);
    return rc < 0 ? rc : 1;
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

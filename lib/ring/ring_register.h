/* ring_register.h: registers objects with a ring, and restricts the ring.
 * Introduced in phase 2. Needs: ring.h.
 *
 * A program can list the operations that it uses. Its ring then refuses every
 * other operation, even if the program has a bug:
 *
 *     static const uint8_t ops[] = {IORING_OP_READ, IORING_OP_WRITE};
 *     static const struct ring_rules rules = {.ops = ops, .op_count = 2};
 *     struct ring_options options = {.rules = &rules};
 *
 *     rc = ring_init(&ring, &options); */
#ifndef ONE_RING_RING_REGISTER_H
#define ONE_RING_RING_REGISTER_H

#include "ring.h"

/* The operations that a restricted ring runs. Any other operation completes
 * with -EACCES. The program may still make the registrations of this header,
 * and register the ring's own fd. Any other registration fails with -EACCES. */
struct ring_rules {
    const uint8_t *ops;  /* borrowed: IORING_OP_* */
    unsigned op_count;   /* at most RING_RULES_MAX */
    uint8_t sqe_flags;   /* the IOSQE_* flags that an SQE may have */
};

#define RING_RULES_MAX 64u /* operations */

/* Registers or unregisters a buffer ring or an eventfd. The caller still owns
 * the memory and the fd; the kernel uses them until they are unregistered.
 * Returns >= 0, or -errno from io_uring_register(2). */
int ring_register_buf_ring(struct ring *ring, void *memory, unsigned entries,
                           int group);
int ring_unregister_buf_ring(struct ring *ring, int group);
int ring_register_eventfd(struct ring *ring, int fd);
int ring_unregister_eventfd(struct ring *ring);

/* Restricts a ring that was made with IORING_SETUP_R_DISABLED and is not
 * enabled yet. Only ring_init calls it. Returns 1, or -errno from
 * io_uring_register(2). */
int ring_restrict(struct ring *ring, const struct ring_rules *rules);

/* Turns the completion signals to the registered eventfd on or off. The signals
 * are on at first. After turning them on, check for completions once more,
 * because the kernel does not signal CQEs that arrived while they were off. */
void ring_signal_eventfd(struct ring *ring, bool is_on);

#endif

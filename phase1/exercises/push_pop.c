/* push_pop: push an SQE and pop a CQE, on the rings themselves.
 *
 * The task: write raw_push and raw_pop. push_pop.h has their contracts.
 *
 *   - The slot of an index is index & mask. Store the index itself without the
 *     mask: it counts up, and wraps at 2^32.
 *   - A queue is empty if head == tail, and full if tail - head is its length.
 *   - The kernel may read an SQE as soon as the tail has moved. It may write a
 *     new CQE into a slot as soon as the head has moved.
 *   - Store your index with memory_order_release. Load the kernel's index with
 *     memory_order_acquire. A load of your own index needs no order.
 *
 * On x86 the checker cannot detect a missing memory order. So compare your
 * memory orders with those in cat-raw.c. */
#include "push_pop.h"

bool raw_push(struct raw_ring *ring, const struct io_uring_sqe *sqe)
{
    return false; /* yours */
}

bool raw_pop(struct raw_ring *ring, struct io_uring_cqe *cqe)
{
    return false; /* yours */
}

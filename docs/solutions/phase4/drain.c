/* drain: what a host does when the ring's eventfd is readable.
 *
 * What it teaches: clear first, then look. A result that arrives after the look
 * signals again, and one that arrives before is found. */
#include "drain.h"

#include <unistd.h>

int drain_ring(struct io_uring *ring, int event,
               void (*use)(uint64_t user_data, int result))
{
    struct io_uring_cqe *cqe;
    uint64_t counter;
    int count = 0;

    (void)!read(event, &counter, sizeof counter); /* EAGAIN: clear already */
    io_uring_get_events(ring);
    while (io_uring_peek_cqe(ring, &cqe) == 0) {
        use(cqe->user_data, cqe->res);
        io_uring_cqe_seen(ring, cqe);
        count++;
    }
    return count;
}

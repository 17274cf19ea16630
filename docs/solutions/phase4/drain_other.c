/* drain: the same as drain.c, in another way: it takes a batch at a time, and
 * after the clearing it looks until an enter brings nothing new. */
#include "drain.h"

#include <sys/eventfd.h>

static int take(struct io_uring *ring,
                void (*use)(uint64_t user_data, int result))
{
    struct io_uring_cqe *cqes[16];
    unsigned count = io_uring_peek_batch_cqe(ring, cqes, 16);

    for (unsigned i = 0; i < count; i++)
        use(cqes[i]->user_data, cqes[i]->res);
    io_uring_cq_advance(ring, count);
    return (int)count;
}

int drain_ring(struct io_uring *ring, int event,
               void (*use)(uint64_t user_data, int result))
{
    int count = take(ring, use), more;
    eventfd_t counter;

    eventfd_read(event, &counter);
    do {
        io_uring_submit_and_get_events(ring);
        more = take(ring, use);
        count += more;
    } while (more > 0);
    return count;
}

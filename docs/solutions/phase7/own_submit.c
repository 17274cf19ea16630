/* own_submit: get an SQE, and submit what is there.
 *
 * What it teaches: the number to submit is the distance between the two shared
 * indices. Only the kernel knows how far it got. */
#include "own_submit.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct io_uring_sqe *own_next(struct own_queue *queue)
{
    uint32_t head = atomic_load_explicit(queue->head, memory_order_acquire);
    struct io_uring_sqe *sqe = &queue->sqes[queue->next & queue->mask];

    if (queue->next - head > queue->mask)
        return NULL;
    queue->next++;
    memset(sqe, 0, sizeof *sqe);
    return sqe;
}

int own_submit(struct own_queue *queue)
{
    uint32_t head;
    long taken;

    atomic_store_explicit(queue->tail, queue->next, memory_order_release);
    head = atomic_load_explicit(queue->head, memory_order_acquire);
    taken = syscall(SYS_io_uring_enter, queue->ring_fd, queue->next - head, 0,
                    0, NULL, 0);
    return taken < 0 ? -errno : (int)taken;
}

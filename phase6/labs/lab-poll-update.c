/* lab-poll-update.c: changing a poll that is in flight.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: an update SQE finds a poll in flight by its user_data, and
 * gives it new events, a new user_data, or both. Without it a program would
 * cancel the poll, wait for its CQE, and submit another one. An event that
 * arrives in between is not lost, because a poll reports a state.
 *
 * The CQE of the update is 0, or -ENOENT if the poll has ended: an update may
 * always come too late. If the file is already ready for the new events, the
 * poll completes immediately. */
#include <errno.h>
#include <poll.h>

#include "lab.h"

enum { POLL = 1, RENAMED = 2, UPDATE = 3, NONE = 4 };

/* Prepares an update. If new_data or new_events is 0, that part of the poll
 * stays as it is. */
static void prepare(struct io_uring *ring, unsigned data, unsigned new_data,
                    unsigned new_events)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    unsigned flags = 0;

    /* Without the flag, the kernel refuses a new user_data other than 0. */
    if (new_data != 0)
        flags |= IORING_POLL_UPDATE_USER_DATA;
    if (new_events != 0)
        flags |= IORING_POLL_UPDATE_EVENTS;
    io_uring_prep_poll_update(sqe, data, new_data, new_events, flags);
    io_uring_sqe_set_data64(sqe, UPDATE);
}

static void update(struct io_uring *ring, int fd)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqes[2];

    io_uring_prep_poll_add(sqe, fd, POLLIN);
    io_uring_sqe_set_data64(sqe, POLL);
    io_uring_submit(ring);
    prepare(ring, NONE, 0, POLLOUT);
    lab_take(ring, cqes, 1);
    lab_result("an update of no operation", -ENOENT, cqes[0].res);
    prepare(ring, POLL, RENAMED, 0);
    lab_take(ring, cqes, 1);
    lab_result("a new user_data", 0, cqes[0].res);
    prepare(ring, POLL, 0, POLLOUT);
    lab_take(ring, cqes, 1);
    lab_result("new events, by the old user_data", -ENOENT, cqes[0].res);
    prepare(ring, RENAMED, 0, POLLOUT);
    lab_take(ring, cqes, 2);
    lab_result("new events, by the new user_data", 0,
               lab_res(cqes, 2, UPDATE));
    lab_result("the poll", POLLOUT, lab_res(cqes, 2, RENAMED));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int pair[2];
    int code = lab_options(argc, argv, "lab-poll-update",
                           "What can change in a poll that is in flight?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_sockets(pair);
    lab_print("a poll for POLLIN, which is changed to POLLOUT");
    update(&ring, pair[0]);
    io_uring_queue_exit(&ring);
    return lab_end();
}

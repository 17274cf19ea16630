/* acceptor.c: a queue of accepted connections; see acceptor.h.
 * Introduced in phase 8. Needs: acceptor.h, op_error.h, sys.h.
 *
 * What it teaches: do not arm a multishot operation while it is still armed.
 * Only IORING_CQE_F_MORE shows whether it is still armed. After the operation
 * has ended, the result of its last CQE shows the reason. */
#include "acceptor.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

#include "op_error.h"
#include "sys.h"

#define RETRY_NS UINT64_C(100000000) /* 100 ms */

static void acceptor_on_retry(struct timer *timer)
{
    acceptor_resume(container_of(timer, struct acceptor, retry), true);
}

static void retry_later(struct acceptor *acceptor)
{
    int rc = timer_arm(&loop_current()->sched.timers, &acceptor->retry,
                       timer_after_ns(loop_now_ns(), RETRY_NS));

    assert(rc == 0);
    acceptor->pauses++;
}

/* Decides when accepting may start again after the accept has ended:
 * immediately, after a delay, or never. An unknown error causes a delay: it may
 * be permanent, and then immediate retries would use a whole CPU. */
static void acceptor_on_ended(struct acceptor *acceptor, int result)
{
    bool was_cancelled = acceptor->is_pausing && result == -ECANCELED;

    acceptor->is_pausing = false;
    if (result >= 0 || was_cancelled)
        return; /* result is an fd if a full CQ has ended the multishot */
    switch (op_error_kind(IORING_OP_ACCEPT, result)) {
    case ERROR_OBJECT: /* only this connection failed */
        return;
    case ERROR_BUG: /* the fd is not a listening socket */
        acceptor->error = result;
        return;
    default:
        acceptor->emfile += result == -EMFILE || result == -ENFILE;
        retry_later(acceptor);
    }
}

static void acceptor_on_complete(struct op *op, int result, uint32_t flags)
{
    struct acceptor *acceptor = container_of(op, struct acceptor, op);

    if (result >= 0 &&
        (acceptor->is_closed || acceptor->count == acceptor->capacity)) {
        sys_close(result); /* cannot block: no operation has used the fd */
        acceptor->dropped++;
    } else if (result >= 0 && acceptor->admits != NULL &&
               !acceptor->admits(acceptor, result)) {
        sys_close(result);
        acceptor->refused++;
    } else if (result >= 0) {
        acceptor->arrived[(acceptor->first + acceptor->count++) %
                          acceptor->capacity] = result;
    }
    if (!(flags & IORING_CQE_F_MORE))
        acceptor_on_ended(acceptor, result);
    acceptor->notify(acceptor);
}

void acceptor_init(struct acceptor *acceptor, int listener, int *arrived,
                   unsigned capacity)
{
    *acceptor = (struct acceptor){
        .op.complete = acceptor_on_complete,
        .retry.fire = acceptor_on_retry,
        .listener = listener,
        .arrived = arrived,
        .capacity = capacity,
    };
}

void acceptor_resume(struct acceptor *acceptor, bool fd_came_free)
{
    struct io_uring_sqe *sqe;

    if (fd_came_free)
        timer_disarm(&loop_current()->sched.timers, &acceptor->retry);
    if (op_is_in_flight(&acceptor->op) || acceptor->is_closed ||
        acceptor->error != 0 || timer_is_armed(&acceptor->retry))
        return;
    if (!loop_has_slot()) {
        retry_later(acceptor);
        return;
    }
    sqe = loop_sqe(&acceptor->op);
    io_uring_prep_multishot_accept(sqe, acceptor->listener, NULL, NULL,
                                   SOCK_CLOEXEC);
}

void acceptor_pause(struct acceptor *acceptor)
{
    if (!op_is_in_flight(&acceptor->op) || acceptor->is_pausing)
        return;
    acceptor->is_pausing = true;
    acceptor->pauses++;
    loop_cancel(&acceptor->op);
}

void acceptor_close(struct acceptor *acceptor)
{
    int fd;

    timer_disarm(&loop_current()->sched.timers, &acceptor->retry);
    acceptor_pause(acceptor);
    acceptor->is_closed = true;
    while ((fd = acceptor_take(acceptor)) >= 0) {
        sys_close(fd);
        acceptor->dropped++;
    }
}

int acceptor_take(struct acceptor *acceptor)
{
    int fd;

    if (acceptor->count == 0)
        return -EAGAIN;
    fd = acceptor->arrived[acceptor->first];
    acceptor->first = (acceptor->first + 1) % acceptor->capacity;
    acceptor->count--;
    return fd;
}

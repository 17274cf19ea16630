/* message.c: what the kernel promises about a message from ring to ring.
 *
 * Tests of phase 4. lib rings a pipe instead (post.h); these are the facts that
 * it was weighed by, each with liburing alone. */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"
#include "sys.h"

#define DEFERRED (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)

/* The one completion that is there, and its result. */
static int take(struct io_uring *ring, uint64_t *user_data)
{
    struct io_uring_cqe *cqe;
    int res;

    do
        res = io_uring_wait_cqe(ring, &cqe);
    while (res == -EINTR);
    check_res(res, 0);
    res = cqe->res;
    *user_data = cqe->user_data;
    io_uring_cqe_seen(ring, cqe);
    return res;
}

/* Sends 42 with the name 7 to fd. Returns the sender's result. */
static int send_to(struct io_uring *ring, int fd)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    uint64_t user_data;
    int res;

    io_uring_prep_msg_ring(sqe, fd, 42, 7, 0);
    sqe->user_data = 1;
    check_res(io_uring_submit(ring), 1);
    res = take(ring, &user_data);
    ck_assert_uint_eq(user_data, 1);
    return res;
}

TEST(a_message_is_a_completion_in_the_other_ring)
{
    struct io_uring here, there;
    uint64_t user_data;

    check_ring(io_uring_queue_init(4, &here, 0));
    check_ring(io_uring_queue_init(4, &there, 0));
    check_res(send_to(&here, there.ring_fd), 0);
    check_res(take(&there, &user_data), 42);
    ck_assert_uint_eq(user_data, 7);
    io_uring_queue_exit(&here);
    io_uring_queue_exit(&there);
}
END_TEST

/* The name in the completion is the sender's choice: a ring that takes messages
 * has to be able to tell a name that it never gave. */
TEST(the_sender_of_a_message_chooses_its_user_data)
{
    struct io_uring here, there;
    uint64_t user_data;

    check_ring(io_uring_queue_init(4, &here, 0));
    check_ring(io_uring_queue_init(4, &there, 0));
    io_uring_prep_msg_ring(io_uring_get_sqe(&here), there.ring_fd, 0,
                           0xdeadbeefdeadbeef, 0);
    check_res(io_uring_submit(&here), 1);
    check_res(take(&there, &user_data), 0);
    ck_assert_uint_eq(user_data, 0xdeadbeefdeadbeef);
    io_uring_queue_exit(&here);
    io_uring_queue_exit(&there);
}
END_TEST

/* A thread that waits for a message, and its ring. */
struct sleeper {
    struct io_uring ring;
    pid_t thread;
};

/* Reads the state after the name in parentheses in /proc. */
static bool is_asleep(pid_t thread)
{
    char path[64], text[256] = "";
    const char *state;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    file = fopen(path, "r");
    check(file != NULL);
    check(fgets(text, sizeof text, file) != NULL);
    fclose(file);
    state = strrchr(text, ')');
    return state != NULL && strncmp(state, ") S", 3) == 0;
}

static void *send_later(void *arg)
{
    const struct sleeper *sleeper = arg;
    struct io_uring here;

    check_ring(io_uring_queue_init(4, &here, 0));
    while (!is_asleep(sleeper->thread)) /* the test's own limit ends it */
        sched_yield();
    check_res(send_to(&here, sleeper->ring.ring_fd), 0);
    io_uring_queue_exit(&here);
    return NULL;
}

TEST(a_message_wakes_a_thread_that_waits_on_a_deferred_ring)
{
    struct sleeper there = {.thread = sys_thread_id()};
    uint64_t user_data;
    pthread_t sender;

    check_ring(io_uring_queue_init(4, &there.ring, DEFERRED));
    check(pthread_create(&sender, NULL, send_later, &there) == 0);
    check_res(take(&there.ring, &user_data), 42);
    ck_assert_uint_eq(user_data, 7);
    pthread_join(sender, NULL);
    io_uring_queue_exit(&there.ring);
}
END_TEST

/* A number is no promise: by the time that it is used it may be anybody's. */
TEST(a_message_to_a_closed_ring_fails_in_the_senders_cqe)
{
    struct io_uring here, there;
    int number, file;

    check_ring(io_uring_queue_init(4, &here, 0));
    check_ring(io_uring_queue_init(4, &there, 0));
    number = there.ring_fd;
    io_uring_queue_exit(&there);
    check_res(send_to(&here, number), -EBADF);
    file = open("/dev/null", O_RDONLY);
    ck_assert_int_eq(file, number);
    check_res(send_to(&here, number), -EBADFD);
    close(file);
    io_uring_queue_exit(&here);
}
END_TEST

static const char *without_messages(void)
{
    struct io_uring_probe *probe = io_uring_get_probe();
    bool has = probe != NULL &&
               io_uring_opcode_supported(probe, IORING_OP_MSG_RING);

    if (probe != NULL)
        io_uring_free_probe(probe);
    return has ? NULL : "this kernel's rings have no messages";
}

static const char *without_defer_taskrun(void)
{
    struct io_uring ring;

    if (without_messages() != NULL)
        return without_messages();
    if (io_uring_queue_init(4, &ring, DEFERRED) < 0)
        return "this kernel has no DEFER_TASKRUN";
    io_uring_queue_exit(&ring);
    return NULL;
}

int main(void)
{
    const char *reason = without_messages();

    suite_begin("message");
    suite_add_unless(reason, a_message_is_a_completion_in_the_other_ring);
    suite_add_unless(reason, the_sender_of_a_message_chooses_its_user_data);
    suite_add_unless(without_defer_taskrun(),
                     a_message_wakes_a_thread_that_waits_on_a_deferred_ring);
    suite_add_unless(reason,
                     a_message_to_a_closed_ring_fails_in_the_senders_cqe);
    return suite_end();
}

/* fork.c: a ring belongs to the process that made it.
 *
 * Tests of phase 4. What a child may not do ends it, in words. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "await.h"
#include "children.h"
#include "suite.h"

/* Runs act(ring) in a forked child. Returns the child's wait status; what it
 * said on stderr is in said. */
static int in_child(void (*act)(struct ring *ring), struct ring *ring,
                    char said[256])
{
    int fds[2], status;
    ssize_t got;
    size_t used = 0;
    pid_t child;

    check(pipe(fds) == 0);
    child = fork();
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        act(ring);
        _exit(0);
    }
    close(fds[1]);
    do {
        got = read(fds[0], said + used, 255 - used);
        used += got > 0 ? (size_t)got : 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    said[used] = '\0';
    close(fds[0]);
    check(children_wait(child, &status, 0) == child);
    return status;
}

static void check_refused(void (*act)(struct ring *ring), struct ring *ring)
{
    char said[256];
    int status = in_child(act, ring, said);

    check(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
    ck_assert_msg(strstr(said, "a forked child used the ring of its parent"),
                  "it said: %s", said);
}

static int ring_of_eight(struct ring *ring)
{
    const struct ring_options options = {.sq_entries = 8};

    return ring_init(ring, &options);
}

/* One operation through a ring, to its completion. */
static int nop_result(struct ring *ring)
{
    struct io_uring_cqe cqe;
    int rc;

    io_uring_prep_nop(ring_sqe(ring, 77));
    rc = ring_enter(ring, 1, RING_FOREVER);
    if (rc < 0)
        return rc;
    if (!ring_next(ring, &cqe) || cqe.user_data != 77)
        return -1;
    return cqe.res;
}

static void take_sqe(struct ring *ring)
{
    (void)ring_sqe(ring, 1);
}

static void enter(struct ring *ring)
{
    (void)ring_enter(ring, 0, 0);
}

static void reap(struct ring *ring)
{
    struct io_uring_cqe cqe;

    (void)ring_next(ring, &cqe);
}

TEST(a_child_that_uses_its_parents_ring_ends_with_a_message)
{
    struct ring ring;

    check_res(ring_of_eight(&ring), 0);
    check_refused(take_sqe, &ring);
    check_refused(enter, &ring);
    check_refused(reap, &ring);
    ring_finish(&ring);
}
END_TEST

TEST(the_parents_ring_survives_a_child_that_used_it)
{
    struct ring ring;

    check_res(ring_of_eight(&ring), 0);
    check_res(nop_result(&ring), 0);
    io_uring_prep_nop(ring_sqe(&ring, 1)); /* queued while the child tries */
    check_refused(enter, &ring);
    check_res(nop_result(&ring), -1); /* the queued one comes first */
    reap(&ring);
    check_res(nop_result(&ring), 0);
    ring_finish(&ring);
}
END_TEST

/* The child is refused, and its end takes nothing down: it held the ring's fd
 * too, and an operation ends with the last holder. */
TEST(a_read_in_flight_outlives_a_child_that_used_the_ring)
{
    struct io_uring_cqe cqe;
    struct ring ring;
    char byte = 0;
    int fds[2];

    check_res(ring_of_eight(&ring), 0);
    check(pipe(fds) == 0);
    io_uring_prep_read(ring_sqe(&ring, 5), fds[0], &byte, 1, (uint64_t)-1);
    check_res(ring_enter(&ring, 0, 0), 0);
    check_refused(take_sqe, &ring);
    check(!ring_has_next(&ring));
    check(write(fds[1], "x", 1) == 1);
    check_res(ring_enter(&ring, 1, RING_FOREVER), 0);
    check(ring_next(&ring, &cqe) && cqe.user_data == 5);
    check_res(cqe.res, 1);
    ck_assert_int_eq(byte, 'x');
    close(fds[0]);
    close(fds[1]);
    ring_finish(&ring);
}
END_TEST

static void make_own_ring(struct ring *parents)
{
    struct ring own;

    (void)parents;
    if (ring_of_eight(&own) != 0)
        _exit(1);
    if (nop_result(&own) != 0)
        _exit(2);
    ring_finish(&own);
}

TEST(a_child_may_make_a_new_ring)
{
    struct ring ring;
    char said[256];

    check_res(ring_of_eight(&ring), 0);
    ck_assert_int_eq(in_child(make_own_ring, &ring, said), 0);
    check_res(nop_result(&ring), 0);
    ring_finish(&ring);
}
END_TEST

static void finish_then_make_own(struct ring *parents)
{
    int fd = parents->uring.ring_fd;

    ring_finish(parents);
    if (fcntl(fd, F_GETFD) >= 0)
        _exit(3); /* the copy of the parent's fd is still open */
    make_own_ring(NULL);
}

TEST(a_child_can_release_its_copy_of_the_ring)
{
    struct ring ring;
    char said[256];

    check_res(ring_of_eight(&ring), 0);
    ck_assert_int_eq(in_child(finish_then_make_own, &ring, said), 0);
    ck_assert_str_eq(said, "");
    check_res(nop_result(&ring), 0);
    ring_finish(&ring);
}
END_TEST

static void fork_again(struct ring *ring)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        take_sqe(ring);
        _exit(0);
    }
    if (children_wait(child, &status, 0) != child || !WIFSIGNALED(status))
        _exit(4);
}

TEST(a_grandchild_that_uses_the_ring_is_refused)
{
    struct ring ring;
    char said[256];

    check_res(ring_of_eight(&ring), 0);
    ck_assert_int_eq(in_child(fork_again, &ring, said), 0);
    ck_assert_msg(strstr(said, "a forked child"), "it said: %s", said);
    ring_finish(&ring);
}
END_TEST

TEST(a_child_forked_before_the_ring_may_make_another)
{
    struct ring ring;
    int status;
    pid_t child = fork();

    if (child == 0) {
        make_own_ring(NULL);
        _exit(0);
    }
    check_res(ring_of_eight(&ring), 0);
    check_res(nop_result(&ring), 0);
    ring_finish(&ring);
    check(children_wait(child, &status, 0) == child);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
    suite_begin("fork");
    suite_add(a_child_that_uses_its_parents_ring_ends_with_a_message);
    suite_add(the_parents_ring_survives_a_child_that_used_it);
    suite_add(a_read_in_flight_outlives_a_child_that_used_the_ring);
    suite_add(a_child_may_make_a_new_ring);
    suite_add(a_child_can_release_its_copy_of_the_ring);
    suite_add(a_grandchild_that_uses_the_ring_is_refused);
    suite_add(a_child_forked_before_the_ring_may_make_another);
    return suite_end();
}

/* doorbells: compares three ways to wake another thread that waits on its ring.
 * This lab uses only liburing.
 *
 * Two threads, each with a ring, pass a ball back and forth. A pass is a write
 * to a pipe, a write to an eventfd, or a message from ring to ring
 * (IORING_OP_MSG_RING). The other ring reads the pipe or the eventfd. A message
 * arrives as a completion. The program prints the cost of a pass. Phase 4's
 * lesson explains why lib/bridge/post.c writes to a pipe. */
#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "err.h"

#define ROUNDS 5 /* the median is printed */
#define PASSES 20000
#define BALL 77 /* user_data of the completion of a pass */

enum doorbell { PIPE, EVENTFD, MESSAGE, DOORBELLS };

static const char *const names[] = {"pipe", "eventfd", "message"};

struct player {
    struct io_uring ring;
    int ring_fd;     /* the other player sends messages to this fd */
    int ends[2];     /* the pipe, or the eventfd twice */
    uint64_t number; /* owned by the kernel during a read */
};

struct game {
    enum doorbell doorbell;
    struct player left, right;
    /* Both threads wait here before the first pass, until both rings exist.
     * Each thread makes its own ring, because a ring belongs to one thread. */
    pthread_barrier_t begin;
};

/* Returns the time of a clock that also advances while this thread sleeps. Most
 * of a pass is the time until the other thread runs, which CPU time would not
 * include. */
static long long now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Queues the read of this player's doorbell. The next submit includes the read,
 * so the read does not cost an extra system call. */
static void listen_for_ball(struct game *game, struct player *self)
{
    struct io_uring_sqe *sqe;

    if (game->doorbell == MESSAGE)
        return; /* a message needs no read */
    sqe = io_uring_get_sqe(&self->ring);
    io_uring_prep_read(sqe, self->ends[0], &self->number, sizeof self->number,
                       (uint64_t)-1);
    sqe->user_data = BALL;
}

/* Passes the ball. A write takes an extra system call. A message takes none,
 * because this thread submits the message with the call that waits for the
 * answer. */
static void pass(struct game *game, struct player *self, struct player *other)
{
    const uint64_t one = 1;
    struct io_uring_sqe *sqe;

    if (game->doorbell != MESSAGE) {
        (void)!write(other->ends[1], &one, sizeof one);
        return;
    }
    sqe = io_uring_get_sqe(&self->ring);
    io_uring_prep_msg_ring(sqe, other->ring_fd, 0, BALL, 0);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS; /* only failures post a CQE */
}

/* Waits until the ball arrives. If our own message fails, its completion also
 * ends the wait. Returns 0 or -errno. */
static int wait_for_ball(struct player *self)
{
    struct io_uring_cqe *cqe;
    int rc = io_uring_submit_and_wait(&self->ring, 1);

    if (rc < 0 || io_uring_peek_cqe(&self->ring, &cqe) < 0)
        return rc < 0 ? rc : -EAGAIN;
    rc = cqe->res;
    assert(rc < 0 || cqe->user_data == BALL);
    io_uring_cqe_seen(&self->ring, cqe);
    return rc < 0 ? rc : 0;
}

/* Ends the program after a failure in either thread. Otherwise the other thread
 * would wait for the ball forever. */
static _Noreturn void die(enum doorbell doorbell, int rc)
{
    fprintf(stderr, "doorbells: cannot measure '%s': %s (%s)\n",
            names[doorbell], err_words(rc), err_name(rc));
    exit(2);
}

/* Call it in the player's thread, because SINGLE_ISSUER binds a ring to the
 * thread that creates it. An eventfd serves as both ends. */
static void player_init(struct player *self, enum doorbell doorbell)
{
    int rc = io_uring_queue_init(8, &self->ring,
                                 IORING_SETUP_SINGLE_ISSUER |
                                     IORING_SETUP_DEFER_TASKRUN);

    if (rc < 0)
        die(doorbell, rc);
    self->ring_fd = self->ring.ring_fd;
    if (doorbell == PIPE)
        rc = pipe(self->ends);
    else
        rc = self->ends[0] = self->ends[1] = eventfd(0, EFD_CLOEXEC);
    if (rc < 0)
        die(doorbell, -errno);
}

/* Plays one side. The left player passes first. At the end both wait at the
 * barrier, so that neither closes a ring to which the other still sends. */
static void play(struct game *game, struct player *self, struct player *other)
{
    int rc;

    player_init(self, game->doorbell);
    pthread_barrier_wait(&game->begin);
    for (int i = 0; i < PASSES; i++) {
        listen_for_ball(game, self);
        if (self == &game->left)
            pass(game, self, other);
        rc = wait_for_ball(self);
        if (rc < 0)
            die(game->doorbell, rc);
        if (self == &game->right)
            pass(game, self, other);
    }
    rc = io_uring_submit(&self->ring); /* the last pass */
    if (rc < 0)
        die(game->doorbell, rc);
    pthread_barrier_wait(&game->begin); /* neither ring is in use now */
    io_uring_queue_exit(&self->ring);
    close(self->ends[0]);
    if (self->ends[1] != self->ends[0])
        close(self->ends[1]);
}

static void *doorbells_play_right(void *arg)
{
    struct game *game = arg;

    play(game, &game->right, &game->left);
    return NULL;
}

static int doorbells_compare(const void *left, const void *right)
{
    long long a = *(const long long *)left, b = *(const long long *)right;

    return a < b ? -1 : a > b;
}

/* Measures the three doorbells alternately, so that other load on the machine
 * slows all of them. The time includes the creation of threads and rings, which
 * is short compared with 40,000 passes. */
static void measure_all(void)
{
    static long long ns[DOORBELLS][ROUNDS];

    for (int i = 0; i < ROUNDS * DOORBELLS; i++) {
        struct game game = {.doorbell = (enum doorbell)(i % DOORBELLS)};
        long long begin_ns = now_ns();
        pthread_t right;

        if (pthread_barrier_init(&game.begin, NULL, 2) != 0 ||
            pthread_create(&right, NULL, doorbells_play_right, &game) != 0)
            die(game.doorbell, -EAGAIN);
        play(&game, &game.left, &game.right);
        pthread_join(right, NULL);
        pthread_barrier_destroy(&game.begin);
        ns[game.doorbell][i / DOORBELLS] = (now_ns() - begin_ns) / (2 * PASSES);
    }
    printf("doorbell ns for a pass\n");
    for (int doorbell = 0; doorbell < DOORBELLS; doorbell++) {
        qsort(ns[doorbell], ROUNDS, sizeof **ns, doorbells_compare);
        printf("%-8s %13lld\n", names[doorbell], ns[doorbell][ROUNDS / 2]);
    }
}

int main(int argc, char **argv)
{
    struct command command = {
        .name = "doorbells",
        .help =
            "[--help] [--version]\n"
            "Prints the cost of waking a ring in another thread: by a pipe,\n"
            "an eventfd, or a message. Best run on one CPU: taskset -c 0.\n"
            "exit: 0 measured, 2 usage or environment\n",
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    measure_all();
    return command_finish(&command, COMMAND_DONE);
}

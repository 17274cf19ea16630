/* post.c: work handed to a loop by other threads arrives, all of it, in order.
 *
 * Tests of phase 4. */
#include "post.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "await.h"
#include "ball.h"
#include "suite.h"

/* A thread switch each way. Under ThreadSanitizer, which watches what is being
 * proven, a million of them, in parts that each stay far below a test's time
 * limit. */
#if defined(__SANITIZE_ADDRESS__)
#define PING_PONGS 20000
#define PARTS 1
#elif defined(__SANITIZE_THREAD__)
#define PING_PONGS 250000
#define PARTS 4
#else
#define PING_PONGS 250000
#define PARTS 1
#endif

#define BALLS 4 /* divides PING_PONGS */

#define POSTERS 4
#define POSTS_EACH 5000

static int run(task_fn *body, void *arg)
{
    struct loop loop;
    int rc;

    check_ring(loop_init(&loop, NULL));
    rc = loop_run(&loop, body, arg);
    loop_finish(&loop);
    return rc;
}

/* A note that says who posted it and as which, and counts itself. */
struct note {
    struct post post;
    int number;
    int *last; /* borrowed: the number of the poster's last note */
    pthread_t ran_in;
};

static void read_note(struct post *post)
{
    struct note *note = container_of(post, struct note, post);

    ck_assert_int_eq(note->number, *note->last + 1);
    *note->last = note->number;
    note->ran_in = pthread_self();
}

static struct post_box box;

static int await_some(void *arg)
{
    int count = 0, wanted = *(int *)arg;

    while (count < wanted) {
        int rc = post_await_posts(&box);

        check(rc >= 0);
        count += rc;
    }
    return count;
}

static void *post_one(void *arg)
{
    loop_post(&box, arg);
    return NULL;
}

TEST(a_post_of_another_thread_runs_in_the_loops_thread)
{
    int last = 0, one = 1;
    struct note note = {.post.fn = read_note, .number = 1, .last = &last};
    pthread_t thread;

    check_res(post_box_init(&box), 0);
    check(pthread_create(&thread, NULL, post_one, &note.post) == 0);
    check_res(run(await_some, &one), 1);
    pthread_join(thread, NULL);
    check(pthread_equal(note.ran_in, pthread_self()));
    post_box_finish(&box);
}
END_TEST

TEST(several_posts_signal_once_until_they_are_taken)
{
    int last = 0, count = 50;
    static struct note notes[50];
    uint64_t rings[2];

    check_res(post_box_init(&box), 0);
    for (int i = 0; i < count; i++) {
        notes[i] = (struct note){{.fn = read_note}, i + 1, &last, 0};
        loop_post(&box, &notes[i].post);
    }
    check(read(box.fds[0], rings, sizeof rings) == sizeof *rings);
    check(write(box.fds[1], rings, sizeof *rings) == sizeof *rings);
    check_res(run(await_some, &count), 50);
    ck_assert_int_eq(last, 50);
    post_box_finish(&box);
}
END_TEST

/* await_some checks for an error; this one hands it on. */
static int await_once(void *arg)
{
    (void)arg;
    return post_await_posts(&box);
}

static int cancel_then_read(void *arg)
{
    struct task reader = {0};

    check_res(task_spawn(&reader, "reader", await_once, NULL), 0);
    task_yield();
    task_cancel(&reader);
    check_res(task_join(&reader), -ECANCELED);
    loop_post(&box, arg);
    return post_await_posts(&box);
}

TEST(cancelling_the_reader_of_a_box_loses_no_posts)
{
    int last = 0;
    struct note note = {.post.fn = read_note, .number = 1, .last = &last};

    check_res(post_box_init(&box), 0);
    check_res(run(cancel_then_read, &note.post), 1);
    ck_assert_int_eq(last, 1);
    post_box_finish(&box);
}
END_TEST

/* A post that posts itself again, from inside its own fn. */
struct again {
    struct post post;
    int left;
};

static void post_again(struct post *post)
{
    struct again *again = container_of(post, struct again, post);

    if (--again->left > 0)
        loop_post(&box, post);
}

TEST(a_post_may_be_posted_again_from_its_callback)
{
    struct again again = {.post.fn = post_again, .left = 10};
    int wanted = 10;

    check_res(post_box_init(&box), 0);
    loop_post(&box, &again.post);
    check_res(run(await_some, &wanted), 10);
    ck_assert_int_eq(again.left, 0);
    post_box_finish(&box);
}
END_TEST

static void *post_many(void *arg)
{
    struct note *notes = arg;

    for (int i = 0; i < POSTS_EACH; i++)
        loop_post(&box, &notes[i].post);
    return NULL;
}

TEST(posts_of_many_threads_all_arrive_each_in_its_order)
{
    struct note *notes = calloc((size_t)POSTERS * POSTS_EACH, sizeof *notes);
    int last[POSTERS] = {0}, wanted = POSTERS * POSTS_EACH;
    pthread_t threads[POSTERS];

    check_res(post_box_init(&box), 0);
    for (int i = 0; i < wanted; i++)
        notes[i] = (struct note){{.fn = read_note}, i % POSTS_EACH + 1,
                                 &last[i / POSTS_EACH], 0};
    for (int i = 0; i < POSTERS; i++)
        check(pthread_create(&threads[i], NULL, post_many,
                             &notes[i * POSTS_EACH]) == 0);
    check_res(run(await_some, &wanted), wanted);
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(last[i], POSTS_EACH);
    }
    post_box_finish(&box);
    free(notes);
}
END_TEST

/* Finishing right after the last post was taken: the poster may still be on its
 * way out of loop_post, and must not ring an fd that is somebody else's now. */
TEST(a_post_box_may_be_finished_as_soon_as_it_is_empty)
{
    for (int i = 0; i < 200; i++) {
        int last = 0, one = 1;
        struct note note = {.post.fn = read_note, .number = 1, .last = &last};
        uint64_t rings;
        pthread_t thread;
        int strangers[2], number;

        check_res(post_box_init(&box), 0);
        check(pthread_create(&thread, NULL, post_one, &note.post) == 0);
        check_res(run(await_some, &one), 1);
        number = box.fds[1];
        post_box_finish(&box);
        /* The next pipe gets the numbers: it must stay empty. */
        check(pipe2(strangers, O_NONBLOCK) == 0);
        ck_assert_int_eq(strangers[1], number);
        pthread_join(thread, NULL);
        check(read(strangers[0], &rings, sizeof rings) < 0 && errno == EAGAIN);
        close(strangers[0]);
        close(strangers[1]);
    }
}
END_TEST

TEST(ping_pong_between_two_loops_loses_no_wake_up)
{
    struct game game;

    game_begin(&game, BALLS, PING_PONGS);
    check_res(run(await_hits, &game.left), 0);
    game_end(&game);
}
END_TEST

TEST(a_zeroed_post_box_may_be_finished)
{
    struct post_box zeroed = {0};

    post_box_finish(&zeroed);
    check(!zeroed.is_open);
}
END_TEST

int main(void)
{
    suite_begin("post");
    suite_add(a_post_of_another_thread_runs_in_the_loops_thread);
    suite_add(several_posts_signal_once_until_they_are_taken);
    suite_add(cancelling_the_reader_of_a_box_loses_no_posts);
    suite_add(a_post_may_be_posted_again_from_its_callback);
    suite_add(posts_of_many_threads_all_arrive_each_in_its_order);
    suite_add(a_post_box_may_be_finished_as_soon_as_it_is_empty);
    for (int i = 0; i < PARTS; i++)
        suite_add(ping_pong_between_two_loops_loses_no_wake_up);
    suite_add(a_zeroed_post_box_may_be_finished);
    return suite_end();
}

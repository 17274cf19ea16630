/* orders.c: two steps of one thread that another thread must see in their
 * order, or must not see at all. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "await.h"
#include "post.h"
#include "ring.h"
#include "ring_register.h"
#include "with_loop.h"

#define BOXES 3000

static struct post post;

static void ignore_post(struct post *taken)
{
    (void)taken;
}

static void *post_once(void *arg)
{
    loop_post(arg, &post);
    return NULL;
}

/* The box has a page for itself, which goes with it: a poster that uses the box
 * after its post was taken faults. */
TASK_TEST(a_poster_does_not_use_a_box_that_was_finished)
{
    post.fn = ignore_post;
    for (int i = 0; i < BOXES; i++) {
        struct post_box *box = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        pthread_t thread;

        check(box != MAP_FAILED);
        check_res(post_box_init(box), 0);
        check(pthread_create(&thread, NULL, post_once, box) == 0);
        while (post_await_posts(box) == 0)
            continue;
        post_box_finish(box);
        munmap(box, 4096);
        pthread_join(thread, NULL);
    }
    return 0;
}

/* The kernel adds a completion and then reads the flag. We turn the signal on
 * and then look for completions. If each misses the other, no side wakes the
 * host. Here a thread plays the kernel. Only a full barrier orders a store
 * before a load. The two must run at the same time: a busy machine shows
 * nothing here, and barrier.bats looks at the code instead. */
#define RACES_NS UINT64_C(1000000000) /* a million races, or more */

static struct ring ring;
static atomic_uint announced, seen; /* the number of the race; of the last one
                                       that the other thread has ended */
static atomic_bool is_over;
static atomic_uint completion;      /* what the kernel adds */
static unsigned flag_seen;          /* by the other thread */

static void await_number(atomic_uint *number, unsigned value)
{
    for (unsigned spins = 1; atomic_load(number) != value; spins++)
        if (spins % 4096 == 0)
            sched_yield();
}

static void *play_the_kernel(void *arg)
{
    (void)arg;
    for (unsigned race = 1; !atomic_load(&is_over); race++) {
        await_number(&announced, race);
        atomic_store_explicit(&completion, race, memory_order_relaxed);
        atomic_thread_fence(memory_order_seq_cst);
        flag_seen = *(volatile unsigned *)ring.uring.cq.kflags;
        atomic_store(&seen, race);
    }
    return NULL;
}

TEST(turning_the_signal_on_is_a_full_barrier)
{
    struct ring_options options = {0};
    uint64_t until_ns = sys_now_ns() + RACES_NS;
    unsigned missed = 0, race = 0;
    pthread_t thread;

    check_ring(ring_init(&ring, &options));
    check(pthread_create(&thread, NULL, play_the_kernel, NULL) == 0);
    while (sys_now_ns() < until_ns) {
        unsigned found;

        race++;

        ring_signal_eventfd(&ring, false);
        atomic_store(&announced, race);
        for (volatile unsigned i = 0; i < race % 64; i++)
            continue; /* so that the two meet in different ways */
        ring_signal_eventfd(&ring, true);
        found = atomic_load_explicit(&completion, memory_order_relaxed);
        await_number(&seen, race);
        missed += found != race && (flag_seen & IORING_CQ_EVENTFD_DISABLED);
    }
    atomic_store(&is_over, true);
    atomic_store(&announced, race + 1); /* the thread waits for it */
    pthread_join(thread, NULL);
    ck_assert_uint_eq(missed, 0);
    ring_finish(&ring);
}

static const char *why_no_race(void)
{
    return sysconf(_SC_NPROCESSORS_ONLN) > 1
               ? NULL
               : "two threads need two processors to run at once";
}

int main(void)
{
    suite_begin("orders");
    suite_add(a_poster_does_not_use_a_box_that_was_finished);
    suite_add_unless(why_no_race(), turning_the_signal_on_is_a_full_barrier);
    return suite_end();
}

/* bufring.c: a pool of buffers that the kernel picks from, each with one owner
 * at a time. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "forked.h"
#include "deny.h"
#include "fds.h"
#include "future.h"
#include "pool.h"

/* The layout that the kernel and lib share: an entry has 16 bytes, and the tail
 * is in the reserved bytes of the first entry. Code that stores a whole entry
 * would reset the tail. */
static_assert(sizeof(struct io_uring_buf) == 16, "the kernel's layout");
static_assert(offsetof(struct io_uring_buf_ring, bufs) == 0,
              "the first entry is where the header is");
static_assert(offsetof(struct io_uring_buf_ring, tail) ==
                  offsetof(struct io_uring_buf, resv),
              "the tail is in the reserved bytes of the first entry");
static_assert(sizeof(((struct io_uring_buf_ring *)0)->tail) == 2,
              "the tail has 16 bits");

/* One receive with a buffer of the pool's choice. */
struct pick {
    struct op op;
    struct future done;
    uint32_t flags;
};

static void on_pick(struct op *op, int result, uint32_t flags)
{
    struct pick *pick = container_of(op, struct pick, op);

    pick->flags = flags;
    future_complete(&pick->done, result);
}

static int await_pick(struct pick *pick, int fd)
{
    struct io_uring_sqe *sqe;

    *pick = (struct pick){.op.complete = on_pick};
    loop_await_slot();
    sqe = loop_sqe(&pick->op);
    io_uring_prep_recv(sqe, fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    return future_wait(&pick->done);
}

/* Sends text through a pair and has it put into a buffer, whose number this
 * returns. */
static uint16_t await_filled(const struct pair *pair, const char *text)
{
    size_t len = strlen(text);
    struct pick pick;
    uint16_t id;

    pair_send(pair, text, len);
    check_res(await_pick(&pick, pair->here), len);
    check(pick.flags & IORING_CQE_F_BUFFER);
    id = bufring_take(&pool, pick.flags, len);
    ck_assert_uint_eq(pool.entries[id].len, len);
    ck_assert_mem_eq(bufring_data(&pool, id), text, len);
    return id;
}

TASK_TEST(a_count_is_rounded_up_to_a_power_of_two)
{
    static const unsigned table[][2] = {{1, 1}, {2, 2}, {3, 4}, {5, 8},
                                        {100, 128}, {128, 128}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        pool_open(table[i][0]);
        ck_assert_uint_eq(pool.count, table[i][1]);
        ck_assert_uint_eq(bufring_free_count(&pool), table[i][1]);
        pool_close();
    }
    return 0;
}

TASK_TEST(each_receive_gets_a_separate_buffer_until_none_is_left)
{
    struct pair pair = pair_open(SOCK_SEQPACKET);
    uint16_t ids[4];
    struct pick pick;
    char text[8];

    pool_open(4);
    for (unsigned i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "buf %u", i);
        ids[i] = await_filled(&pair, text);
        ck_assert_uint_eq(bufring_free_count(&pool), 3 - i);
        for (unsigned j = 0; j < i; j++)
            ck_assert_uint_ne(ids[i], ids[j]);
    }
    pair_send(&pair, "more", 4);
    check_res(await_pick(&pick, pair.here), -ENOBUFS);
    check(!(pick.flags & IORING_CQE_F_BUFFER));
    ck_assert_mem_eq(bufring_data(&pool, ids[2]), "buf 2", 5);
    for (unsigned i = 0; i < 4; i++)
        bufring_release(&pool, ids[i]);
    check_res(await_pick(&pick, pair.here), 4);
    bufring_release(&pool, bufring_take(&pool, pick.flags, 4));
    pair_close(&pair);
    pool_close();
    return 0;
}

/* The tail has 16 bits, and goes on from 65535 to 0. */
TASK_TEST(the_tail_wraps_around_and_no_buffer_is_lost)
{
    struct pair pair = pair_open(SOCK_SEQPACKET);
    char text[16];

    pool_open(2);
    for (unsigned i = 0; i < (1u << 16) + 10; i++) {
        snprintf(text, sizeof text, "%u", i);
        bufring_release(&pool, await_filled(&pair, text));
    }
    pair_close(&pair);
    pool_close();
    return 0;
}

/* --- waiting ------------------------------------------------------------- */

static char order[16];
static size_t woken;

struct named {
    struct bufring_waiter waiter;
    char name;
};

static void note(struct bufring_waiter *waiter)
{
    order[woken++] = container_of(waiter, struct named, waiter)->name;
}

TASK_TEST(each_buffer_that_comes_back_wakes_one_waiter_in_turn)
{
    struct pair pair = pair_open(SOCK_SEQPACKET);
    struct named named[4];
    uint16_t ids[2];

    pool_open(2);
    ids[0] = await_filled(&pair, "a");
    ids[1] = await_filled(&pair, "b");
    for (int i = 0; i < 4; i++) {
        named[i] = (struct named){{.wake = note}, (char)('0' + i)};
        bufring_wait(&pool, &named[i].waiter);
    }
    bufring_wake_next(&pool); /* nothing is free */
    ck_assert_str_eq(order, "");
    bufring_leave(&pool, &named[1].waiter);
    bufring_release(&pool, ids[0]);
    ck_assert_str_eq(order, "0");
    bufring_release(&pool, ids[1]);
    ck_assert_str_eq(order, "02");
    bufring_wake_next(&pool); /* one of the two took no buffer */
    ck_assert_str_eq(order, "023");
    bufring_wake_next(&pool); /* and nobody waits any more */
    ck_assert_str_eq(order, "023");
    pair_close(&pair);
    pool_close();
    return 0;
}

/* --- mistakes of the program --------------------------------------------- */

static uint16_t held;

static void give_back_twice(void)
{
    bufring_release(&pool, held);
    bufring_release(&pool, held);
}

static void look_too_early(void)
{
    (void)bufring_data(&pool, (uint16_t)(held ^ 1));
}

static void take_twice(void)
{
    bufring_take(&pool, IORING_CQE_F_BUFFER |
                            (uint32_t)held << IORING_CQE_BUFFER_SHIFT, 1);
}

static void take_beyond_the_end(void)
{
    bufring_take(&pool, IORING_CQE_F_BUFFER | 2u << IORING_CQE_BUFFER_SHIFT, 1);
}

static void take_without_one(void)
{
    bufring_take(&pool, (held ^ 1u) << IORING_CQE_BUFFER_SHIFT, 1);
}

static void take_more_than_fits(void)
{
    bufring_take(&pool, IORING_CQE_F_BUFFER |
                            (held ^ 1u) << IORING_CQE_BUFFER_SHIFT,
                 BUF_LEN + 1);
}

/* On a ring of the child's own: it may not use the test's. */
static void finish_too_early(void)
{
    struct ring_options options = {.sq_entries = 2};
    struct ring ring;
    struct bufring own;

    if (ring_init(&ring, &options) < 0 ||
        bufring_init(&own, &ring, 2, BUF_LEN, GROUP) < 0)
        return;
    bufring_take(&own, IORING_CQE_F_BUFFER, 1);
    bufring_finish(&own);
}

TASK_TEST(a_buffer_that_is_used_by_the_wrong_side_stops_the_program)
{
    struct pair pair = pair_open(SOCK_SEQPACKET);

    pool_open(2);
    held = await_filled(&pair, "mine");
    check(forked_aborts(give_back_twice));
    check(forked_aborts(look_too_early));
    check(forked_aborts(take_twice));
    check(forked_aborts(take_beyond_the_end));
    check(forked_aborts(take_without_one));
    check(forked_aborts(take_more_than_fits));
    check(forked_aborts(finish_too_early));
    bufring_release(&pool, held);
    pair_close(&pair);
    pool_close();
    return 0;
}

static volatile char seen;

static void read_the_kernels(void)
{
    seen = pool.memory[(held ^ 1) * BUF_LEN];
}

static void read_beyond_what_came(void)
{
    seen = bufring_data(&pool, held)[8];
}

static void read_after_giving_back(void)
{
    char *data = bufring_data(&pool, held);

    bufring_release(&pool, held);
    seen = data[0];
}

TASK_TEST(touching_a_kernels_buffer_or_unreceived_bytes_faults)
{
    struct pair pair = pair_open(SOCK_SEQPACKET);

    pool_open(2);
    held = await_filled(&pair, "8 bytes!");
    check(forked_faults(read_the_kernels));
    check(forked_faults(read_beyond_what_came));
    check(forked_faults(read_after_giving_back));
    bufring_release(&pool, held);
    pair_close(&pair);
    pool_close();
    return 0;
}

/* --- no pool ------------------------------------------------------------- */

TASK_TEST(a_group_that_is_taken_is_refused)
{
    struct bufring second;

    pool_open(2);
    check_res(bufring_init(&second, &loop.ring, 2, BUF_LEN, GROUP), -EEXIST);
    bufring_finish(&second); /* a zeroed one has nothing to release */
    pool_close();
    pool_open(2); /* and the group can be taken again */
    pool_close();
    return 0;
}

TASK_TEST(without_memory_or_permission_there_is_no_pool)
{
    const struct deny deny = {.reg = EPERM};
    struct rlimit limit = {.rlim_cur = 1u << 28, .rlim_max = 1u << 28};
    int fds = fds_open();

#ifndef TOOLS_ASAN /* its shadow needs more than any limit */
    check(setrlimit(RLIMIT_AS, &limit) == 0);
    check_res(bufring_init(&pool, &loop.ring, BUFRING_COUNT_MAX, 1u << 20,
                           GROUP),
              -ENOMEM);
    check(pool.shared == NULL);
#endif
    (void)limit;
    check_res(deny_install(&deny), 0);
    for (int i = 0; i < 1000; i++) /* more than there are, unless released */
        check_res(bufring_init(&pool, &loop.ring, 1, 1u << 20, GROUP), -EPERM);
    check(pool.shared == NULL && pool.memory == NULL);
    ck_assert_int_eq(fds_open(), fds);
    return 0;
}

int main(void)
{
#ifdef TOOLS_ASAN
    const char *no_asan = NULL;
#else
    const char *no_asan = "only AddressSanitizer sees it";
#endif

    suite_begin("bufring");
    suite_add(a_count_is_rounded_up_to_a_power_of_two);
    suite_add(each_receive_gets_a_separate_buffer_until_none_is_left);
    suite_add(the_tail_wraps_around_and_no_buffer_is_lost);
    suite_add(each_buffer_that_comes_back_wakes_one_waiter_in_turn);
    suite_add(a_buffer_that_is_used_by_the_wrong_side_stops_the_program);
    suite_add_unless(no_asan,
                     touching_a_kernels_buffer_or_unreceived_bytes_faults);
    suite_add(a_group_that_is_taken_is_refused);
    suite_add(without_memory_or_permission_there_is_no_pool);
    return suite_end();
}

/* channel.c: each item arrives once, in order, or not at all. An item, the end
 * of the channel, or an interruption wakes a waiting task, and no interruption
 * loses an item. */
#include "channel.h"

#include <errno.h>

#include "forked.h"
#include "suite.h"

#define TASKS 8

static struct sched sched;
static struct task tasks[TASKS];
static struct channel channel;
static int memory[8], received[256], count;

static void setup(uint32_t capacity)
{
    check_res(sched_init(&sched, TASKS, 16 << 10, 4), 0);
    channel_init(&channel, memory, sizeof *memory, capacity);
    count = 0;
}

static void run_all(void)
{
    while (!sched_is_idle(&sched))
        sched_run(&sched, 100);
}

static void teardown(void)
{
    run_all();
    ck_assert_uint_eq(sched.count, 0);
    check(queue_is_empty(&channel.senders));
    check(queue_is_empty(&channel.receivers));
    sched_finish(&sched);
}

/* Its number is what a task sends, and how often it receives. */
static int numbers[] = {0, 1, 2, 3, 4, 5, 6, 7};

static void spawn(int i, task_fn *fn, int number)
{
    check_res(task_spawn(&tasks[i], "test", fn, &numbers[number]), 0);
    run_all();
}

static int send_one(void *arg)
{
    return channel_await_send(&channel, arg);
}

static int send_first_numbers(void *arg)
{
    int rc = 0;

    for (int i = 0; i < *(int *)arg && rc == 0; i++)
        rc = channel_await_send(&channel, &numbers[i]);
    return rc;
}

static int receive_one(void *arg)
{
    int item = -1, rc = channel_await_receive(&channel, &item);

    (void)arg;
    ck_assert_int_lt(count, 256);
    if (rc == 1)
        received[count++] = item;
    else
        ck_assert_int_eq(item, -1); /* untouched */
    return rc;
}

static int receive_all(void *arg)
{
    int rc;

    do
        rc = receive_one(arg);
    while (rc > 0);
    return rc;
}

static void expect(int n)
{
    ck_assert_int_eq(count, n);
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(received[i], i);
}

TEST(items_arrive_in_the_order_of_the_sends)
{
    for (uint32_t capacity = 0; capacity <= 8; capacity++) {
        setup(capacity);
        spawn(0, send_first_numbers, 7);
        spawn(1, receive_all, 0);
        channel_close(&channel);
        teardown();
        expect(7);
        check_res(tasks[1].result, 0);
    }
}

TEST(a_sender_waits_while_the_channel_is_full)
{
    setup(3);
    spawn(0, send_first_numbers, 4);
    ck_assert_uint_eq(channel.count, 3);
    ck_assert_int_eq(tasks[0].state, TASK_PARKED);
    spawn(1, receive_one, 0);
    ck_assert_int_eq(tasks[0].state, TASK_ENDED);
    ck_assert_uint_eq(channel.count, 3);
    teardown();
}

TEST(a_channel_without_a_buffer_passes_items_from_task_to_task)
{
    setup(0);
    spawn(0, send_one, 0);
    ck_assert_int_eq(tasks[0].state, TASK_PARKED);
    spawn(1, receive_one, 0);
    ck_assert_int_eq(tasks[0].state, TASK_ENDED);
    /* And the other way round. */
    spawn(2, receive_one, 0);
    ck_assert_int_eq(tasks[2].state, TASK_PARKED);
    spawn(3, send_one, 1);
    teardown();
    expect(2);
}

TEST(waiting_senders_of_a_channel_are_served_in_order)
{
    setup(1);
    for (int i = 0; i < 5; i++)
        spawn(i, send_one, i);
    spawn(5, receive_all, 0);
    channel_close(&channel);
    teardown();
    expect(5);
}

TEST(waiting_receivers_of_a_channel_are_served_in_order)
{
    setup(2);
    for (int i = 0; i < 4; i++)
        spawn(i, receive_one, 0);
    for (int i = 0; i < 4; i++) {
        spawn(4, send_one, i);
        ck_assert_int_eq(tasks[i].state, TASK_ENDED);
    }
    teardown();
    expect(4);
}

TEST(closing_a_channel_wakes_every_receiver)
{
    setup(2);
    for (int i = 0; i < 4; i++)
        spawn(i, receive_one, 0);
    channel_close(&channel);
    teardown();
    for (int i = 0; i < 4; i++)
        check_res(tasks[i].result, 0);
}

TEST(closing_a_channel_fails_every_waiting_send)
{
    setup(1);
    for (int i = 0; i < 4; i++)
        spawn(i, send_one, i);
    channel_close(&channel);
    channel_close(&channel);
    run_all();
    check_res(tasks[0].result, 0);
    for (int i = 1; i < 4; i++)
        check_res(tasks[i].result, -EPIPE);
    spawn(4, receive_all, 0);
    teardown();
    expect(1);
}

TEST(items_in_a_closed_channel_are_received)
{
    setup(8);
    spawn(0, send_first_numbers, 5);
    channel_close(&channel);
    spawn(1, send_one, 6);
    check_res(tasks[1].result, -EPIPE);
    spawn(2, receive_all, 0);
    teardown();
    expect(5);
    check_res(tasks[2].result, 0);
}

TEST(a_cancelled_send_sends_nothing_and_the_other_sends_succeed)
{
    for (int which = 1; which < 4; which++) {
        setup(1);
        for (int i = 0; i < 4; i++)
            spawn(i, send_one, i);
        task_cancel(&tasks[which]);
        run_all();
        check_res(tasks[which].result, -ECANCELED);
        channel.is_closed = true; /* without waking anybody */
        spawn(4, receive_all, 0);
        teardown();
        ck_assert_int_eq(count, 3);
        for (int i = 0; i < 3; i++)
            ck_assert_int_eq(received[i], i < which ? i : i + 1);
    }
}

TEST(a_cancelled_receive_takes_no_item)
{
    setup(1);
    for (int i = 0; i < 3; i++)
        spawn(i, receive_one, 0);
    task_cancel(&tasks[0]);
    run_all();
    check_res(tasks[0].result, -ECANCELED);
    spawn(3, send_first_numbers, 2);
    teardown();
    expect(2);
    check_res(tasks[1].result, 1);
    check_res(tasks[2].result, 1);
}

static int receive_until_100(void *arg)
{
    task_set_deadline(100);
    return receive_one(arg);
}

TEST(a_deadline_ends_a_receive_without_taking_an_item)
{
    setup(1);
    spawn(0, receive_until_100, 0);
    timers_fire(&sched.timers, 100, 10);
    run_all();
    check_res(tasks[0].result, -ETIME);
    spawn(1, send_one, 0);
    ck_assert_uint_eq(channel.count, 1);
    teardown();
}

TEST(an_item_passed_before_a_cancel_is_received)
{
    setup(0);
    spawn(0, receive_one, 0);
    check_res(task_spawn(&tasks[1], "test", send_one, &numbers[0]), 0);
    sched_run(&sched, 1); /* the sender; the receiver is ready, and has it */
    task_cancel(&tasks[0]);
    teardown();
    check_res(tasks[0].result, 1);
    expect(1);
}

/* Sends until it is told to end; what was sent is counted. */
static int sent;

static int send_until_cancelled(void *arg)
{
    int rc = 0;

    (void)arg;
    while (rc == 0 && sent < 200) {
        rc = channel_await_send(&channel, &sent);
        if (rc == 0)
            sent++;
        if (rc == 0 && sent % 3 == 0)
            task_yield();
    }
    return rc;
}

static void race(uint32_t capacity, unsigned turns)
{
    setup(capacity);
    sent = 0;
    check_res(task_spawn(&tasks[0], "send", send_until_cancelled, NULL), 0);
    check_res(task_spawn(&tasks[1], "receive", receive_all, NULL), 0);
    sched_run(&sched, turns);
    task_cancel(&tasks[turns % 2]);
    run_all();
    channel_close(&channel);
    run_all();
    while (channel.count > 0) /* left by a receiver that was cancelled */
        spawn(2, receive_one, 0);
    teardown();
    expect(sent);
}

TEST(a_cancel_at_any_point_loses_and_repeats_no_item)
{
    for (uint32_t capacity = 0; capacity < 4; capacity++)
        for (unsigned turns = 0; turns < 60; turns++)
            race(capacity, turns);
}

static void make_one_without_memory(void)
{
    channel_init(&channel, NULL, sizeof(int), 1);
}

TEST(a_channel_with_a_capacity_but_no_memory_is_asserted)
{
    check(forked_aborts(make_one_without_memory));
}

int main(void)
{
    suite_begin("channel");
    suite_add(items_arrive_in_the_order_of_the_sends);
    suite_add(a_sender_waits_while_the_channel_is_full);
    suite_add(a_channel_without_a_buffer_passes_items_from_task_to_task);
    suite_add(waiting_senders_of_a_channel_are_served_in_order);
    suite_add(waiting_receivers_of_a_channel_are_served_in_order);
    suite_add(closing_a_channel_wakes_every_receiver);
    suite_add(closing_a_channel_fails_every_waiting_send);
    suite_add(items_in_a_closed_channel_are_received);
    suite_add(a_cancelled_send_sends_nothing_and_the_other_sends_succeed);
    suite_add(a_cancelled_receive_takes_no_item);
    suite_add(a_deadline_ends_a_receive_without_taking_an_item);
    suite_add(an_item_passed_before_a_cancel_is_received);
    suite_add(a_cancel_at_any_point_loses_and_repeats_no_item);
    suite_add(a_channel_with_a_capacity_but_no_memory_is_asserted);
    return suite_end();
}

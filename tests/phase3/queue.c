/* queue.c: the intrusive queue keeps its order and its ends. */
#include "queue.h"

#include <stdint.h>
#include <string.h>

#include "forked.h"
#include "random.h"
#include "suite.h"

struct item {
    int number;
    struct queue_node node;
};

static struct item items[8];

static struct queue full_queue(int count)
{
    struct queue queue = {0};

    for (int i = 0; i < count; i++) {
        items[i].number = i;
        queue_push(&queue, &items[i].node);
    }
    return queue;
}

/* The number of the next item; -1: there is none. */
static int pop(struct queue *queue)
{
    struct queue_node *node = queue_pop(queue);

    return node != NULL ? container_of(node, struct item, node)->number : -1;
}

TEST(an_empty_queue_returns_null)
{
    struct queue queue = {0};

    check(queue_is_empty(&queue));
    check(queue_pop(&queue) == NULL);
}

TEST(a_queue_returns_the_oldest_node_first)
{
    struct queue queue = full_queue(3);

    check(!queue_is_empty(&queue));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pop(&queue), i);
    ck_assert_int_eq(pop(&queue), -1);
}

TEST(a_queue_that_ran_empty_can_be_filled_again)
{
    struct queue queue = full_queue(3);

    while (pop(&queue) >= 0)
        continue;
    queue_push(&queue, &items[0].node);
    queue_push(&queue, &items[1].node);
    ck_assert_int_eq(pop(&queue), 0);
    queue_push(&queue, &items[2].node);
    ck_assert_int_eq(pop(&queue), 1);
    ck_assert_int_eq(pop(&queue), 2);
    check(queue_is_empty(&queue));
}

TEST(a_node_can_be_removed_at_any_position_of_a_queue)
{
    for (int gone = 0; gone < 4; gone++) {
        struct queue queue = full_queue(4);

        queue_remove(&queue, &items[gone].node);
        items[5].number = 5;
        queue_push(&queue, &items[5].node);
        for (int i = 0; i < 4; i++)
            if (i != gone)
                ck_assert_int_eq(pop(&queue), i);
        ck_assert_int_eq(pop(&queue), 5);
        ck_assert_int_eq(pop(&queue), -1);
    }
}

TEST(the_only_node_of_a_queue_can_be_removed)
{
    struct queue queue = full_queue(1);

    queue_remove(&queue, &items[0].node);
    check(queue_is_empty(&queue));
    queue_push(&queue, &items[1].node);
    queue_push(&queue, &items[2].node);
    queue_remove(&queue, &items[2].node);
    ck_assert_int_eq(pop(&queue), items[1].number);
    check(queue_is_empty(&queue));
}

static void remove_a_stranger(void)
{
    struct queue queue = full_queue(2);

    queue_remove(&queue, &items[7].node);
}

TEST(removing_a_node_that_is_not_queued_is_asserted)
{
    check(forked_aborts(remove_a_stranger));
}

/* 100,000 operations, held against an array. */
TEST(a_queue_keeps_the_order_of_an_array)
{
    struct queue queue = {0};
    int model[8], count = 0;
    struct random random = {1};

    for (int i = 0; i < 8; i++)
        items[i].number = i;
    for (int i = 0; i < 100000; i++) {
        int item = (int)random_below(&random, 8), at = 0;

        while (at < count && model[at] != item)
            at++;
        if (at == count) {
            queue_push(&queue, &items[item].node);
            model[count++] = item;
            continue;
        }
        if (random_below(&random, 2) == 0) {
            at = 0;
            ck_assert_int_eq(pop(&queue), model[0]);
        } else {
            queue_remove(&queue, &items[item].node);
        }
        count--;
        memmove(model + at, model + at + 1,
                (size_t)(count - at) * sizeof *model);
        ck_assert_int_eq(queue_is_empty(&queue), count == 0);
    }
}

int main(void)
{
    suite_begin("queue");
    suite_add(an_empty_queue_returns_null);
    suite_add(a_queue_returns_the_oldest_node_first);
    suite_add(a_queue_that_ran_empty_can_be_filled_again);
    suite_add(a_node_can_be_removed_at_any_position_of_a_queue);
    suite_add(the_only_node_of_a_queue_can_be_removed);
    suite_add(removing_a_node_that_is_not_queued_is_asserted);
    suite_add(a_queue_keeps_the_order_of_an_array);
    return suite_end();
}

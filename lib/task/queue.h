/* queue.h: an intrusive first-in, first-out queue.
 * Introduced in phase 3. Needs: nothing.
 *
 * The node is a member of the queued object, so a push does not allocate memory
 * and cannot fail. A node can be in only one queue at a time. The caller owns
 * the node. */
#ifndef ONE_RING_QUEUE_H
#define ONE_RING_QUEUE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

/* Returns the struct of the given type whose member is at pointer. */
#define container_of(pointer, type, member)                                   \
    ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

struct queue_node {
    struct queue_node *next; /* borrowed; NULL at the end of the queue */
};

struct queue {
    struct queue_node *first; /* borrowed; NULL when empty */
    struct queue_node *last;  /* borrowed; not valid when empty */
};

/* Returns true if the queue has no node. */
static inline bool queue_is_empty(const struct queue *queue)
{
    return queue->first == NULL;
}

/* Adds node at the end. node must not be in a queue. */
static inline void queue_push(struct queue *queue, struct queue_node *node)
{
    node->next = NULL;
    if (queue->first == NULL)
        queue->first = node;
    else
        queue->last->next = node;
    queue->last = node;
}

/* Removes the oldest node and returns it, or NULL if the queue is empty. */
static inline struct queue_node *queue_pop(struct queue *queue)
{
    struct queue_node *node = queue->first;

    if (node != NULL)
        queue->first = node->next;
    return node;
}

/* Removes node, which must be in the queue, from any position. Takes O(n) time,
 * so use it only for rare events, such as a cancelled waiter. */
static inline void queue_remove(struct queue *queue, struct queue_node *node)
{
    struct queue_node **link = &queue->first, *previous = NULL;

    while (*link != node) {
        assert(*link != NULL);
        previous = *link;
        link = &previous->next;
    }
    *link = node->next;
    if (queue->last == node)
        queue->last = previous;
}

#endif

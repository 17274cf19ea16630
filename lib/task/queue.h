/* queue.h: an intrusive first-in, first-out queue.
 * Introduced in phase 3. Needs: nothing.
 *
 * The node stands inside the thing that is queued, so that queueing never
 * allocates and never fails. A node is in one queue at a time. */
#ifndef ONE_RING_QUEUE_H
#define ONE_RING_QUEUE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

/* The struct of the given type whose member is at pointer. */
#define container_of(pointer, type, member)                                   \
    ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

struct queue_node {
    struct queue_node *next; /* borrowed; NULL at the end of the queue */
};

struct queue {
    struct queue_node *first; /* borrowed; NULL when empty */
    struct queue_node *last;  /* borrowed; means nothing when empty */
};

static inline bool queue_is_empty(const struct queue *queue)
{
    return queue->first == NULL;
}

static inline void queue_push(struct queue *queue, struct queue_node *node)
{
    node->next = NULL;
    if (queue->first == NULL)
        queue->first = node;
    else
        queue->last->next = node;
    queue->last = node;
}

/* Takes the oldest node; NULL: there is none. */
static inline struct queue_node *queue_pop(struct queue *queue)
{
    struct queue_node *node = queue->first;

    if (node != NULL)
        queue->first = node->next;
    return node;
}

/* Takes node out, wherever it stands: O(n), for cancelled waiters only. */
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

/* idle.h: connections that wait for their next request, longest wait first.
 * Introduced in phase 8. Needs: nothing.
 *
 * The list is doubly linked, because each request removes its connection from
 * the list and later adds it again. The cost of a removal must not depend on
 * the number of connections. */
#ifndef ONE_RING_IDLE_H
#define ONE_RING_IDLE_H

#include <stdbool.h>
#include <stddef.h>

/* A zeroed node is not in a list. */
struct idle_node {
    struct idle_node *next, *previous; /* borrowed */
    bool is_listed;
};

/* A zeroed list is empty. */
struct idle_list {
    struct idle_node *first, *last; /* borrowed; NULL if empty */
};

/* Adds node at the end. node must not be in a list. */
static inline void idle_add(struct idle_list *list, struct idle_node *node)
{
    *node = (struct idle_node){.previous = list->last, .is_listed = true};
    if (list->last != NULL)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
}

/* Removes node. Does nothing if it is not in a list. */
static inline void idle_remove(struct idle_list *list, struct idle_node *node)
{
    if (!node->is_listed)
        return;
    *(node->previous != NULL ? &node->previous->next : &list->first) =
        node->next;
    *(node->next != NULL ? &node->next->previous : &list->last) =
        node->previous;
    *node = (struct idle_node){0};
}

#endif

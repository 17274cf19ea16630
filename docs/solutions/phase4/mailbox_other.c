/* mailbox: the same as mailbox.c, in another way: without the lock. A post
 * pushes onto a stack with one atomic operation, and a take exchanges the whole
 * stack for an empty one and turns it round. */
#include "mailbox.h"

#include <unistd.h>

void mailbox_post(struct mailbox *box, struct message *message)
{
    struct message *top = __atomic_load_n(&box->first, __ATOMIC_RELAXED);

    do
        message->next = top;
    while (!__atomic_compare_exchange_n(&box->first, &top, message, true,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    if (top == NULL)
        (void)!write(box->pipe[1], "!", 1);
}

struct message *mailbox_take(struct mailbox *box)
{
    struct message *stack, *list = NULL;
    char bytes[16];

    (void)!read(box->pipe[0], bytes, sizeof bytes);
    stack = __atomic_exchange_n(&box->first, NULL, __ATOMIC_ACQ_REL);
    while (stack != NULL) {
        struct message *next = stack->next;

        stack->next = list;
        list = stack;
        stack = next;
    }
    return list;
}

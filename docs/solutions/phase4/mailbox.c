/* mailbox: wake a loop from another thread.
 *
 * What it teaches: the bell rings when the list becomes full after it was
 * empty. So the loop must clear the bell before it empties the list. */
#include "mailbox.h"

#include <unistd.h>

void mailbox_post(struct mailbox *box, struct message *message)
{
    bool was_empty;

    message->next = NULL;
    pthread_mutex_lock(&box->lock);
    was_empty = box->first == NULL;
    if (was_empty)
        box->first = message;
    else
        box->last->next = message;
    box->last = message;
    pthread_mutex_unlock(&box->lock);
    if (was_empty)
        (void)!write(box->pipe[1], "", 1);
}

struct message *mailbox_take(struct mailbox *box)
{
    struct message *list;
    char bytes[64];

    while (read(box->pipe[0], bytes, sizeof bytes) > 0)
        ;
    pthread_mutex_lock(&box->lock);
    list = box->first;
    box->first = NULL;
    pthread_mutex_unlock(&box->lock);
    return list;
}

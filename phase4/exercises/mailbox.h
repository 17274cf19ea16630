/* mailbox.h: messages from other threads to a loop.
 *
 * An exercise of phase 4; see phase4/exercises/README.md. */
#ifndef MAILBOX_H
#define MAILBOX_H

#include <pthread.h>
#include <stdbool.h>

struct message {
    struct message *next; /* yours while the message is in the box */
    unsigned sender, number;
};

/* The loop waits until pipe[0] is readable. Both ends are non-blocking. All
 * other members are yours, and begin zeroed. */
struct mailbox {
    int pipe[2];
    pthread_mutex_t lock;
    struct message *first, *last;
};

/* Puts a message into the mailbox, and wakes the loop if it may be asleep. Any
 * thread may call it. Never waits for the loop. */
void mailbox_post(struct mailbox *box, struct message *message);

/* Empties the mailbox. Returns its messages as a list, oldest first, or NULL.
 * Only the loop's thread calls it, when pipe[0] is readable. Afterwards no
 * message is forgotten: it was returned, or pipe[0] is readable. */
struct message *mailbox_take(struct mailbox *box);

#endif

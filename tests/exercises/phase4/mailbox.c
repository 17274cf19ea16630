/* mailbox.c: the checker of phase 4's exercise mailbox.
 *
 * hook_before_read posts a message just before the answer clears the pipe: the
 * worst moment. The last case adds real threads. */
#include "mailbox.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hooks.h"
#include "judge.h"

#define MANY 100000u
#define SENDERS 3u
#define PER_SENDER 5000u

static struct mailbox box = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct message messages[MANY];

static void begin(void)
{
    if (pipe2(box.pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        judge_cannot("pipe", -1);
    for (unsigned i = 0; i < MANY; i++)
        messages[i].number = i;
}

static int bytes_in_pipe(void)
{
    int count = 0;

    ioctl(box.pipe[0], FIONREAD, &count);
    return count;
}

static void check_bell(void)
{
    begin();
    judge_run("mailbox_post, once");
    judge_expect("a byte in the pipe");
    mailbox_post(&box, &messages[0]);
    judge_that(bytes_in_pipe() > 0, "the loop sleeps: a post to an empty "
               "mailbox must write a byte", "no byte");
    judge_run("mailbox_take");
    judge_expect("the message, and an empty pipe");
    judge_that(mailbox_take(&box) == &messages[0] && messages[0].next == NULL,
               "the list has to have the message", "another list");
    judge_that(bytes_in_pipe() == 0, "the pipe was not cleared: the loop finds "
               "it readable again, and spins", "a byte in the pipe");
    judge_run("mailbox_post after mailbox_take");
    judge_expect("a byte in the pipe");
    mailbox_post(&box, &messages[1]);
    judge_that(bytes_in_pipe() > 0, "the mailbox was empty again, so the post "
               "must ring again", "no byte");
}

static void check_many(void)
{
    struct message *list;

    begin();
    judge_run("100,000 times mailbox_post, then mailbox_take");
    judge_expect("one byte in the pipe, and all messages in order");
    for (unsigned i = 0; i < MANY; i++)
        mailbox_post(&box, &messages[i]);
    if (bytes_in_pipe() != 1)
        judge_fail("ring only if the mailbox was empty: the pipe has no room "
                   "for a byte per message", "%d bytes", bytes_in_pipe());
    list = mailbox_take(&box);
    for (unsigned i = 0; i < MANY; i++, list = list->next)
        if (list != &messages[i])
            judge_fail(list == NULL ? "a message is missing: take the whole "
                                      "list"
                                    : "the oldest message comes first",
                       "another message at place %u", i);
    judge_that(list == NULL, "the list has no end", "more messages");
}

static void post_late(int fd)
{
    (void)fd;
    mailbox_post(&box, &messages[7]);
}

static void check_late(void)
{
    struct message *list;
    bool is_there = false;

    begin();
    mailbox_post(&box, &messages[0]);
    hook_before_read = post_late;
    judge_run("mailbox_take; a thread posts just before you read the pipe");
    judge_expect("the message is returned, or the pipe is readable");
    for (list = mailbox_take(&box); list != NULL; list = list->next)
        is_there |= list == &messages[7];
    judge_that(is_there || bytes_in_pipe() > 0,
               "a message is lost: you took the list, and then cleared the "
               "byte of a later post. Clear first, then take",
               "a message in the mailbox, and no byte in the pipe");
}

static void *send_all(void *arg)
{
    struct message *first = arg;

    for (unsigned i = 0; i < PER_SENDER; i++)
        mailbox_post(&box, &first[i]);
    return NULL;
}

static void check_threads(void)
{
    struct pollfd bell;
    unsigned next[SENDERS] = {0}, count = 0;
    pthread_t thread;

    begin();
    judge_run("three threads that post 5,000 messages each");
    judge_expect("all messages, those of each thread in order");
    judge_suspect("a message is in the mailbox, but no byte in the pipe: was "
                  "the list changed without the lock?");
    for (unsigned s = 0; s < SENDERS; s++) {
        for (unsigned i = 0; i < PER_SENDER; i++)
            messages[s * PER_SENDER + i] =
                (struct message){.sender = s, .number = i};
        if (pthread_create(&thread, NULL, send_all,
                           &messages[s * PER_SENDER]) != 0)
            judge_cannot("pthread_create", -1);
    }
    bell = (struct pollfd){.fd = box.pipe[0], .events = POLLIN};
    while (count < SENDERS * PER_SENDER) {
        struct message *list;

        poll(&bell, 1, -1);
        for (list = mailbox_take(&box); list != NULL; list = list->next) {
            judge_result(list->number, next[list->sender]++,
                         "messages of a thread are missing or in disorder: "
                         "hold the lock while you change the list");
            count++;
        }
    }
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"a post wakes the loop", check_bell},
        {"many posts ring once", check_many},
        {"a post at the worst moment is not lost", check_late},
        {"threads lose no message", check_threads},
    };

    return judge_main("mailbox", cases, sizeof cases / sizeof *cases);
}

/* witness.c: the live peer; see witness.h. */
#include "witness.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REST_MS 5      /* between two questions */
#define NEW_EACH 4     /* of so many questions, one is on a new connection */

/* How a question ended. */
enum asked { ANSWERED, CLOSED, LATE, FAILED };

/* Stores errno as the reason why the connection is lost. */
static enum asked lose(struct talk *talk)
{
    snprintf(talk->fault, sizeof talk->fault,
             "lost its connection before the answer: %s", strerror(errno));
    return CLOSED;
}

/* Sends one message. The socket buffer has room for it. */
static enum asked send_message(int fd, struct talk *talk, uint64_t end_ms)
{
    char message[TARGET_REQUEST_MAX];
    size_t len = talk->target->message_len;
    uint64_t goal = talk->sent + len;

    while (talk->sent < goal) {
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        ssize_t sent;

        talk_next(talk, message, goal - talk->sent);
        sent = send(fd, message, goal - talk->sent, MSG_NOSIGNAL);
        if (sent > 0)
            talk->sent += (uint64_t)sent;
        else if (errno != EAGAIN && errno != EWOULDBLOCK)
            return lose(talk);
        else if (target_now_ms() > end_ms)
            return LATE;
        else
            poll(&ready, 1, REST_MS);
    }
    return ANSWERED;
}

/* Sends one message, and receives until it is answered. */
static enum asked ask(int fd, struct talk *talk, uint64_t end_ms)
{
    static _Thread_local char buf[65536];
    enum asked asked = send_message(fd, talk, end_ms);

    while (asked == ANSWERED && !talk_is_answered(talk)) {
        uint64_t now_ms = target_now_ms();
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        ssize_t got;

        if (now_ms >= end_ms)
            return LATE;
        poll(&ready, 1, (int)(end_ms - now_ms));
        got = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return got < 0 ? lose(talk) : CLOSED;
        if (!talk_take(talk, buf, (size_t)got))
            return FAILED;
    }
    return asked;
}

static const char *words_of(enum asked asked, const struct talk *talk)
{
    if (asked == LATE)
        return "was not answered in time";
    return talk->fault[0] != '\0' ? talk->fault
                                  : "lost its connection before the answer";
}

static void note(struct witness *witness, const char *who, const char *what)
{
    if (witness->fault[0] == '\0')
        snprintf(witness->fault, sizeof witness->fault, "%.40s %.110s", who,
                 what);
}

static void forget(struct witness *witness)
{
    if (witness->fd >= 0)
        close(witness->fd);
    witness->fd = -1;
}

/* Asks on the kept connection, or on a new one if it is closed. Returns how
 * the last try ended. */
static enum asked ask_kept(struct witness *witness, uint64_t end_ms)
{
    enum asked asked = CLOSED;
    bool may_retry = true;

    while (asked == CLOSED && may_retry) {
        if (witness->fd < 0) {
            talk_init(&witness->talk, witness->target);
            witness->fd = target_connect(witness->target, 0);
            may_retry = false;
        }
        if (witness->fd < 0)
            return CLOSED;
        asked = ask(witness->fd, &witness->talk, end_ms);
        may_retry &= witness->target->is_http &&
                     !talk_is_inside(&witness->talk);
        if (asked != ANSWERED || witness->talk.closes)
            forget(witness);
    }
    return asked;
}

static void witness_ask(struct witness *witness, bool is_new)
{
    const char *who = is_new ? "a new live peer" : "the live peer";
    struct talk *talk = &witness->talk;
    uint64_t start_ms = target_now_ms(), took_ms;
    uint64_t end_ms = start_ms + 2 * (uint64_t)witness->bound_ms;
    char text[TALK_FAULT_LEN];
    enum asked asked = ANSWERED;

    if (is_new) {
        if (!witness_ask_once(witness->target, 2 * witness->bound_ms, text))
            note(witness, who, text);
    } else {
        asked = ask_kept(witness, end_ms);
    }
    took_ms = target_now_ms() - start_ms;
    if (took_ms > witness->worst_ms)
        witness->worst_ms = (unsigned)took_ms;
    if (asked != ANSWERED)
        note(witness, who, words_of(asked, talk));
    if (took_ms > witness->bound_ms) {
        snprintf(text, sizeof text, "waited %u ms for an answer",
                 (unsigned)took_ms);
        note(witness, who, text);
    }
    if (asked == ANSWERED && talk->refusals > 0 && !witness->takes_refusals) {
        snprintf(text, sizeof text, "was answered with %d", talk->status);
        note(witness, who, text);
    }
    talk->refusals = 0;
    witness->answers++;
}

static void *witness_run(void *arg)
{
    struct witness *witness = arg;

    for (unsigned i = 0; !witness->must_end; i++) {
        witness_ask(witness,
                    witness->asks_anew && i % NEW_EACH == NEW_EACH - 1);
        poll(NULL, 0, witness->rest_ms);
    }
    forget(witness);
    return NULL;
}

bool witness_start(struct witness *witness)
{
    witness->fd = -1;
    witness->worst_ms = 0;
    witness->answers = 0;
    witness->fault[0] = '\0';
    witness->must_end = false;
    witness->rest_ms = REST_MS;
    if (pthread_create(&witness->thread, NULL, witness_run, witness) != 0)
        return false;
    while (witness->answers == 0)
        poll(NULL, 0, 1);
    return true;
}

void witness_stop(struct witness *witness)
{
    witness->must_end = true;
    pthread_join(witness->thread, NULL);
}

/* Asks once, with a new connection and a talk that the caller has begun. */
static bool ask_with(struct talk *talk, unsigned limit_ms,
                     char fault[TALK_FAULT_LEN])
{
    int fd = target_connect(talk->target, 0);
    enum asked asked;

    if (fd < 0) {
        snprintf(fault, TALK_FAULT_LEN, "cannot connect: %s", strerror(-fd));
        return false;
    }
    asked = ask(fd, talk, target_now_ms() + limit_ms);
    close(fd);
    if (asked != ANSWERED)
        snprintf(fault, TALK_FAULT_LEN, "%s", words_of(asked, talk));
    return asked == ANSWERED;
}

bool witness_ask_once(const struct target *target, unsigned limit_ms,
                      char fault[TALK_FAULT_LEN])
{
    struct talk talk;

    talk_init(&talk, target);
    return ask_with(&talk, limit_ms, fault);
}

bool witness_learn(struct target *target, unsigned limit_ms,
                   char fault[TALK_FAULT_LEN])
{
    struct talk talk;

    if (!target->is_http)
        return witness_ask_once(target, limit_ms, fault);
    target->body = realloc(target->body, TARGET_BODY_MAX);
    if (target->body == NULL) {
        snprintf(fault, TALK_FAULT_LEN, "no memory for the file");
        return false;
    }
    talk_init(&talk, target);
    talk.is_learning = true;
    if (!ask_with(&talk, limit_ms, fault))
        return false;
    target->status = talk.status;
    target->body_len = talk.body_len;
    return true;
}

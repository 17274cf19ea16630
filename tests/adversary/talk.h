/* talk.h: what a peer sends, and what must come back.
 *
 * Part of adversary. Needs: attack_target.h.
 *
 * To an echo server a peer sends records of 8 bytes: the number of the peer,
 * and the number of the record. So a wrong record shows its origin: another
 * peer, or an earlier or later part of the stream. To an HTTP server a peer
 * sends the same GET again and again. Each answer must have the status and the
 * body of the first one, which talk_learn stores in the target. */
#ifndef TESTS_ADVERSARY_TALK_H
#define TESTS_ADVERSARY_TALK_H

#include "attack_target.h"

#define TALK_HEAD_MAX 1024
#define TALK_FAULT_LEN 160

struct talk {
    const struct target *target; /* borrowed */
    uint32_t id;                 /* of the peer; used once per run */
    uint64_t sent, received;     /* bytes */
    uint64_t answers;            /* complete ones: responses, or messages */
    uint64_t refusals;           /* of them: another status than the right */
    int status;                  /* of the last response */
    bool closes;                 /* the last response ends the connection */
    unsigned char record[8];     /* TCP: the record that is arriving */
    size_t body_left;            /* HTTP: of the response that is arriving */
    uint64_t body_len;
    unsigned head_len;           /* 0: between two responses */
    bool is_in_body, is_learning;
    char head[TALK_HEAD_MAX];
    char fault[TALK_FAULT_LEN];  /* the first one; "" if none */
};

/* Begins a conversation of a new peer. */
void talk_init(struct talk *talk, const struct target *target);

/* Writes the next len bytes to send into buf. Add the bytes that were sent to
 * talk->sent. */
void talk_next(const struct talk *talk, char *buf, size_t len);

/* Checks len received bytes. Returns false if they are wrong: talk->fault is
 * the reason. */
bool talk_take(struct talk *talk, const char *buf, size_t len);

/* Returns how many bytes of an answer have arrived without its end. */
static inline bool talk_is_inside(const struct talk *talk)
{
    return talk->head_len > 0 || talk->is_in_body;
}

/* Returns true if all that was sent, in whole messages, has been answered. A
 * TCP peer is answered when each byte has come back. */
bool talk_is_answered(const struct talk *talk);

#endif

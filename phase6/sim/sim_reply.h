/* sim_reply.h: the responses that a client of a web server receives.
 *
 * A reply takes the bytes one by one. It checks that the head is well formed,
 * that the head was true at some instant, and that the body is the file's. */
#ifndef PHASE6_SIM_REPLY_H
#define PHASE6_SIM_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_editor.h"
#include "sim_tree.h"

#define REPLY_HEAD_MAX 1024u
#define REPLY_NO_NAME TREE_NAMES /* a name that no file ever has */

/* A request of the client. */
struct request {
    unsigned name;
    bool is_head;       /* HEAD, and not GET */
    bool has_range;
    unsigned from;      /* the first byte, with a range */
    unsigned since;     /* changes of the files until its last byte was sent */
    unsigned text_end;  /* of its last byte, in what the client sends */
};

struct reply {
    char head[REPLY_HEAD_MAX];
    unsigned head_len;
    int status;            /* 0: the head is not complete */
    uint64_t at, body_end; /* of the body: in the file, or from 0 */
    editor_states states;  /* in which the file can be; 0: a page */
};

/* Forgets the tags of earlier runs. */
void reply_begin(void);

/* Returns true if the server may refuse a request of this run: it has no
 * memory, no worker or no descriptor, its disk fails, or a client or the clock
 * is slow. */
bool reply_may_fail(void);

/* Takes the next byte of the answer to request. Returns true if it was the last
 * one: reply is ready for the next answer. Otherwise fails, or returns false.
 */
bool reply_take(struct reply *reply, const struct request *request, char byte);

#endif

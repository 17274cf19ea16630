/* records.h: the answers of a connection that are not in the log yet.
 *
 * What it teaches: a log line states how many bytes were sent, so it cannot be
 * written before they are. But by then the request has left its buffer. So each
 * answer has a record with copies of what the line needs:
 *
 *     request --begin--> [ record | record | record ] --sent--> access log
 *     outbox            [ answer | answer | answer ]  --send--> socket
 *
 * The outbox counts the bytes of its connection, in order. A record has the
 * positions at which its answer's body begins and ends. Once the socket has
 * taken the bytes up to the end, the line is written. If the connection fails
 * before that, the line states the part that was sent. */
#ifndef PHASE10_RECORDS_H
#define PHASE10_RECORDS_H

#include <stdbool.h>

#include "access_log.h"
#include "http.h"
#include "peer.h"
#include "traffic.h"

/* The maximum number of answers that the outbox collects, even without a log.
 * Sending them suspends the task. So a client that pipelines 10,000 requests
 * gets at most this many answers per iteration of the loop, and other tasks run
 * in between. */
#define RECORDS_MAX 64u

/* The bytes of a request that a record keeps, which are those that fit into a
 * line. */
#define RECORD_TEXT_MAX                                                       \
    (LOG_METHOD_MAX + LOG_TARGET_MAX + 2 * LOG_TEXT_MAX)
#define RECORDS_LEN (4 * RECORD_TEXT_MAX)

struct record {
    struct log_entry entry;   /* its views are into records->text */
    uint64_t began_ns;
    uint64_t body_at, end_at; /* positions in the bytes of the connection */
};

struct records {
    struct access_log *log;   /* borrowed */
    struct traffic *traffic;  /* borrowed */
    const struct peer *peer;  /* borrowed */
    int status;               /* of the answer that has begun; 0: none yet */
    uint64_t body_at;         /* and the position of its body */
    unsigned count;           /* answers that have ended */
    bool has_begun;           /* list[count] is of the one that has not, */
    size_t begun_at;          /* whose text begins there */
    unsigned unsent;          /* answers since the outbox was last sent */
    size_t len;               /* bytes of text in use */
    struct record list[RECORDS_MAX];
    char text[RECORDS_LEN];
};

/* Initializes an empty list. Borrows the other three. Does not clear the large
 * arrays. */
void records_init(struct records *records, struct access_log *log,
                  struct traffic *traffic, const struct peer *peer);

/* Returns false if there is no log. Then the functions below only count. */
static inline bool records_are_kept(const struct records *records)
{
    return records->log->format != LOG_OFF;
}

/* Returns false if the outbox must be sent before another answer begins. */
bool records_have_room(const struct records *records);

/* Begins the record of the answer to request. request is NULL if the bytes that
 * arrived were not a request. There must be room, and the previous record must
 * have ended (both asserted). */
void records_begin(struct records *records,
                   const struct http_request *request);

/* Records the status of the answer and the position of its body. A later call,
 * for a page in place of a file that could not be read, replaces an earlier
 * one. */
void records_note(struct records *records, int status, uint64_t body_at);

/* Ends the record without a line: only counts the answer. */
void records_forget(struct records *records);

/* Ends the record: the answer ends at end_at. If no head was written, there is
 * no record. */
void records_end(struct records *records, uint64_t end_at);

/* Counts len bytes that the socket has taken, up to the position sent, and
 * writes the lines of all answers that end there or before. */
void records_sent(struct records *records, uint64_t sent, uint64_t len);

/* Writes the lines of all answers. The connection sends no more. */
void records_finish(struct records *records, uint64_t sent);

#endif

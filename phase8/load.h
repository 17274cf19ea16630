/* load.h: a thread of echo-client, and its connections.
 *
 *     closed loop  asks --> answer --> asks --> answer ...
 *     open loop    |due    |due    |due    |due     (--rate)
 *                  asks ------> answer
 *                  '---- the latency ---'
 *
 * In a closed loop the next message waits for an answer. If a server stalls for
 * a second, the client sends it nothing for a second, and only one message
 * shows the stall. In an open loop messages become due at a fixed rate, and the
 * latency counts from that time. All messages of that second are late then, as
 * they would be for independent users. */
#ifndef PHASE8_LOAD_H
#define PHASE8_LOAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bufring.h"
#include "future.h"
#include "group.h"
#include "histogram.h"
#include "load_http.h"
#include "load_options.h"
#include "loop.h"
#include "stream.h"

#define NS_PER_S UINT64_C(1000000000)

struct load_worker;

struct load_conn {
    struct group_task task;
    struct load_worker *worker; /* borrowed */
    unsigned index;             /* among the connections of the worker */
    unsigned number;            /* among all connections */
    int fd;                     /* owned; below 0: not connected */
    struct stream in;
    struct op send;           /* at most one is in flight */
    int send_error;           /* -errno, or 0 */
    bool is_leaving;          /* waits for send_ended */
    struct future send_ended;
    uint64_t asked, answered; /* messages */
    uint64_t asked_bytes, sent_bytes, received_bytes;
    uint64_t answer_end; /* received_bytes when the next answer is complete */
    uint64_t *began_ns;  /* borrowed: of message n at index n % depth */
    struct load_http http;
};

struct load_worker {
    const struct load_options *options; /* borrowed */
    unsigned index;                     /* among the threads */
    pthread_t thread;
    struct loop loop;
    struct bufring bufring;
    struct load_conn *conns; /* borrowed: count of them */
    unsigned count;
    struct group group;      /* a task per connection */
    uint64_t start_ns, end_ns;
    uint64_t ended_ns;       /* the last connection has ended */
    uint64_t due;            /* open loop: messages that were due by now */
    unsigned served;         /* connections with an answer before end_ns */
    struct histogram latency;
    atomic_ullong answered;  /* read by the thread that prints progress */
    struct timer due_timer, end_timer, tick;
    uint64_t quiet_since_ns, quiet_answered; /* to notice a dead server */
    int result;              /* 0 or -errno */
};

/* Shared by all threads: one has failed, and the others end, too. */
extern atomic_bool load_has_failed;

/* load_conn.c: one connection. */

/* Connects. Suspends, at most for some seconds. Returns 0; -ETIME if the
 * server's backlog is full; or -errno from socket(2) or connect(2). */
int load_conn_await_connected(struct load_conn *conn);

/* Starts a task of the worker's group. The task sends messages and receives
 * answers until load_conn_is_done, and then closes the connection. If it fails,
 * it prints a message, and the group ends. Returns the same as group_spawn. */
int load_conn_start(struct load_conn *conn);

/* Sends the messages that may be sent now. Does not suspend. */
void load_conn_ask(struct load_conn *conn);

/* Returns true if no answer is missing, and no message will be due. */
bool load_conn_is_done(const struct load_conn *conn);

/* load_worker.c: one thread. */

/* Returns when the worker's message of this index is due in an open loop. */
uint64_t load_worker_due_ns(const struct load_worker *worker, uint64_t message);

/* The thread's function: connects, waits until all threads have connected, and
 * measures. Sets worker->result. */
void *load_worker_run(void *worker);

/* Makes the threads that call load_worker_run wait for each other. Call it once
 * before they start. */
void load_worker_prepare(unsigned threads);

#endif

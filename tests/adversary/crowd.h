/* crowd.h: many peers at once, which send and read as a plan tells them.
 *
 * Part of adversary. Needs: talk.h.
 *
 *     struct crowd crowd;
 *
 *     crowd_open(&crowd, &target, &plan);
 *     crowd_run(&crowd, 1000, crowd_is_over);
 *     ... crowd.counts, crowd.fault ...
 *     crowd_close(&crowd);
 *
 * A plan is a table of numbers. Most attacks are only a plan and a check of the
 * counts. One thread drives all peers with one epoll instance. */
#ifndef TESTS_ADVERSARY_CROWD_H
#define TESTS_ADVERSARY_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "talk.h"

#define CROWD_PART_MAX 65536u /* bytes of one send or one receive */
#define CROWD_NEVER UINT64_MAX

/* How a peer ends its connection itself. */
enum crowd_end {
    END_STAYS, /* it does not; crowd_close does */
    END_SHUTS, /* shuts its sending side when all is sent, awaits the end */
    END_CLOSES,
    END_RESETS,
};

struct peer;

struct plan {
    unsigned peers;       /* connections at once */
    unsigned conns;       /* connections in all; 0: as many as peers */
    uint64_t send_max;    /* bytes that each connection sends */
    uint32_t send_len;    /* bytes of one send; 0: as many as fit */
    uint32_t send_gap_ms; /* between two sends */
    uint32_t read_len;    /* bytes of one receive; 0: as many as fit */
    uint32_t read_gap_ms;
    bool never_reads;
    bool reads_late;      /* not before all is sent, or sending blocks */
    int receive_len;      /* SO_RCVBUF; 0: the kernel's default */
    enum crowd_end end;
    uint64_t quit_at;     /* received bytes at which a peer resets or closes;
                             CROWD_NEVER: when all is answered */
    /* Changes the plan's numbers for one connection. May be NULL. */
    void (*vary)(struct peer *peer, unsigned index);
};

enum peer_state { PEER_NONE, PEER_OPEN, PEER_ENDED };

struct peer {
    enum peer_state state;
    int fd;
    bool can_send, can_read; /* the last try did not end with EAGAIN */
    bool shuts, has_shut;    /* its sending side, when all is sent */
    bool is_complete;        /* counted */
    enum crowd_end end;      /* of the plan, as is the rest */
    uint64_t send_max, quit_at;
    uint64_t send_due_ms, read_due_ms;
    uint64_t blocked_ms;     /* since when sending blocks; 0: it does not */
    struct talk talk;
};

struct counts {
    unsigned opened;   /* connections that were begun */
    unsigned complete; /* all that they sent was answered, and the end that the
                          plan demands was seen */
    unsigned cut;      /* the server ended them before that */
    unsigned refused;  /* connect failed, or was reset without an answer */
    unsigned wrong;    /* an answer was wrong */
    unsigned limited;  /* this process has no more fds */
    uint64_t sent, answers, refusals;
};

struct crowd {
    const struct target *target; /* borrowed */
    struct plan plan;
    struct peer *peers; /* owned: plan.peers of them */
    unsigned open;      /* peers that are connected now */
    int epoll;
    unsigned stall_ms;  /* crowd_run gives up after so long without a byte */
    uint64_t moved_ms;  /* when the last byte was sent or received */
    struct counts counts;
    char fault[TALK_FAULT_LEN]; /* of the first wrong peer */
};

/* Makes a crowd; its peers connect while it runs. Returns false if there is no
 * memory or no fd. */
bool crowd_open(struct crowd *crowd, const struct target *target,
                const struct plan *plan);

/* Changes how the peers end their connections, of those that are open, too. */
void crowd_set_end(struct crowd *crowd, enum crowd_end end);

/* Drives the peers until limit_ms have passed, until is_over returns true, or
 * until nothing has happened for stall_ms. If is_over is NULL, only limit_ms
 * counts. Returns true if is_over did. */
bool crowd_run(struct crowd *crowd, unsigned limit_ms,
               bool (*is_over)(const struct crowd *crowd));

/* True if no connection is open and none is to come. */
bool crowd_is_over(const struct crowd *crowd);

/* True if each peer is complete, or has ended. */
bool crowd_is_answered(const struct crowd *crowd);

/* True if each peer has received something, or has ended. */
bool crowd_has_begun(const struct crowd *crowd);

/* True if no connection can be begun or sent on at the moment. */
bool crowd_is_blocked(const struct crowd *crowd);

/* Returns how many answers had another status than the right one. */
uint64_t crowd_refusals(const struct crowd *crowd);

/* Ends what is open, with a RST if resets is true. */
void crowd_leave(struct crowd *crowd, bool resets);

/* Ends what is open, and releases the memory. counts and fault stay. */
void crowd_close(struct crowd *crowd);

#endif

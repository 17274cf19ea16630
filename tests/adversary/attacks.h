/* attacks.h: the attacks, and what one attack is given and reports.
 *
 * Part of adversary. Needs: crowd.h, victim.h, witness.h. */
#ifndef TESTS_ADVERSARY_ATTACKS_H
#define TESTS_ADVERSARY_ATTACKS_H

#include "crowd.h"
#include "victim.h"
#include "witness.h"

#define ATTACK_FAULT_LEN 512
#define ATTACK_FDS_SLACK 8 /* for files that the server keeps open */

/* The things that an attack needs besides an address. */
enum needs { NEEDS_NOTHING, NEEDS_PID, NEEDS_COMMAND };

/* A run of adversary, and the report of its current attack. */
struct run {
    struct target target;
    struct target large; /* of HTTP: the file of --large, or the same file */
    struct victim victim;
    struct witness witness;
    unsigned peers_max;  /* per attack; the option */
    unsigned seconds;    /* of the attacks that last; the option */
    unsigned bound_ms;   /* the option */
    int stop_signal;     /* of the attack sigterm; the option */

    unsigned peers;      /* connections that the attack made */
    bool settles;        /* the server must have as few fds as before */
    struct figures before, after;
    char fault[ATTACK_FAULT_LEN]; /* why the server did not survive, or "" */
    char note[ATTACK_FAULT_LEN];  /* a figure that only this attack has */
};

struct attack {
    const char *name;
    const char *what; /* one line for --list */
    enum needs needs;
    bool is_quiet;    /* no witness: the server stops or ends */
    void (*run)(struct run *run);
    /* Called before the witness starts, and after all checks. May be NULL. */
    void (*prepare)(struct run *run);
    void (*restore)(struct run *run);
};

/* The attacks in their order; ends with a row without a name. */
extern const struct attack attacks[];

/* Adds a reason why the server did not survive. */
void attack_fail(struct run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns count, or the limit of --peers if that is lower. */
unsigned attack_count(const struct run *run, unsigned count);

/* Opens a crowd of peers of the target, or of run->large. Fails the attack, and
 * returns false, if there is no memory. */
bool attack_open(struct run *run, struct crowd *crowd,
                 const struct plan *plan);
bool attack_open_large(struct run *run, struct crowd *crowd,
                       const struct plan *plan);

/* Returns how long adversary waits for a server that seems to do nothing: so
 * many times the bound of the live peer. */
static inline unsigned attack_wait_ms(const struct run *run, unsigned times)
{
    return times * run->bound_ms;
}

/* Adds the crowd's connections to the report, fails the attack if a peer's
 * answer was wrong, and closes the crowd. */
void attack_close(struct run *run, struct crowd *crowd);

/* attacks_stop.c: attacks that stop or end the server. */
void attack_stop_cont(struct run *run);
void attack_restart(struct run *run);
void attack_sigterm(struct run *run);

/* attacks_fds.c: the server runs out of fds. */
void attack_fd_exhaustion(struct run *run);
void attack_lower_limit(struct run *run);
void attack_restore_limit(struct run *run);

#endif

/* victim.h: the process of the server under attack, and its figures.
 *
 * Part of adversary. Needs: attack_target.h.
 *
 * Its fds, memory and CPU time come from /proc, so that every server has
 * them. */
#ifndef TESTS_ADVERSARY_VICTIM_H
#define TESTS_ADVERSARY_VICTIM_H

#include <stdbool.h>
#include <sys/types.h>

#include "attack_target.h"

#define VICTIM_WORDS_MAX 128

struct victim {
    pid_t pid;      /* 0: not known */
    char **command; /* borrowed; NULL: adversary did not start the server */
    unsigned files_max; /* the soft limit of open files, for a start ... */
    bool is_limited;    /* ... and the hard limit, too */
    bool prints_line;   /* "listening on", as its last start has shown */
    bool has_ended;
    int status;     /* if has_ended and command: from waitpid(2) */
    int out;        /* its stdout, while it starts; otherwise -1 */
};

/* The resources of the process. -1: not known. */
struct figures {
    int fds;
    long rss_kib;
    long busy_ms; /* its threads used a processor, or waited for one */
};

/* Starts the command. In its words, {port} becomes the target's port. Waits
 * until the server prints "listening on", or until the target's port accepts
 * connections. If the port is 0, takes it from the printed line. Waits at most
 * limit_ms.
 *
 * Returns NULL  success
 *         text  the reason why the server does not listen; static storage */
const char *victim_start(struct victim *victim, struct target *target,
                         unsigned limit_ms);

/* Returns the figures of the process. */
struct figures victim_look(const struct victim *victim);

/* Returns true if all threads of the process sleep, or if it is not known. On
 * a busy machine a server that waits for a processor takes no bytes, like one
 * that is blocked, but it does not sleep. */
bool victim_sleeps(const struct victim *victim);

/* Returns true if the process is there. */
bool victim_is_alive(struct victim *victim);

/* Waits until the process has ended, at most limit_ms. Returns false if it has
 * not. */
bool victim_wait(struct victim *victim, unsigned limit_ms);

/* Waits until the process has at most fds_max fds open, at most limit_ms.
 * Returns its figures then. */
struct figures victim_settle(const struct victim *victim, int fds_max,
                             unsigned limit_ms);

/* Writes how the process ended into text: "signal 13 (SIGPIPE)", "exit code
 * 1". */
void victim_describe_end(const struct victim *victim, char text[64]);

/* Kills the process if adversary started it, and waits for its end. */
void victim_finish(struct victim *victim);

#endif

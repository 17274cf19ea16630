/* facts.h: facts about this process and machine that may forbid io_uring.
 * Introduced in phase 0. Needs: probe.h.
 *
 * Facts are gathered here and judged in diagnose.h, so that the judgement is a
 * pure function: every kind of refusal can be tested by writing its facts down,
 * also those that this machine cannot produce. */
#ifndef ONE_RING_FACTS_H
#define ONE_RING_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "probe.h"

#define FACTS_UNLIMITED UINT64_MAX

/* Whether the kernel was built with io_uring, whatever its calls answer. */
enum facts_kernel {
    FACTS_KERNEL_UNKNOWN, /* it hides what would tell */
    FACTS_KERNEL_WITHOUT,
    FACTS_KERNEL_WITH,
};

struct facts {
    /* The kernel's answers, or those of whoever answers for it. */
    struct probe_answers answers;
    int setup_result; /* a real io_uring_setup: 0, or -errno */
    int ops_result;   /* a real io_uring_register: 0, or -errno */
    bool is_killed;   /* asking is deadly: the four above are unknown, 0 */

    /* The rules that it was given. */
    int disabled; /* sysctl kernel.io_uring_disabled; -1: there is none */
    int group;    /* sysctl kernel.io_uring_group; -1: nobody */
    bool is_admitted; /* to a ring where disabled is 1: root, or in the group */
    int seccomp;  /* 0 none, 1 strict, 2 filter; -1 not told */
    enum facts_kernel kernel;

    /* What this process may have. */
    bool is_charged;     /* ring memory counts against RLIMIT_MEMLOCK */
    uint64_t memlock;    /* bytes, soft limit, or FACTS_UNLIMITED */
    uint64_t open_files; /* descriptors, soft limit */

    /* Where it runs. */
    const char *container; /* "docker", "podman", ..., or NULL: no mark */
    int wsl;               /* 0, or Windows' generation of it: 1 or 2 */
    bool is_gvisor;
};

/* Gathers them: two harmless calls, a probe, and some files of /proc. Leaves
 * nothing open. For start-up: uses a static buffer. With is_killed no call is
 * made: somebody has found out in a child that it would be the last.
 *
 * It cannot fail: a fact that cannot be had keeps the value that says so. */
void facts_gather(struct facts *out, bool is_killed);

/* Whether text stands anywhere in the file at path, of whatever size: 1, 0, or
 * the -errno of reading it. */
int facts_file_contains(const char *path, const char *text);

/* The parts of facts_gather that read text, apart from where it comes from.
 * facts_read_status: /proc/self/status and /proc/self/uid_map, for seccomp,
 * is_charged and (group is filled in before) is_admitted. facts_read_limits:
 * /proc/self/limits. facts_read_version: /proc/version, for wsl and is_gvisor.
 */
void facts_read_status(struct facts *out, const char *status,
                       const char *uid_map);
void facts_read_limits(struct facts *out, const char *limits);
void facts_read_version(struct facts *out, const char *version);

#endif

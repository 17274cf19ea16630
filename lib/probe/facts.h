/* facts.h: facts that may explain why io_uring is refused.
 * Introduced in phase 0. Needs: probe.h.
 *
 * This module gathers the facts, and diagnose() finds the cause in them. So
 * diagnose() is a pure function: a test can pass the facts of any refusal, even
 * of one that the test machine cannot produce. */
#ifndef ONE_RING_FACTS_H
#define ONE_RING_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "probe.h"

#define FACTS_UNLIMITED UINT64_MAX

/* Was the kernel built with io_uring? It may still refuse to make a ring. */
enum facts_kernel {
    FACTS_KERNEL_UNKNOWN, /* the system hides it */
    FACTS_KERNEL_WITHOUT,
    FACTS_KERNEL_WITH,
};

struct facts {
    /* The results of test calls. A result comes from the kernel or a filter. */
    struct probe_answers answers;
    int setup_result; /* of io_uring_setup: 0 or -errno */
    int ops_result;   /* of io_uring_register: 0 or -errno */
    bool is_killed;   /* a filter kills callers, so all results are 0 */

    /* The rules that apply to this process. */
    int disabled; /* sysctl kernel.io_uring_disabled; -1: no such sysctl */
    int group;    /* sysctl kernel.io_uring_group; -1: no group */
    bool is_admitted; /* has CAP_SYS_ADMIN, or is in the group */
    int seccomp;  /* 0 none, 1 strict, 2 filter; -1 unknown */
    enum facts_kernel kernel;

    /* The limits of this process. */
    bool is_charged;     /* ring memory counts against RLIMIT_MEMLOCK */
    uint64_t memlock;    /* bytes, soft limit, or FACTS_UNLIMITED */
    uint64_t open_files; /* descriptors, soft limit */

    /* The environment of this process. */
    const char *container; /* "docker", "podman", ..., or NULL */
    int wsl;               /* the version of WSL, 1 or 2; 0: none */
    bool is_gvisor;
};

/* Gathers the facts with two harmless io_uring calls, a probe, and a few files
 * of /proc. Leaves no descriptor open. Call it at start-up, in one thread,
 * because it uses a static buffer. Set is_killed if a filter has killed a child
 * process that called io_uring (phase0/child_probe.h). facts_gather then does
 * not call io_uring.
 *
 * Cannot fail. A fact that is not available gets its "unknown" value. */
void facts_gather(struct facts *out, bool is_killed);

/* Searches a file of any size for text, which has 1 to 1023 bytes.
 *
 * Returns 1       the file contains text
 *         0       the file does not contain text
 *         -errno  from open(2) or read(2) */
int facts_file_contains(const char *path, const char *text);

/* Parses /proc/self/status and /proc/self/uid_map: sets seccomp, is_charged and
 * is_admitted. The caller must set out->group first. This function and the next
 * two take the text of a file instead of reading the file, so that a test can
 * pass any text. */
void facts_read_status(struct facts *out, const char *status,
                       const char *uid_map);

/* Parses /proc/self/limits: sets memlock and open_files. */
void facts_read_limits(struct facts *out, const char *limits);

/* Parses /proc/version: sets wsl and is_gvisor. */
void facts_read_version(struct facts *out, const char *version);

#endif

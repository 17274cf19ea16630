/* causes.h: causes of a refused io_uring, and their cures.
 * Introduced in phase 0. Needs: nothing. */
#ifndef ONE_RING_CAUSES_H
#define ONE_RING_CAUSES_H

/* One way to remove a cause, and the environment in which it works. */
struct cure {
    const char *where; /* "docker", "sysctl", ...; NULL ends a list */
    const char *how;   /* one line: a command or a setting */
};

struct cause {
    const char *id;          /* machine-readable: "seccomp-eperm" */
    const char *what;        /* one human-readable line */
    const struct cure *cures;
};

enum cause_id {
    CAUSE_SECCOMP_EPERM,
    CAUSE_SECCOMP_ENOSYS,
    CAUSE_SECCOMP_OTHER,
    CAUSE_SECCOMP_KILL,
    CAUSE_SECCOMP_SETUP,
    CAUSE_SECCOMP_REGISTER,
    CAUSE_GVISOR,
    CAUSE_DISABLED_FOR_ALL,
    CAUSE_DISABLED_FOR_USERS,
    CAUSE_NO_URING,
    CAUSE_NO_URING_WSL,
    CAUSE_WSL_1,
    CAUSE_ENOSYS_UNKNOWN,
    CAUSE_SECURITY_MODULE,
    CAUSE_MEMLOCK,
    CAUSE_MEMORY,
    CAUSE_NO_DESCRIPTOR,
    CAUSE_NO_FILE,
    CAUSE_UNKNOWN,
    CAUSES
};

/* Returns the entry of a cause, which has at least one cure. The entry is
 * static, and never NULL. */
const struct cause *cause_of(enum cause_id id);

#endif

/* sys_confine.c: system calls that take rights away; see sys_confine.h.
 * Introduced in phase 10. Needs: sys_confine.h. */
#include "sys_confine.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* System calls added since Linux 5.0 have these numbers on all architectures
 * except Alpha. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { ASK_VERSION = 1, RULE_BELOW = 1, RULE_PORT = 2 };

/* The kernel reads 12 bytes. */
struct below {
    uint64_t rights;
    int32_t directory;
} __attribute__((packed));

struct port {
    uint64_t rights, number;
};

static int result_of(long returned)
{
    return returned < 0 ? -errno : (int)returned;
}

int sys_no_new_privileges(void)
{
    return result_of(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

int sys_landlock_version(void)
{
    return result_of(syscall(SYS_landlock_create_ruleset, NULL, 0,
                             ASK_VERSION));
}

int sys_landlock_create(const struct landlock_set *set)
{
    /* A kernel that knows a shorter struct accepts this one if the rest is
     * zero. */
    return result_of(syscall(SYS_landlock_create_ruleset, set, sizeof *set, 0));
}

int sys_landlock_allow_below(int rules, int directory, uint64_t rights)
{
    const struct below below = {.rights = rights, .directory = directory};

    return result_of(syscall(SYS_landlock_add_rule, rules, RULE_BELOW, &below,
                             0));
}

int sys_landlock_allow_port(int rules, unsigned port, uint64_t rights)
{
    const struct port allowed = {.rights = rights, .number = port};

    return result_of(syscall(SYS_landlock_add_rule, rules, RULE_PORT, &allowed,
                             0));
}

int sys_landlock_enter(int rules)
{
    return result_of(syscall(SYS_landlock_restrict_self, rules, 0));
}

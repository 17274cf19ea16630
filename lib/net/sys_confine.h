/* sys_confine.h: system calls that take rights away from this process.
 * Introduced in phase 10. Needs: nothing.
 *
 * The rules are those of sys.h: each call returns >= 0 or -errno, and does not
 * suspend a task. The names of Landlock's rights are here, because the headers
 * of older systems lack some of them (Linux: include/uapi/linux/landlock.h). */
#ifndef ONE_RING_SYS_CONFINE_H
#define ONE_RING_SYS_CONFINE_H

#include <stdint.h>

/* Rights to files and directories. Landlock has had each right since version 1,
 * unless a comment gives another version. */
enum {
    LANDLOCK_EXECUTE = 1 << 0,
    LANDLOCK_WRITE_FILE = 1 << 1,
    LANDLOCK_READ_FILE = 1 << 2,
    LANDLOCK_READ_DIR = 1 << 3,
    LANDLOCK_REMOVE_FILE = 1 << 5,
    LANDLOCK_MAKE_REG = 1 << 8,
    LANDLOCK_MAKE_SOCK = 1 << 9,
    LANDLOCK_TRUNCATE = 1 << 14, /* since version 3 */
    LANDLOCK_FILES_1 = (1 << 13) - 1, /* all rights of version 1 */
    LANDLOCK_FILES_2 = (1 << 14) - 1,
    LANDLOCK_FILES_3 = (1 << 15) - 1,
    LANDLOCK_FILES_5 = (1 << 16) - 1
};

/* The first enum has the rights to TCP ports (since version 4). The second has
 * the rights to connect to abstract sockets of other processes, and to send
 * signals to other processes (since version 6). */
enum { LANDLOCK_BIND_TCP = 1 << 0, LANDLOCK_CONNECT_TCP = 1 << 1 };
enum { LANDLOCK_ABSTRACT_SOCKETS = 1 << 0, LANDLOCK_SIGNALS = 1 << 1 };

/* The rights that a set of rules restricts. The process loses each of them,
 * except where a rule of the set allows it. */
struct landlock_set {
    uint64_t files, ports, others;
};

/* Makes sure that this thread, its future threads and its children gain no
 * privileges by exec. Returns 0, or -errno from prctl(2). */
int sys_no_new_privileges(void);

/* Gets the version of Landlock.
 *
 * Returns > 0          the version
 *         -ENOSYS      the kernel is built without it, or a filter hides it
 *         -EOPNOTSUPP  it was not turned on at boot */
int sys_landlock_version(void);

/* Returns a descriptor of an empty set of rules, which the caller owns, or
 * -errno from landlock_create_ruleset(2). */
int sys_landlock_create(const struct landlock_set *set);

/* Adds a rule to the set whose descriptor is rules. The rule grants rights on
 * all files below directory, which is a descriptor, or on a TCP port. Returns
 * 0, or -errno from landlock_add_rule(2). */
int sys_landlock_allow_below(int rules, int directory, uint64_t rights);
int sys_landlock_allow_port(int rules, unsigned port, uint64_t rights);

/* Applies the rules to this thread, its future threads and its children. They
 * cannot be removed. Returns 0, or -errno from landlock_restrict_self(2). */
int sys_landlock_enter(int rules);

#endif

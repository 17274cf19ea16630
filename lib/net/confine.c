/* confine.c: a server gives up rights; see confine.h.
 * Introduced in phase 10. Needs: confine.h, sys.h, sys_confine.h. */
#include "confine.h"

#include <errno.h>

#include "sys.h"
#include "sys_confine.h"

static struct landlock_set set_of(int version, int port)
{
    struct landlock_set set = {.files = LANDLOCK_FILES_1};

    if (version >= 2)
        set.files = LANDLOCK_FILES_2;
    if (version >= 3)
        set.files = LANDLOCK_FILES_3;
    if (version >= 5)
        set.files = LANDLOCK_FILES_5;
    if (version >= 4)
        set.ports = LANDLOCK_CONNECT_TCP;
    /* The kernel chooses a port for port 0. All threads then bind that port,
     * which no rule can name in advance. */
    if (version >= 4 && port != CONFINE_ANY_PORT)
        set.ports |= LANDLOCK_BIND_TCP;
    if (version >= 6)
        set.others = LANDLOCK_ABSTRACT_SOCKETS | LANDLOCK_SIGNALS;
    return set;
}

static uint64_t rights_of(enum confine_right right)
{
    static const uint64_t rights[] = {
        [CONFINE_READ] = LANDLOCK_READ_FILE | LANDLOCK_READ_DIR,
        [CONFINE_WRITE] = LANDLOCK_WRITE_FILE | LANDLOCK_MAKE_REG |
                          LANDLOCK_TRUNCATE,
        [CONFINE_SOCKET] = LANDLOCK_MAKE_SOCK | LANDLOCK_REMOVE_FILE |
                           LANDLOCK_READ_DIR,
    };

    return rights[right];
}

static int add_rules(int fd, const struct landlock_set *set,
                     const struct confine_rule *rules, unsigned count, int port)
{
    int rc = 0;

    for (unsigned i = 0; i < count && rc == 0; i++)
        rc = sys_landlock_allow_below(fd, rules[i].directory,
                                      rights_of(rules[i].right) & set->files);
    if (rc == 0 && (set->ports & LANDLOCK_BIND_TCP) && port > 0)
        rc = sys_landlock_allow_port(fd, (unsigned)port, LANDLOCK_BIND_TCP);
    return rc;
}

/* Returns the version of Landlock that is in force now, or -errno. */
static int enter_landlock(const struct confine_rule *rules, unsigned count,
                          int port)
{
    int version = sys_landlock_version();
    struct landlock_set set = set_of(version, port);
    int fd, rc;

    if (version < 0)
        return version;
    fd = sys_landlock_create(&set);
    if (fd < 0)
        return fd;
    rc = add_rules(fd, &set, rules, count, port);
    if (rc == 0)
        rc = sys_landlock_enter(fd);
    sys_close(fd);
    return rc < 0 ? rc : version;
}

struct confined confine_process(const struct confine_rule *rules,
                                unsigned count, int port)
{
    /* Without no_new_privs, the kernel lets only root use Landlock. */
    struct confined result = {.privileges = sys_no_new_privileges()};

    result.landlock = enter_landlock(rules, count, port);
    return result;
}

const char *confine_why_no_landlock(int result)
{
    if (result == -ENOSYS)
        return "the kernel is built without it, or a seccomp filter hides it";
    if (result == -EOPNOTSUPP)
        return "the kernel has it, but not in its boot parameter lsm=";
    if (result == -EPERM)
        return "a seccomp filter forbids it, as containers' filters may";
    if (result == -E2BIG)
        return "16 sets of rules are in force already";
    return "the kernel refuses it";
}

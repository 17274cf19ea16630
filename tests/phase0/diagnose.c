/* diagnose.c: the cause of a refusal, from facts in a table and from real
 * filters. */
#include "suite.h"

#include <errno.h>
#include <string.h>

#include "deny.h"
#include "diagnose.h"

#define countof(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define NOBODY (-1)

/* The results of a kernel without a filter. */
#define KERNEL .answers = {-EFAULT, -EBADF}
#define ALL(errno_) .answers = {-(errno_), -(errno_)}, .setup_result = -(errno_)
#define WITH .kernel = FACTS_KERNEL_WITH
#define WITHOUT .kernel = FACTS_KERNEL_WITHOUT

static const struct {
    const char *name;
    struct facts facts;
    int cause, next;
} cases[] = {
    {"all is well", {KERNEL, WITH}, NOBODY, NOBODY},
    {"all is well in Docker before 25",
     {KERNEL, WITH, .seccomp = 2, .container = "docker"}, NOBODY, NOBODY},
    {"a kernel before 5.6 has no list of opcodes",
     {KERNEL, WITH, .ops_result = -EINVAL}, NOBODY, NOBODY},

    {"Docker", {ALL(EPERM), WITH, .seccomp = 2}, CAUSE_SECCOMP_EPERM, NOBODY},
    {"Docker, on a host that disables it",
     {ALL(EPERM), WITH, .seccomp = 2, .disabled = 2}, CAUSE_SECCOMP_EPERM,
     CAUSE_DISABLED_FOR_ALL},
    {"Docker, on a host that reserves it",
     {ALL(EPERM), WITH, .seccomp = 2, .disabled = 1}, CAUSE_SECCOMP_EPERM,
     CAUSE_DISABLED_FOR_USERS},
    {"Docker, where status does not tell of the filter",
     {ALL(EPERM), .seccomp = -1, .disabled = -1}, CAUSE_SECCOMP_EPERM, NOBODY},
    {"Podman", {ALL(ENOSYS), WITH, .seccomp = 2}, CAUSE_SECCOMP_ENOSYS,
     NOBODY},
    {"Podman, on a host that disables it",
     {ALL(ENOSYS), WITH, .seccomp = 2, .disabled = 2}, CAUSE_SECCOMP_ENOSYS,
     CAUSE_DISABLED_FOR_ALL},
    {"a filter with EACCES", {ALL(EACCES), WITH, .seccomp = 2},
     CAUSE_SECCOMP_OTHER, NOBODY},
    {"a filter that kills", {WITH, .is_killed = true, .seccomp = 2},
     CAUSE_SECCOMP_KILL, NOBODY},
    {"a filter on enter alone",
     {.answers = {-EFAULT, -EPERM}, WITH, .seccomp = 2}, CAUSE_SECCOMP_EPERM,
     NOBODY},
    {"a filter on set-up alone, EPERM",
     {.answers = {-EPERM, -EBADF}, .setup_result = -EPERM, WITH, .seccomp = 2},
     CAUSE_SECCOMP_SETUP, NOBODY},
    {"a filter on set-up alone, ENOSYS",
     {.answers = {-ENOSYS, -EBADF}, .setup_result = -ENOSYS, WITH,
      .seccomp = 2}, CAUSE_SECCOMP_SETUP, NOBODY},
    {"a filter on register alone",
     {KERNEL, WITH, .ops_result = -EPERM, .seccomp = 2},
     CAUSE_SECCOMP_REGISTER, NOBODY},

    {"the sysctl is 2",
     {.answers = {-EPERM, -EBADF}, .setup_result = -EPERM, WITH,
      .disabled = 2}, CAUSE_DISABLED_FOR_ALL, NOBODY},
    {"the sysctl is 2, behind a filter that lets io_uring through",
     {.answers = {-EPERM, -EBADF}, .setup_result = -EPERM, WITH,
      .disabled = 2, .seccomp = 2}, CAUSE_DISABLED_FOR_ALL, NOBODY},
    {"the sysctl is 1 and we are not in the group",
     {.answers = {-EPERM, -EBADF}, .setup_result = -EPERM, WITH,
      .disabled = 1, .group = -1}, CAUSE_DISABLED_FOR_USERS, NOBODY},
    {"the sysctl is 1 and we are",
     {KERNEL, WITH, .disabled = 1, .is_admitted = true}, NOBODY, NOBODY},
    {"the sysctl is 1 and we are, but a filter refuses set-up",
     {.answers = {-EPERM, -EBADF}, .setup_result = -EPERM, WITH,
      .disabled = 1, .is_admitted = true, .seccomp = 2},
     CAUSE_SECCOMP_SETUP, NOBODY},
    {"the sysctl is 1 and we are, but a security module refuses",
     {KERNEL, .setup_result = -EPERM, WITH, .disabled = 1,
      .is_admitted = true}, CAUSE_SECURITY_MODULE, NOBODY},
    {"Docker, on a host that reserves it for us",
     {ALL(EPERM), WITH, .seccomp = 2, .disabled = 1, .is_admitted = true},
     CAUSE_SECCOMP_EPERM, NOBODY},
    {"the sysctl is 2, which admits nobody",
     {.answers = {-EPERM, -EBADF}, .setup_result = -EPERM, WITH,
      .disabled = 2, .is_admitted = true}, CAUSE_DISABLED_FOR_ALL, NOBODY},

    {"SELinux", {KERNEL, .setup_result = -EACCES, WITH, .seccomp = 0},
     CAUSE_SECURITY_MODULE, NOBODY},
    {"SELinux, in a container",
     {KERNEL, .setup_result = -EACCES, WITH, .seccomp = 2},
     CAUSE_SECURITY_MODULE, NOBODY},
    {"a BPF program",
     {.answers = {-EPERM, -EBADF}, .setup_result = -EPERM, WITH},
     CAUSE_SECURITY_MODULE, NOBODY},

    {"CONFIG_IO_URING is not set", {ALL(ENOSYS), WITHOUT, .disabled = -1},
     CAUSE_NO_URING, NOBODY},
    {"the same in Podman", {ALL(ENOSYS), WITHOUT, .seccomp = 2},
     CAUSE_NO_URING, NOBODY},
    {"a sandbox that hides it", {ALL(ENOSYS), .seccomp = 2},
     CAUSE_ENOSYS_UNKNOWN, NOBODY},
    {"nothing told, and no filter", {ALL(ENOSYS), .seccomp = 0},
     CAUSE_NO_URING, NOBODY},
    {"an old WSL 2", {ALL(ENOSYS), WITHOUT, .wsl = 2}, CAUSE_NO_URING_WSL,
     NOBODY},
    {"Podman in WSL 2", {ALL(ENOSYS), WITH, .wsl = 2, .seccomp = 2},
     CAUSE_SECCOMP_ENOSYS, NOBODY},
    {"Docker in WSL 2", {ALL(EPERM), WITH, .wsl = 2, .seccomp = 2},
     CAUSE_SECCOMP_EPERM, NOBODY},
    {"WSL 1", {ALL(ENOSYS), .wsl = 1}, CAUSE_WSL_1, NOBODY},
    {"gVisor", {ALL(ENOSYS), .is_gvisor = true, .container = "docker"},
     CAUSE_GVISOR, NOBODY},

    {"no memory may be locked",
     {KERNEL, .setup_result = -ENOMEM, WITH, .is_charged = true, .memlock = 0},
     CAUSE_MEMLOCK, NOBODY},
    {"no memory, and any may be locked",
     {KERNEL, .setup_result = -ENOMEM, WITH, .is_charged = true,
      .memlock = FACTS_UNLIMITED}, CAUSE_MEMORY, NOBODY},
    {"no memory, and root is not charged",
     {KERNEL, .setup_result = -ENOMEM, WITH, .memlock = 65536}, CAUSE_MEMORY,
     NOBODY},
    {"no descriptor", {KERNEL, .setup_result = -EMFILE, WITH},
     CAUSE_NO_DESCRIPTOR, NOBODY},
    {"no file", {KERNEL, .setup_result = -ENFILE, WITH}, CAUSE_NO_FILE,
     NOBODY},
    {"what nobody has seen yet", {KERNEL, .setup_result = -EIO, WITH},
     CAUSE_UNKNOWN, NOBODY},
};

static const char *id_of(const struct cause *cause)
{
    return cause != NULL ? cause->id : "nobody";
}

static const struct cause *expected(int id)
{
    return id == NOBODY ? NULL : cause_of((enum cause_id)id);
}

TEST(each_situation_has_its_cause_and_its_next_obstacle)
{
    for (int i = 0; i < countof(cases); i++) {
        const struct cause *cause = diagnose(&cases[i].facts);
        const struct cause *next = diagnose_next(&cases[i].facts);

        ck_assert_msg(cause == expected(cases[i].cause), "%s: %s",
                      cases[i].name, id_of(cause));
        ck_assert_msg(next == expected(cases[i].next), "%s: then %s",
                      cases[i].name, id_of(next));
        ck_assert_msg(diagnose_is_fatal(&cases[i].facts) ==
                          (cases[i].cause != NOBODY &&
                           cases[i].cause != CAUSE_SECCOMP_REGISTER),
                      "%s: fatal", cases[i].name);
    }
}

TEST(each_cause_is_reached_by_a_situation)
{
    for (int id = 0; id < CAUSES; id++) {
        bool is_reached = false;

        for (int i = 0; i < countof(cases); i++)
            is_reached |= cases[i].cause == id;
        ck_assert_msg(is_reached, "%s", cause_of((enum cause_id)id)->id);
    }
}

TEST(each_cause_has_one_line_and_a_cure_of_one_line_each)
{
    for (int id = 0; id < CAUSES; id++) {
        const struct cause *cause = cause_of((enum cause_id)id);

        check(cause->id != NULL && cause->what != NULL);
        check(strchr(cause->what, '\n') == NULL);
        check(cause->cures[0].where != NULL);
        for (const struct cure *cure = cause->cures; cure->where; cure++)
            check(cure->how != NULL && strchr(cure->how, '\n') == NULL);
        for (int other = 0; other < id; other++)
            check(strcmp(cause->id, cause_of((enum cause_id)other)->id) != 0);
    }
}

/* Diagnoses a real filter. A machine that has a filter already would fail. */
static void check_denied(struct deny deny, enum cause_id id)
{
    struct facts facts;

    check_res(deny_install(&deny), 0);
    facts_gather(&facts, false);
    ck_assert_str_eq(id_of(diagnose(&facts)), cause_of(id)->id);
}

TEST(a_filter_with_eperm_is_diagnosed)
{
    check_denied((struct deny){EPERM, EPERM, EPERM, 0}, CAUSE_SECCOMP_EPERM);
}

TEST(a_filter_with_enosys_is_diagnosed)
{
    check_denied((struct deny){ENOSYS, ENOSYS, ENOSYS, 0},
                 CAUSE_SECCOMP_ENOSYS);
}

TEST(a_filter_with_another_errno_is_diagnosed)
{
    check_denied((struct deny){EACCES, EACCES, EACCES, 0}, CAUSE_SECCOMP_OTHER);
}

TEST(a_filter_on_setup_alone_is_diagnosed)
{
    check_denied((struct deny){.setup = EPERM}, CAUSE_SECCOMP_SETUP);
}

TEST(a_filter_on_register_alone_is_diagnosed)
{
    check_denied((struct deny){.reg = EPERM}, CAUSE_SECCOMP_REGISTER);
}

TEST(without_a_filter_no_cause_is_diagnosed)
{
    struct facts facts;

    facts_gather(&facts, false);
    ck_assert_str_eq(id_of(diagnose(&facts)), "nobody");
}

int main(void)
{
    suite_begin("diagnose");
    suite_add(each_situation_has_its_cause_and_its_next_obstacle);
    suite_add(each_cause_is_reached_by_a_situation);
    suite_add(each_cause_has_one_line_and_a_cure_of_one_line_each);
    suite_add(a_filter_with_eperm_is_diagnosed);
    suite_add(a_filter_with_enosys_is_diagnosed);
    suite_add(a_filter_with_another_errno_is_diagnosed);
    suite_add(a_filter_on_setup_alone_is_diagnosed);
    suite_add(a_filter_on_register_alone_is_diagnosed);
    suite_add(without_a_filter_no_cause_is_diagnosed);
    return suite_end();
}

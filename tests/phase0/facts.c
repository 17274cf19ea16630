/* facts.c: facts that explain a refusal. */
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deny.h"
#include "facts.h"

#define countof(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define CHUNK 1024 /* how much facts_file_contains reads at once */
#define WHOLE "         0          0 4294967295\n"
#define CAPS_ALL "CapEff:\t000001ffffffffff\n"
#define CAPS_DOCKER "CapEff:\t00000000a80425fb\n" /* without CAP_IPC_LOCK */
#define CAPS_NONE "CapEff:\t0000000000000000\n"

TEST(seccomp_and_the_charge_are_read_from_status)
{
    static const struct {
        const char *name, *status, *uid_map;
        int seccomp;
        bool is_charged;
    } cases[] = {
        {"root of the machine", CAPS_ALL "Seccomp:\t0\n", WHOLE, 0, false},
        {"root in Docker", CAPS_DOCKER "Seccomp:\t2\n", WHOLE, 2, true},
        {"root of a rootless container", CAPS_ALL "Seccomp:\t2\n",
         "0 1000 1\n1 100000 65536\n", 2, true},
        {"a user", CAPS_NONE "Seccomp:\t0\nSeccomp_filters:\t9\n", WHOLE, 0,
         true},
        {"strict mode", CAPS_NONE "Seccomp:\t1\n", WHOLE, 1, true},
        {"the second label first", "Seccomp_filters:\t3\nSeccomp:\t2\n",
         WHOLE, 2, true},
        {"a label inside a line", "Name:\tSeccomp:\t2\n", WHOLE, -1, true},
        {"a kernel without seccomp", CAPS_ALL, WHOLE, -1, false},
        {"no user namespaces", CAPS_ALL "Seccomp:\t0\n", "", 0, false},
        {"nothing to read", "", "", -1, true},
        {"blank lines", "\n\n\nSeccomp:\t2\n\n", "", 2, true},
    };

    for (int i = 0; i < countof(cases); i++) {
        struct facts facts;

        memset(&facts, 0, sizeof facts);
        facts_read_status(&facts, cases[i].status, cases[i].uid_map);
        ck_assert_msg(facts.seccomp == cases[i].seccomp, "%s: seccomp %d",
                      cases[i].name, facts.seccomp);
        ck_assert_msg(facts.is_charged == cases[i].is_charged,
                      "%s: is_charged %d", cases[i].name, facts.is_charged);
    }
}

TEST(status_shows_whether_the_sysctl_admits_the_process)
{
    static const struct {
        const char *name, *status, *uid_map;
        int group;
        bool is_admitted;
    } cases[] = {
        {"root of the machine", CAPS_ALL, WHOLE, -1, true},
        {"root of a rootless container", CAPS_ALL, "0 1000 1\n", -1, false},
        {"root in Docker", CAPS_DOCKER, WHOLE, -1, false},
        {"a member", CAPS_NONE "Groups:\t4 1000 \n", WHOLE, 1000, true},
        {"a member by its own group", CAPS_NONE "Gid:\t7 7 7 1000\nGroups:\t\n",
         WHOLE, 1000, true},
        {"a member of another", CAPS_NONE "Gid:\t7 7 7 7\nGroups:\t4 10000 \n",
         WHOLE, 1000, false},
        {"a number of the next line", CAPS_NONE "Groups:\t4 \n1000\n", WHOLE,
         1000, false},
        {"no group is named", CAPS_NONE "Gid:\t0 0 0 0\n", WHOLE, -1, false},
        {"a member in a container of one's own", CAPS_NONE "Groups:\t1000 \n",
         "0 1000 1\n", 1000, false},
        {"nothing to read", "", "", 0, false},
    };

    for (int i = 0; i < countof(cases); i++) {
        struct facts facts;

        memset(&facts, 0, sizeof facts);
        facts.group = cases[i].group;
        facts_read_status(&facts, cases[i].status, cases[i].uid_map);
        ck_assert_msg(facts.is_admitted == cases[i].is_admitted,
                      "%s: is_admitted %d", cases[i].name, facts.is_admitted);
    }
}

TEST(soft_limits_are_read_and_unlimited_is_a_number)
{
    struct facts facts;

    memset(&facts, 0, sizeof facts);
    facts_read_limits(&facts,
                      "Limit             Soft Limit  Hard Limit  Units\n"
                      "Max open files    1024        524288      files\n"
                      "Max locked memory 8388608     unlimited   bytes\n");
    ck_assert_uint_eq(facts.open_files, 1024);
    ck_assert_uint_eq(facts.memlock, 8388608);
    facts_read_limits(&facts, "Max locked memory unlimited unlimited bytes\n"
                              "Max open files 0 0 files\n");
    ck_assert_uint_eq(facts.open_files, 0);
    check(facts.memlock == FACTS_UNLIMITED);
    facts_read_limits(&facts, "");
    check(facts.memlock == FACTS_UNLIMITED);
}

TEST(windows_and_gvisor_are_known_by_their_versions)
{
    static const struct {
        const char *version;
        int wsl;
        bool is_gvisor;
    } cases[] = {
        {"Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org)", 0,
         false},
        {"Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)", 1,
         false},
        {"Linux version 5.15.90.1-microsoft-standard-WSL2 (root@1c602f52c2e4)",
         2, false},
        {"Linux version 6.6.36-WSL2-own+ (me@here)", 2, false},
        {"Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016", 0, true},
        {"Linux version 4.19.0-gvisor #1 SMP", 0, true},
        {"", 0, false},
    };

    for (int i = 0; i < countof(cases); i++) {
        struct facts facts;

        memset(&facts, 0, sizeof facts);
        facts_read_version(&facts, cases[i].version);
        ck_assert_msg(facts.wsl == cases[i].wsl, "%s: wsl %d",
                      cases[i].version, facts.wsl);
        ck_assert_msg(facts.is_gvisor == cases[i].is_gvisor, "%s: gvisor",
                      cases[i].version);
    }
}

/* A file with these bytes; its name in path. */
static void make_file(char path[32], const char *bytes, size_t len)
{
    int fd;

    snprintf(path, 32, "facts-test-XXXXXX");
    fd = mkstemp(path);
    check(fd >= 0);
    check(write(fd, bytes, len) == (ssize_t)len);
    close(fd);
}

TEST(a_word_is_found_wherever_the_chunks_split_it)
{
    static char bytes[2 * CHUNK + 64];
    char path[32];

    for (size_t at = CHUNK - 8; at <= CHUNK + 8; at++) {
        memset(bytes, '.', sizeof bytes);
        memcpy(bytes + at, "needle", 6);
        make_file(path, bytes, sizeof bytes);
        check_res(facts_file_contains(path, "needle"), 1);
        check_res(facts_file_contains(path, "needles"), 0);
        unlink(path);
    }
}

TEST(a_word_is_found_behind_a_nul_and_at_the_end)
{
    char path[32];

    make_file(path, "a\0needle", 8);
    check_res(facts_file_contains(path, "needle"), 1);
    check_res(facts_file_contains(path, "a\0"), 1);
    unlink(path);
    check_res(facts_file_contains("no/such/file", "x"), -ENOENT);
}

TEST(without_a_filter_the_kernel_answers_each_call)
{
    struct facts facts;

    facts_gather(&facts, false);
    check_res(facts.answers.enter, -EBADF);
    check_res(facts.setup_result, 0);
    check_res(facts.ops_result, 0);
    check(facts.kernel == FACTS_KERNEL_WITH);
    ck_assert_uint_gt(facts.open_files, 0);
}

TEST(status_reports_a_filter)
{
    const struct deny deny = {ENOSYS, ENOSYS, ENOSYS, 0};
    struct facts facts;

    check_res(deny_install(&deny), 0);
    facts_gather(&facts, false);
    ck_assert_int_eq(facts.seccomp, 2);
    check_res(facts.answers.enter, -ENOSYS);
    check_res(facts.setup_result, -ENOSYS);
    check(facts.kernel != FACTS_KERNEL_WITHOUT);
}

TEST(facts_are_gathered_without_calls_if_calls_kill)
{
    const struct deny deny = {DENY_KILL, DENY_KILL, DENY_KILL, 0};
    struct facts facts;

    check_res(deny_install(&deny), 0);
    facts_gather(&facts, true); /* this process is still here */
    check(facts.is_killed);
    ck_assert_int_eq(facts.seccomp, 2);
}

int main(void)
{
    const char *scratch = getenv("TMPDIR");

    if (chdir(scratch != NULL ? scratch : "/tmp") < 0)
        return 2;
    suite_begin("facts");
    suite_add(seccomp_and_the_charge_are_read_from_status);
    suite_add(status_shows_whether_the_sysctl_admits_the_process);
    suite_add(soft_limits_are_read_and_unlimited_is_a_number);
    suite_add(windows_and_gvisor_are_known_by_their_versions);
    suite_add(a_word_is_found_wherever_the_chunks_split_it);
    suite_add(a_word_is_found_behind_a_nul_and_at_the_end);
    suite_add(without_a_filter_the_kernel_answers_each_call);
    suite_add(status_reports_a_filter);
    suite_add(facts_are_gathered_without_calls_if_calls_kill);
    return suite_end();
}

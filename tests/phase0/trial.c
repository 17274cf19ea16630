/* trial.c: what envcheck finds out by trying, here and when it is refused. */
#include "trial.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "child_probe.h"
#include "deny.h"
#include "fds.h"
#include "first_ring.h"
#include "fs_probe.h"
#include "probe.h"
#include "suite.h"

/* The next open would give this one. */
static int lowest_free_fd(void)
{
    int fd = dup(0);

    close(fd);
    return fd;
}

TEST(a_first_ring_works)
{
    check_res(first_ring(), 0);
}

TEST(every_trial_ends_and_leaves_nothing_open)
{
    int before = fds_open();

    check(trial_count() > 0);
    for (int n = 0; n < trial_count(); n++) {
        int result = trial_run(n);

        ck_assert_msg(result == 0 || result == -EINVAL || result == -ENOMEM,
                      "%s: %s", trial_entry(n)->name, err_name(result));
        ck_assert_int_eq(fds_open(), before);
    }
}

/* The oldest of them are on every kernel that liburing 2.3 is used with. */
TEST(buffers_can_be_registered_and_polls_repeat)
{
    int found = 0;

    for (int n = 0; n < trial_count(); n++) {
        if (strcmp(trial_entry(n)->name, "multishot poll") != 0)
            continue;
        check_res(trial_run(n), 0);
        found++;
    }
    ck_assert_int_eq(found, 1);
}

TEST(every_flag_is_accepted_or_unknown)
{
    int before = fds_open();

    for (int bit = 0; bit < catalog_flags(); bit++) {
        int result = trial_flag(bit);

        ck_assert_msg(result == 0 || result == -EINVAL, "%s: %s",
                      catalog_flag(bit)->name, err_name(result));
    }
    check_res(trial_flag(3), 0);       /* CQSIZE */
    check_res(trial_flag(31), -EINVAL); /* no kernel has it yet */
    ck_assert_int_eq(fds_open(), before);
}

TEST(a_kernel_of_6_1_takes_every_flag_up_to_defer_taskrun)
{
    for (int bit = 0; bit <= 13; bit++)
        check_res(trial_flag(bit), 0);
}

/* A ring can be made and then nothing be registered with it: half a set-up. */
TEST(a_refused_register_leaks_nothing)
{
    const struct deny deny = {.reg = EPERM};
    int before = fds_open(), refused = 0;

    check_res(deny_install(&deny), 0);
    check_res(first_ring(), 0);
    for (int n = 0; n < trial_count(); n++)
        refused += trial_run(n) == -EPERM;
    ck_assert_int_ge(refused, 4); /* files, buffers, buffer ring, ring fd */
    ck_assert_int_eq(fds_open(), before);
}

TEST(a_refused_enter_leaks_nothing)
{
    const struct deny deny = {.enter = EPERM};
    int before = fds_open();

    check_res(deny_install(&deny), 0);
    check_res(first_ring(), -EPERM);
    for (int n = 0; n < trial_count(); n++)
        (void)trial_run(n);
    ck_assert_int_eq(fds_open(), before);
}

TEST(one_descriptor_too_few_leaks_nothing)
{
    int first = lowest_free_fd(), opened = fds_open();
    struct rlimit before, limit;

    check(getrlimit(RLIMIT_NOFILE, &before) == 0);
    limit = before;
    limit.rlim_cur = (rlim_t)first + 1;
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    check_res(first_ring(), 0);
    for (int n = 0; n < trial_count(); n++)
        check_res(trial_run(n), -EMFILE); /* no fd is left for the eventfd */
    /* A sanitizer opens files at exit. */
    check(setrlimit(RLIMIT_NOFILE, &before) == 0);
    ck_assert_int_eq(fds_open(), opened);
}

TEST(the_child_probe_survives_if_calls_are_allowed)
{
    check(!child_probe_is_killed());
}

TEST(the_child_probe_survives_if_calls_are_refused)
{
    const struct deny deny = {EPERM, EPERM, EPERM, 0};

    check_res(deny_install(&deny), 0);
    check(!child_probe_is_killed());
}

TEST(the_child_probe_dies_if_a_filter_kills)
{
    const struct deny deny = {.reg = DENY_KILL};

    check_res(deny_install(&deny), 0);
    check(child_probe_is_killed());
}

static void on_alarm(int number)
{
    (void)number;
}

/* The signals arrive while the parent waits for the child. */
TEST(signals_do_not_hide_that_the_child_probe_dies)
{
    const struct deny deny = {.reg = DENY_KILL};
    const struct itimerval every = {{0, 200}, {0, 200}};
    struct sigaction action = {.sa_handler = on_alarm};

    check_res(deny_install(&deny), 0);
    check(sigaction(SIGALRM, &action, NULL) == 0);
    check(setitimer(ITIMER_REAL, &every, NULL) == 0);
    for (int i = 0; i < 20; i++)
        check(child_probe_is_killed());
}

TEST(probing_a_file_system_leaves_no_file)
{
    char path[] = "trial-test-XXXXXX";
    struct fs_probe probe;

    check(mkdtemp(path) != NULL);
    check(chdir(path) == 0);
    fs_probe_look(&probe);
    check_res(probe.write, 0);
    check(chdir("..") == 0);
    check(rmdir(path) == 0); /* it is empty */
}

TEST(a_directory_without_write_permission_says_why)
{
    struct fs_probe probe;

    check(chdir("/proc") == 0);
    fs_probe_look(&probe);
    check(probe.write < 0);
    check_res(probe.o_direct, probe.write);
    check_res(probe.reflink, probe.write);
}

int main(void)
{
    const char *scratch = getenv("TMPDIR");

    if (chdir(scratch != NULL ? scratch : "/tmp") < 0)
        return 2;
    suite_begin("trial");
    suite_add(a_first_ring_works);
    suite_add(every_trial_ends_and_leaves_nothing_open);
    suite_add(buffers_can_be_registered_and_polls_repeat);
    suite_add(every_flag_is_accepted_or_unknown);
    /* The last opcode of that release stands for its flags. */
    suite_add_unless(probe_missing_op(IORING_OP_SENDMSG_ZC),
                     a_kernel_of_6_1_takes_every_flag_up_to_defer_taskrun);
    suite_add(a_refused_register_leaks_nothing);
    suite_add(a_refused_enter_leaks_nothing);
    suite_add(one_descriptor_too_few_leaks_nothing);
    suite_add(the_child_probe_survives_if_calls_are_allowed);
    suite_add(the_child_probe_survives_if_calls_are_refused);
    suite_add(the_child_probe_dies_if_a_filter_kills);
    suite_add(signals_do_not_hide_that_the_child_probe_dies);
    suite_add(probing_a_file_system_leaves_no_file);
    suite_add(a_directory_without_write_permission_says_why);
    return suite_end();
}

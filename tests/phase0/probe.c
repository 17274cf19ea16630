/* probe.c: the kernel's report, and the report if the kernel refuses the
 * probe. */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "deny.h"
#include "fds.h"
#include "probe.h"

/* The next open would give this one. */
static int lowest_free_fd(void)
{
    int fd = dup(0);

    close(fd);
    return fd;
}

TEST(a_kernel_answers_the_harmless_calls_by_their_arguments)
{
    struct probe_answers answers;

    probe_ask(&answers);
    check_res(answers.setup, -EFAULT);
    check_res(answers.enter, -EBADF);
}

TEST(a_filter_answers_the_harmless_calls_with_its_own_errno)
{
    const struct deny deny = {.setup = EPERM, .enter = ENOSYS};
    struct probe_answers answers;

    check_res(deny_install(&deny), 0);
    probe_ask(&answers);
    check_res(answers.setup, -EPERM);
    check_res(answers.enter, -ENOSYS);
}

TEST(the_first_opcodes_and_features_are_always_there)
{
    struct probe probe;

    check_res(probe_run(&probe), 0);
    check(probe_has_op(&probe, IORING_OP_NOP));
    check(probe_has_op(&probe, IORING_OP_READ));
    check(probe_has_feature(&probe, IORING_FEAT_NODROP));
    check(probe_has_feature(&probe, 0));
    ck_assert_int_gt(probe.ops_count, IORING_OP_READ);
}

/* Other programs have indexed a fixed table, and crashed on a newer kernel. */
TEST(an_opcode_beyond_any_table_is_not_there)
{
    static const int beyond[] = {-1, PROBE_OPS_MAX, 255, 256, 100000};
    struct probe probe;

    check_res(probe_run(&probe), 0);
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++)
        check(!probe_has_op(&probe, beyond[i]));
    for (int op = probe.ops_count; op < PROBE_OPS_MAX; op++)
        check(!probe_has_op(&probe, op));
}

TEST(the_bare_probe_agrees_with_the_probe_of_liburing)
{
    struct io_uring_probe *theirs = io_uring_get_probe();
    struct probe ours;

    check(theirs != NULL);
    check_res(probe_run(&ours), 0);
    for (int op = 0; op < PROBE_OPS_MAX; op++)
        ck_assert_int_eq(probe_has_op(&ours, op),
                         io_uring_opcode_supported(theirs, op) != 0);
    io_uring_free_probe(theirs);
}

TEST(probing_leaves_nothing_open)
{
    int before = fds_open();
    struct probe probe;

    for (int i = 0; i < 50; i++) {
        check_res(probe_run(&probe), 0);
        check_res(probe_try_flags(4, 0), 0);
        check_res(probe_try_flags(4, 1u << 31), -EINVAL);
    }
    ck_assert_int_eq(fds_open(), before);
}

TEST(a_ring_does_not_outlive_an_exec)
{
    struct io_uring_params params;
    int ring;

    memset(&params, 0, sizeof params);
    ring = (int)syscall(SYS_io_uring_setup, 1, &params);
    ck_assert_int_ge(ring, 0);
    check(fcntl(ring, F_GETFD) & FD_CLOEXEC);
    close(ring);
}

TEST(entries_have_a_limit_that_clamp_lifts)
{
    check_res(probe_try_flags(0, 0), -EINVAL);
    check_res(probe_try_flags(32768, 0), 0);
    check_res(probe_try_flags(32769, 0), -EINVAL);
    check_res(probe_try_flags(32769, IORING_SETUP_CLAMP), 0);
}

TEST(a_flag_without_its_companion_is_refused)
{
    check_res(probe_try_flags(4, IORING_SETUP_DEFER_TASKRUN), -EINVAL);
    check_res(probe_try_flags(4, IORING_SETUP_SQ_AFF), -EINVAL);
}

TEST(without_descriptors_the_probe_is_emfile_and_leaks_none)
{
    int first = lowest_free_fd(), opened = fds_open();
    struct rlimit before, limit;
    struct probe probe;

    check(getrlimit(RLIMIT_NOFILE, &before) == 0);
    limit = before;
    limit.rlim_cur = (rlim_t)first;
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    check_res(probe_run(&probe), -EMFILE);
    check_res(probe.setup_result, -EMFILE);
    check_res(probe_try_flags(4, 0), -EMFILE);
    check(!probe_has_op(&probe, IORING_OP_NOP));
    /* A sanitizer opens files at exit. */
    check(setrlimit(RLIMIT_NOFILE, &before) == 0);
    ck_assert_int_eq(fds_open(), opened);
}

TEST(a_refused_setup_leaves_an_empty_probe)
{
    const struct deny deny = {.setup = EPERM};
    struct probe probe;

    check_res(deny_install(&deny), 0);
    check_res(probe_run(&probe), -EPERM);
    check_res(probe.setup_result, -EPERM);
    ck_assert_uint_eq(probe.features, 0);
    ck_assert_int_eq(probe.ops_count, 0);
    check(!probe_has_op(&probe, IORING_OP_NOP));
}

TEST(a_refused_register_is_not_a_missing_opcode)
{
    const struct deny deny = {.reg = EPERM};
    int before = fds_open();
    struct probe probe;

    check_res(deny_install(&deny), 0);
    check_res(probe_run(&probe), 0);
    check_res(probe.ops_result, -EPERM);
    check(probe_has_feature(&probe, IORING_FEAT_NODROP));
    check(!probe_has_op(&probe, IORING_OP_NOP));
    ck_assert_str_eq(probe_missing_op(IORING_OP_NOP),
                     "the kernel did not report its opcodes: EPERM");
    ck_assert_int_eq(fds_open(), before);
}

TEST(an_available_opcode_has_no_reason_to_be_missing)
{
    ck_assert_ptr_null(probe_missing_op(IORING_OP_NOP));
    ck_assert_ptr_null(probe_missing_op(IORING_OP_READ));
}

TEST(a_missing_opcode_has_a_reason_that_stays_valid)
{
    const char *beyond = probe_missing_op(126);
    const char *other = probe_missing_op(127);

    ck_assert_str_eq(beyond, "this kernel has no opcode 126");
    ck_assert_str_eq(other, "this kernel has no opcode 127");
}

TEST(without_a_ring_the_refusal_is_the_reason)
{
    const struct deny deny = {EPERM, EPERM, EPERM, 0};

    check_res(deny_install(&deny), 0);
    ck_assert_str_eq(probe_missing_op(IORING_OP_NOP),
                     "io_uring cannot be used: EPERM (envcheck says why)");
}

int main(void)
{
    suite_begin("probe");
    suite_add(a_kernel_answers_the_harmless_calls_by_their_arguments);
    suite_add(a_filter_answers_the_harmless_calls_with_its_own_errno);
    suite_add(the_first_opcodes_and_features_are_always_there);
    suite_add(an_opcode_beyond_any_table_is_not_there);
    suite_add(the_bare_probe_agrees_with_the_probe_of_liburing);
    suite_add(probing_leaves_nothing_open);
    suite_add(a_ring_does_not_outlive_an_exec);
    suite_add(entries_have_a_limit_that_clamp_lifts);
    suite_add(a_flag_without_its_companion_is_refused);
    suite_add(without_descriptors_the_probe_is_emfile_and_leaks_none);
    suite_add(a_refused_setup_leaves_an_empty_probe);
    suite_add(a_refused_register_is_not_a_missing_opcode);
    suite_add(an_available_opcode_has_no_reason_to_be_missing);
    suite_add(a_missing_opcode_has_a_reason_that_stays_valid);
    suite_add(without_a_ring_the_refusal_is_the_reason);
    return suite_end();
}

/* capacity.c: how many connections fit into a process's limits. */
#include "capacity.h"

#include <sys/resource.h>

#include "suite.h"

#define MIB (UINT64_C(1) << 20)

static struct limits limits;

/* Returns what capacity_fit returns for one ring, if `asked` connections are
 * requested. */
static enum capacity_reason fit(uint64_t open_files, unsigned files,
                                unsigned asked)
{
    const struct capacity capacity = {open_files, 8 * MIB};

    limits = (struct limits)LIMITS_DEFAULT;
    limits.conns_max = asked;
    return capacity_fit(&limits, &capacity, files);
}

TEST(an_echo_server_gets_all_open_files_but_a_hundred)
{
    check(fit(200, 0, 0) == CAPACITY_SUFFICES);
    ck_assert_uint_eq(limits.conns_max, 100);
    fit(4096, 0, 0);
    ck_assert_uint_eq(limits.conns_max, 3996);
    ck_assert_uint_eq(limits.files_max, 0);
    fit(20000, 0, 0);
    ck_assert_uint_eq(limits.conns_max, 19900);
    fit(1 << 20, 0, 0);
    ck_assert_uint_eq(limits.conns_max, 20000);
    fit(UINT64_MAX, 0, 0); /* RLIM_INFINITY */
    ck_assert_uint_eq(limits.conns_max, 20000);
}

TEST(a_web_server_keeps_open_files_for_its_answers)
{
    check(fit(4096, 1024, 0) == CAPACITY_SUFFICES);
    ck_assert_uint_eq(limits.conns_max, 2972);
    ck_assert_uint_eq(limits.files_max, 1024);
    fit(2248, 1024, 0);
    ck_assert_uint_eq(limits.conns_max, 1124);
    ck_assert_uint_eq(limits.files_max, 1024);
}

TEST(of_a_few_open_files_half_are_for_connections)
{
    fit(2247, 1024, 0);
    ck_assert_uint_eq(limits.conns_max, 1123);
    ck_assert_uint_eq(limits.files_max, 1024);
    fit(400, 1024, 0);
    ck_assert_uint_eq(limits.conns_max, 200);
    ck_assert_uint_eq(limits.files_max, 100);
    fit(64, 0, 0);
    ck_assert_uint_eq(limits.conns_max, 32);
    for (unsigned open_files = 0; open_files < 300; open_files++) {
        fit(open_files, 1024, 0);
        check(limits.conns_max >= 1 && limits.files_max >= 1);
        check(open_files < 4 ||
              limits.conns_max + limits.files_max < open_files);
    }
}

TEST(rings_share_the_open_files)
{
    const struct capacity capacity = {4096, 8 * MIB};

    limits = (struct limits)LIMITS_DEFAULT;
    limits.threads = 4;
    check(capacity_fit(&limits, &capacity, 1024) == CAPACITY_SUFFICES);
    ck_assert_uint_eq(limits.conns_max, 743);
    ck_assert_uint_eq(limits.files_max, 256);
    limits.conns_max = 744;
    check(capacity_fit(&limits, &capacity, 1024) == CAPACITY_FILES);
    ck_assert_uint_eq(limits.conns_max, 743);
}

TEST(a_number_that_was_asked_for_is_kept_if_it_fits)
{
    check(fit(4096, 0, 3996) == CAPACITY_SUFFICES);
    ck_assert_uint_eq(limits.conns_max, 3996);
    check(fit(4096, 0, 3997) == CAPACITY_FILES);
    ck_assert_uint_eq(limits.conns_max, 3996);
    check(fit(1 << 20, 0, 21842) == CAPACITY_SUFFICES);
    ck_assert_uint_eq(limits.conns_max, 21842);
    check(fit(1 << 20, 0, 21843) == CAPACITY_CQ); /* 3 of 65536 entries each */
    ck_assert_uint_eq(limits.conns_max, 21842);
    check(fit(4096, 0, 1) == CAPACITY_SUFFICES);
    ck_assert_uint_eq(limits.conns_max, 1);
}

TEST(the_cq_follows_unless_it_was_asked_for)
{
    fit(1 << 20, 0, 0);
    ck_assert_uint_eq(capacity_cq(&limits), 60008);
    fit(300, 0, 0);
    ck_assert_uint_eq(capacity_cq(&limits), LIMIT_CQ);
    limits = (struct limits)LIMITS_DEFAULT;
    limits.cq = 100; /* the kernel makes 128 of it */
    check(capacity_fit(&limits, &(struct capacity){4096, 8 * MIB}, 0) ==
          CAPACITY_SUFFICES);
    ck_assert_uint_eq(limits.conns_max, 40);
    ck_assert_uint_eq(capacity_cq(&limits), 100);
    ck_assert_uint_eq(capacity_of_cq(128), 40);
    ck_assert_uint_eq(capacity_of_cq(11), 1);
    ck_assert_uint_eq(capacity_of_cq(2), 1);
}

TEST(the_rings_leave_half_of_the_locked_memory)
{
    struct capacity capacity = {1 << 20, 8 * MIB};

    for (unsigned threads = 1; threads <= 64; threads *= 2) {
        limits = (struct limits)LIMITS_DEFAULT;
        limits.threads = threads;
        check(capacity_fit(&limits, &capacity, 0) == CAPACITY_SUFFICES);
        check(limits.conns_max >= 1024); /* as much as a CQ of 4096 holds */
        check(capacity_cq(&limits) * 16 * threads <= 4 * MIB);
    }
    capacity.locked_memory = 0;
    limits = (struct limits)LIMITS_DEFAULT;
    check(capacity_fit(&limits, &capacity, 0) == CAPACITY_SUFFICES);
    ck_assert_uint_eq(capacity_cq(&limits), LIMIT_CQ);
}

TEST(without_memory_only_the_default_shrinks)
{
    fit(20000, 0, 0);
    check(capacity_shrink(&limits));
    ck_assert_uint_eq(limits.conns_max, 9950);
    while (capacity_shrink(&limits))
        ;
    check(limits.conns_max <= LIMIT_CONNS_LEAST && limits.conns_max > 1);
    fit(20000, 0, 5000);
    check(!capacity_shrink(&limits));
    ck_assert_uint_eq(limits.conns_max, 5000);
}

TEST(the_soft_limit_is_raised_to_the_hard_one)
{
    struct rlimit limit;
    struct capacity capacity;

    check_res(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 32;
    check_res(setrlimit(RLIMIT_NOFILE, &limit), 0);
    capacity = capacity_raise();
    ck_assert_uint_eq(capacity.open_files, limit.rlim_max);
    check_res(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_uint_eq(limit.rlim_cur, limit.rlim_max);
    check_res(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    ck_assert_uint_eq(capacity.locked_memory, limit.rlim_cur);
}

int main(void)
{
    suite_begin("capacity");
    suite_add(an_echo_server_gets_all_open_files_but_a_hundred);
    suite_add(a_web_server_keeps_open_files_for_its_answers);
    suite_add(of_a_few_open_files_half_are_for_connections);
    suite_add(rings_share_the_open_files);
    suite_add(a_number_that_was_asked_for_is_kept_if_it_fits);
    suite_add(the_cq_follows_unless_it_was_asked_for);
    suite_add(the_rings_leave_half_of_the_locked_memory);
    suite_add(without_memory_only_the_default_shrinks);
    suite_add(the_soft_limit_is_raised_to_the_hard_one);
    return suite_end();
}

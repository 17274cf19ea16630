/* catalog.c: the names of io_uring, against the headers that we have. */
#include "suite.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "uring_compat.h"
#include "uring_setup.h"

#define countof(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* A release as one number: "5.19" is 519, "6.1" is 601. */
static int release(const char *since)
{
    int major = 0, minor = 0, end = 0;

    check(sscanf(since, "%d.%d%n", &major, &minor, &end) == 2);
    ck_assert_int_eq(since[end], '\0');
    return major * 100 + minor;
}

static void check_entry(const struct catalog_entry *entry)
{
    check(entry != NULL);
    check(entry->name[0] != '\0');
    check(release(entry->since) >= 501 && release(entry->since) <= 800);
    /* A use and a phase come together. */
    check((entry->use != NULL) == (entry->phase != 0));
    check(entry->phase >= 0 && entry->phase <= 10);
}

TEST(every_entry_has_a_name_and_a_release)
{
    for (int i = 0; i < catalog_ops(); i++)
        check_entry(catalog_op(i));
    for (int i = 0; i < catalog_features(); i++)
        check_entry(catalog_feature(i));
    for (int i = 0; i < catalog_flags(); i++)
        check_entry(catalog_flag(i));
}

/* The kernel's numbers grow past any table, and a probe reports them. */
TEST(a_number_beyond_the_table_has_an_answer)
{
    static const int numbers[] = {-1, INT32_MIN, 65, 127, 128, 255, 256,
                                  INT32_MAX};

    for (int i = 0; i < countof(numbers); i++) {
        ck_assert_ptr_null(catalog_op(numbers[i]));
        ck_assert_ptr_null(catalog_feature(numbers[i]));
        ck_assert_ptr_null(catalog_flag(numbers[i]));
        ck_assert_str_eq(catalog_op_name(numbers[i]), "?");
    }
}

TEST(opcodes_stand_in_the_order_of_their_releases)
{
    for (int i = 1; i < catalog_ops(); i++)
        check(release(catalog_op(i)->since) >=
              release(catalog_op(i - 1)->since));
}

#define OP(name) {IORING_OP_##name, #name}
#define UR_OP(name) {UR_OP_##name, #name}

TEST(opcodes_have_the_names_of_the_headers)
{
    static const struct {
        int op;
        const char *name;
    } known[] = {
        OP(NOP), OP(READV), OP(WRITEV), OP(FSYNC), OP(READ_FIXED),
        OP(WRITE_FIXED), OP(POLL_ADD), OP(POLL_REMOVE), OP(SYNC_FILE_RANGE),
        OP(SENDMSG), OP(RECVMSG), OP(TIMEOUT), OP(TIMEOUT_REMOVE), OP(ACCEPT),
        OP(ASYNC_CANCEL), OP(LINK_TIMEOUT), OP(CONNECT), OP(FALLOCATE),
        OP(OPENAT), OP(CLOSE), OP(FILES_UPDATE), OP(STATX), OP(READ),
        OP(WRITE), OP(FADVISE), OP(MADVISE), OP(SEND), OP(RECV), OP(OPENAT2),
        OP(EPOLL_CTL), OP(SPLICE), OP(PROVIDE_BUFFERS), OP(REMOVE_BUFFERS),
        OP(TEE), OP(SHUTDOWN), OP(RENAMEAT), OP(UNLINKAT), OP(MKDIRAT),
        OP(SYMLINKAT), OP(LINKAT), OP(MSG_RING), OP(FSETXATTR), OP(SETXATTR),
        OP(FGETXATTR), OP(GETXATTR), OP(SOCKET), OP(URING_CMD), OP(SEND_ZC),
        OP(SENDMSG_ZC),
        /* And those that only our own header names. */
        UR_OP(READ_MULTISHOT), UR_OP(WAITID), UR_OP(FUTEX_WAIT),
        UR_OP(FUTEX_WAKE), UR_OP(FUTEX_WAITV), UR_OP(FIXED_FD_INSTALL),
        UR_OP(FTRUNCATE), UR_OP(BIND), UR_OP(LISTEN), UR_OP(RECV_ZC),
        UR_OP(EPOLL_WAIT), UR_OP(READV_FIXED), UR_OP(WRITEV_FIXED),
        UR_OP(PIPE),
    };

    for (int i = 0; i < countof(known); i++)
        ck_assert_str_eq(catalog_op_name(known[i].op), known[i].name);
    ck_assert_int_eq(countof(known), UR_OP_PIPE + 1);
}

#define FEATURE(name) {IORING_FEAT_##name, #name}

TEST(features_have_the_bits_of_the_headers)
{
    static const struct {
        unsigned mask;
        const char *name;
    } known[] = {
        FEATURE(SINGLE_MMAP), FEATURE(NODROP), FEATURE(SUBMIT_STABLE),
        FEATURE(RW_CUR_POS), FEATURE(CUR_PERSONALITY), FEATURE(FAST_POLL),
        FEATURE(POLL_32BITS), FEATURE(SQPOLL_NONFIXED), FEATURE(EXT_ARG),
        FEATURE(NATIVE_WORKERS), FEATURE(RSRC_TAGS), FEATURE(CQE_SKIP),
        FEATURE(LINKED_FILE),
        {UR_FEAT_REG_REG_RING, "REG_REG_RING"},
        {UR_FEAT_RECVSEND_BUNDLE, "RECVSEND_BUNDLE"},
        {UR_FEAT_MIN_TIMEOUT, "MIN_TIMEOUT"},
    };

    for (int i = 0; i < countof(known); i++) {
        ck_assert_uint_eq(known[i].mask, 1u << i);
        ck_assert_str_eq(catalog_feature(i)->name, known[i].name);
    }
}

#define FLAG(name) {IORING_SETUP_##name, #name}

TEST(setup_flags_have_the_bits_of_the_headers)
{
    static const struct {
        unsigned mask;
        const char *name;
    } known[] = {
        FLAG(IOPOLL), FLAG(SQPOLL), FLAG(SQ_AFF), FLAG(CQSIZE), FLAG(CLAMP),
        FLAG(ATTACH_WQ), FLAG(R_DISABLED), FLAG(SUBMIT_ALL),
        FLAG(COOP_TASKRUN), FLAG(TASKRUN_FLAG), FLAG(SQE128), FLAG(CQE32),
        FLAG(SINGLE_ISSUER), FLAG(DEFER_TASKRUN),
        {UR_SETUP_NO_MMAP, "NO_MMAP"},
        {UR_SETUP_REGISTERED_FD_ONLY, "REGISTERED_FD_ONLY"},
        {UR_SETUP_NO_SQARRAY, "NO_SQARRAY"},
        {UR_SETUP_HYBRID_IOPOLL, "HYBRID_IOPOLL"},
        {UR_SETUP_CQE_MIXED, "CQE_MIXED"},
        {UR_SETUP_SQE_MIXED, "SQE_MIXED"},
        {UR_SETUP_SQ_REWIND, "SQ_REWIND"},
    };

    for (int i = 0; i < countof(known); i++) {
        ck_assert_uint_eq(known[i].mask, 1u << i);
        ck_assert_str_eq(catalog_flag(i)->name, known[i].name);
    }
}

int main(void)
{
    suite_begin("catalog");
    suite_add(every_entry_has_a_name_and_a_release);
    suite_add(a_number_beyond_the_table_has_an_answer);
    suite_add(opcodes_stand_in_the_order_of_their_releases);
    suite_add(opcodes_have_the_names_of_the_headers);
    suite_add(features_have_the_bits_of_the_headers);
    suite_add(setup_flags_have_the_bits_of_the_headers);
    return suite_end();
}

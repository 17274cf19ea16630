/* compat.c: operations that liburing 2.3's headers do not know, for real. */
#include "uring_compat.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"
#include "suite.h"
#include "uring_buffers.h"
#include "uring_wait.h"

/* A header that knows registered waits also has the structs and numbers that
 * uring_wait.h and uring_buffers.h repeat. */
#ifdef IORING_ENTER_EXT_ARG_REG
#define SAME_SIZE(ours, theirs) \
    _Static_assert(sizeof(struct ours) == sizeof(struct theirs), #theirs)
#define SAME_OFFSET(ours, a, theirs, b) \
    _Static_assert(offsetof(struct ours, a) == offsetof(struct theirs, b), #b)

SAME_SIZE(ur_clock, io_uring_clock_register);
SAME_SIZE(ur_wait_arg, io_uring_getevents_arg);
SAME_SIZE(ur_registered_wait, io_uring_reg_wait);
SAME_SIZE(ur_region, io_uring_region_desc);
SAME_SIZE(ur_region_registration, io_uring_mem_region_reg);
SAME_SIZE(ur_napi, io_uring_napi);
SAME_OFFSET(ur_wait_arg, min_wait_us, io_uring_getevents_arg, min_wait_usec);
SAME_OFFSET(ur_registered_wait, flags, io_uring_reg_wait, flags);
SAME_OFFSET(ur_region, flags, io_uring_region_desc, flags);
SAME_OFFSET(ur_napi, prefer_busy_poll, io_uring_napi, prefer_busy_poll);
_Static_assert(UR_ENTER_EXT_ARG_REG == IORING_ENTER_EXT_ARG_REG, "enter");
_Static_assert(UR_ENTER_ABS_TIMER == IORING_ENTER_ABS_TIMER, "enter");
_Static_assert((int)UR_REGISTER_CLOCK == IORING_REGISTER_CLOCK, "register");
_Static_assert((int)UR_REGISTER_NAPI == IORING_REGISTER_NAPI, "register");
_Static_assert((int)UR_UNREGISTER_NAPI == IORING_UNREGISTER_NAPI, "register");
_Static_assert((int)UR_REGISTER_MEM_REGION == IORING_REGISTER_MEM_REGION,
               "register");
_Static_assert((int)UR_REG_WAIT_TS == IORING_REG_WAIT_TS, "wait");
SAME_SIZE(ur_buf_status, io_uring_buf_status);
SAME_SIZE(ur_clone_buffers, io_uring_clone_buffers);
SAME_OFFSET(ur_buf_status, head, io_uring_buf_status, head);
SAME_OFFSET(ur_clone_buffers, src_offset, io_uring_clone_buffers, src_off);
SAME_OFFSET(ur_clone_buffers, count, io_uring_clone_buffers, nr);
_Static_assert((int)UR_REGISTER_CLONE_BUFFERS == IORING_REGISTER_CLONE_BUFFERS,
               "register");
_Static_assert((int)UR_PBUF_RING_MMAP == IOU_PBUF_RING_MMAP, "buffers");
#endif

static struct io_uring ring;
static struct io_uring_cqe cqe; /* the last completion */

static void make_ring(void)
{
    check_ring(io_uring_queue_init(8, &ring, 0));
}

/* An entry as ring_sqe gives it: zeroed. */
static struct io_uring_sqe *next_sqe(void)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

    memset(sqe, 0, sizeof *sqe);
    return sqe;
}

/* Submits what is prepared and returns the result of the next completion. */
static int complete(void)
{
    struct io_uring_cqe *next;
    int result = io_uring_submit(&ring);

    ck_assert_int_ge(result, 0);
    do
        result = io_uring_wait_cqe(&ring, &next);
    while (result == -EINTR);
    check_res(result, 0);
    cqe = *next;
    io_uring_cqe_seen(&ring, next);
    return cqe.res;
}

TEST(a_socket_is_bound_and_listens_by_the_ring)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t len = sizeof any;
    int listening = 0, fd = socket(AF_INET, SOCK_STREAM, 0);

    make_ring();
    ur_prep_bind(next_sqe(), fd, (struct sockaddr *)&any, sizeof any);
    check_res(complete(), 0);
    check(getsockname(fd, (struct sockaddr *)&any, &len) == 0);
    check(any.sin_port != 0);
    ur_prep_listen(next_sqe(), fd, 5);
    check_res(complete(), 0);
    len = sizeof listening;
    check(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0);
    ck_assert_int_eq(listening, 1);
    ur_prep_bind(next_sqe(), fd, (struct sockaddr *)&any, sizeof any);
    check_res(complete(), -EINVAL);
}

TEST(an_option_is_set_by_the_ring)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), value = 1, got = 0;
    socklen_t len = sizeof got;

    make_ring();
    ur_prep_setsockopt(next_sqe(), fd, SOL_SOCKET, SO_KEEPALIVE, &value);
    check_res(complete(), 0);
    check(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &got, &len) == 0);
    ck_assert_int_eq(got, 1);
    ur_prep_setsockopt(next_sqe(), fd, SOL_SOCKET, -1, &value);
    check_res(complete(), -ENOPROTOOPT);
}

TEST(a_pipe_is_made_and_read_again_and_again_with_one_entry)
{
    static char memory[4][16];
    int fds[2];

    make_ring();
    ur_prep_pipe(next_sqe(), fds, O_CLOEXEC);
    check_res(complete(), 0);
    check(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
    io_uring_prep_provide_buffers(next_sqe(), memory, 16, 4, 7, 0);
    check_res(complete(), 0);
    ur_prep_read_multishot(next_sqe(), fds[0], 0, (uint64_t)-1, 7);
    for (int i = 0; i < 3; i++) {
        check(write(fds[1], "again", 5) == 5);
        check_res(complete(), 5);
        check(cqe.flags & IORING_CQE_F_MORE);
        check(cqe.flags & IORING_CQE_F_BUFFER);
    }
    close(fds[1]);
    check_res(complete(), 0);
    check(!(cqe.flags & IORING_CQE_F_MORE));
}

TEST(a_child_is_waited_for_by_the_ring)
{
    siginfo_t info;
    pid_t child = fork();

    if (child == 0)
        _exit(7);
    memset(&info, 0, sizeof info);
    make_ring();
    ur_prep_waitid(next_sqe(), P_PID, (id_t)child, &info, WEXITED);
    check_res(complete(), 0);
    ck_assert_int_eq(info.si_pid, child);
    ck_assert_int_eq(info.si_status, 7);
    ck_assert_int_eq(info.si_code, CLD_EXITED);
}

TEST(a_file_gets_its_size_by_the_ring)
{
    char path[] = "compat-test-XXXXXX";
    struct stat stat;
    int fd = mkstemp(path);

    unlink(path);
    make_ring();
    ur_prep_ftruncate(next_sqe(), fd, 12345);
    check_res(complete(), 0);
    check(fstat(fd, &stat) == 0);
    ck_assert_int_eq(stat.st_size, 12345);
}

TEST(a_registered_file_becomes_a_descriptor)
{
    int fd = open("/dev/zero", O_RDONLY);
    char byte = 1;

    make_ring();
    check_res(io_uring_register_files(&ring, &fd, 1), 0);
    close(fd);
    ur_prep_fd_install(next_sqe(), 0);
    fd = complete();
    ck_assert_int_ge(fd, 0);
    check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    check(read(fd, &byte, 1) == 1 && byte == 0);
}

TEST(a_nop_completes_with_any_result)
{
    static const int results[] = {-EIO, -ECANCELED, 0, 4096};

    make_ring();
    for (int i = 0; i < 4; i++) {
        ur_prep_nop_result(next_sqe(), results[i]);
        check_res(complete(), results[i]);
    }
}

/* The flag came in the same kernel as bundles, which announce themselves. */
static const char *no_nop_result(void)
{
    struct probe probe;

    if (probe_run(&probe) == 0 &&
        probe_has_feature(&probe, UR_FEAT_RECVSEND_BUNDLE))
        return NULL;
    return "this kernel's NOP has no flags (Linux 6.10)";
}

int main(void)
{
    const char *scratch = getenv("TMPDIR");

    if (chdir(scratch != NULL ? scratch : "/tmp") < 0)
        return 2;
    suite_begin("compat");
    suite_add_unless(probe_missing_op(UR_OP_BIND),
                     a_socket_is_bound_and_listens_by_the_ring);
    /* The probe does not list this command. It is older than WAITID. */
    suite_add_unless(probe_missing_op(UR_OP_WAITID),
                     an_option_is_set_by_the_ring);
    suite_add_unless(probe_missing_op(UR_OP_PIPE),
                     a_pipe_is_made_and_read_again_and_again_with_one_entry);
    suite_add_unless(probe_missing_op(UR_OP_WAITID),
                     a_child_is_waited_for_by_the_ring);
    suite_add_unless(probe_missing_op(UR_OP_FTRUNCATE),
                     a_file_gets_its_size_by_the_ring);
    suite_add_unless(probe_missing_op(UR_OP_FIXED_FD_INSTALL),
                     a_registered_file_becomes_a_descriptor);
    suite_add_unless(no_nop_result(), a_nop_completes_with_any_result);
    return suite_end();
}

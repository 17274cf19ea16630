/* sys.c: the one door to the operating system outside the ring. */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "sys.h"

/* A file with these bytes; its name in path. */
static void make_file(char path[32], const char *bytes, size_t len)
{
    int fd;

    snprintf(path, 32, "sys-test-XXXXXX");
    fd = mkstemp(path);
    check(fd >= 0);
    check(write(fd, bytes, len) == (ssize_t)len);
    close(fd);
}

static bool dies_on_touching(char *p)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        const struct rlimit none = {0, 0};

        setrlimit(RLIMIT_CORE, &none);
        signal(SIGSEGV, SIG_DFL); /* not the sanitizer's report */
        *(volatile char *)p = 1;
        _exit(0);
    }
    check(children_wait(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

TEST(the_clock_does_not_go_back)
{
    uint64_t before = sys_now_ns();

    for (int i = 0; i < 1000; i++) {
        uint64_t now = sys_now_ns();

        check(now >= before);
        before = now;
    }
    check(sys_wall_ns() / 1000000000u > 1700000000u); /* after 2023 */
}

TEST(mapped_memory_is_zero_and_writable)
{
    size_t len = 3 * sys_page_size();
    char *memory;

    check_res(sys_map((void **)&memory, len), 0);
    check(memory[0] == 0 && memory[len - 1] == 0);
    memset(memory, 1, len);
    check_res(sys_unmap(memory, len), 0);
}

TEST(a_guarded_page_faults_and_its_neighbours_do_not)
{
    size_t page = sys_page_size();
    char *memory;

    check_res(sys_map((void **)&memory, 3 * page), 0);
    check_res(sys_guard(memory + page, page), 0);
    check(dies_on_touching(memory + page));
    check(dies_on_touching(memory + 2 * page - 1));
    check(!dies_on_touching(memory + page - 1));
    check(!dies_on_touching(memory + 2 * page));
    check_res(sys_unmap(memory, 3 * page), 0);
}

TEST(a_text_is_read_up_to_the_size_of_its_buffer)
{
    char path[32], text[16];

    make_file(path, "0123456789", 10);
    check_res(sys_read_text(path, text, sizeof text), 10);
    ck_assert_str_eq(text, "0123456789");
    check_res(sys_read_text(path, text, 5), 4);
    ck_assert_str_eq(text, "0123");
    check_res(sys_read_text(path, text, 1), 0);
    ck_assert_str_eq(text, "");
    unlink(path);
}

TEST(an_unreadable_file_gives_an_empty_text)
{
    char text[8] = "before";

    check_res(sys_read_text("no/such/file", text, sizeof text), -ENOENT);
    ck_assert_str_eq(text, "");
    check_res(sys_read_text(".", text, sizeof text), -EISDIR);
    ck_assert_str_eq(text, "");
}

TEST(opened_descriptors_do_not_outlive_an_exec)
{
    sigset_t none;
    int fds[4];

    sigemptyset(&none);
    fds[0] = sys_open(".", O_RDONLY, 0);
    fds[1] = sys_socket(AF_INET, SOCK_STREAM, 0);
    fds[2] = sys_event_fd();
    fds[3] = sys_signal_fd(&none);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_ge(fds[i], 0);
        check(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
        check_res(sys_close(fds[i]), 0);
        check_res(sys_close(fds[i]), -EBADF);
    }
}

TEST(a_bound_socket_reports_its_port)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    struct sockaddr_storage given;
    socklen_t len = 0;
    int fd = sys_socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_ge(fd, 0);
    check_res(sys_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1), 0);
    check_res(sys_bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    check_res(sys_listen(fd, 1), 0);
    check_res(sys_local_address(fd, &given, &len), 0);
    check(((struct sockaddr_in *)&given)->sin_port != 0);
    check_res(sys_bind(fd, (struct sockaddr *)&any, sizeof any), -EINVAL);
    check_res(sys_close(fd), 0);
}

TEST(a_failure_is_its_negative_errno)
{
    struct stat stat;

    check_res(sys_open("no/such/file", O_RDONLY, 0), -ENOENT);
    check_res(sys_stat(-1, &stat), -EBADF);
    check_res(sys_socket(-1, 0, 0), -EAFNOSUPPORT);
    check_res(sys_event_signal(-1), -EBADF);
    check_res(sys_unmap((void *)1, 1), -EINVAL);
    check_res(sys_set_option(-1, SOL_SOCKET, SO_REUSEADDR, 1), -EBADF);
}

int main(void)
{
    const char *scratch = getenv("TMPDIR");

    if (chdir(scratch != NULL ? scratch : "/tmp") < 0)
        return 2;
    suite_begin("sys");
    suite_add(the_clock_does_not_go_back);
    suite_add(mapped_memory_is_zero_and_writable);
    suite_add(a_guarded_page_faults_and_its_neighbours_do_not);
    suite_add(a_text_is_read_up_to_the_size_of_its_buffer);
    suite_add(an_unreadable_file_gives_an_empty_text);
    suite_add(opened_descriptors_do_not_outlive_an_exec);
    suite_add(a_bound_socket_reports_its_port);
    suite_add(a_failure_is_its_negative_errno);
    return suite_end();
}

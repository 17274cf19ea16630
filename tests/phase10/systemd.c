/* systemd.c: a service takes the sockets of a service manager once, and its
 * reports do not wait. systemd.bats has the sockets. */
#include "systemd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "suite.h"

static const char *const names[] = {"LISTEN_PID", "LISTEN_FDS",
                                    "LISTEN_FDNAMES", "NOTIFY_SOCKET"};
static struct systemd manager;

/* A socket for reports, with an abstract name, which NOTIFY_SOCKET has. */
static int listen_to_reports(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char name[64];
    size_t len;

    snprintf(name, sizeof name, "@one-ring-%d", (int)getpid());
    len = strlen(name);
    memcpy(at.sun_path, name, len);
    at.sun_path[0] = '\0';
    check_res(bind(fd, (struct sockaddr *)&at,
                   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
              0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void set_listen(int pid, const char *count)
{
    char text[16];

    snprintf(text, sizeof text, "%d", pid);
    setenv("LISTEN_PID", text, 1);
    setenv("LISTEN_FDS", count, 1);
    setenv("LISTEN_FDNAMES", "web", 1);
}

static void check_removed(void)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_ptr_null(getenv(names[i]));
}

TEST(without_a_manager_there_is_nothing)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    memset(&manager, 1, sizeof manager);
    check_res(systemd_take(&manager), 0);
    ck_assert_uint_eq(manager.listener_count, 0);
    ck_assert_int_eq(manager.notify_fd, 0);
    systemd_notify(&manager, "READY=1");
}

TEST(the_variables_are_removed_also_after_a_mistake)
{
    set_listen(getpid(), "0");
    check_res(systemd_take(&manager), 0);
    check_removed();
    set_listen(getpid(), "x");
    check_res(systemd_take(&manager), -EINVAL);
    check_removed();
    set_listen(getpid() + 1, "x");
    check_res(systemd_take(&manager), 0);
    check_removed();
    set_listen(getpid(), "65");
    check_res(systemd_take(&manager), -E2BIG);
    check_removed();
}

TEST(a_report_arrives_as_a_datagram)
{
    int fd = listen_to_reports();
    char got[64] = "";

    check_res(systemd_take(&manager), 0);
    check_removed();
    ck_assert_int_gt(manager.notify_fd, 2);
    systemd_notify(&manager, "READY=1");
    systemd_notify(&manager, "STOPPING=1");
    check_res(recv(fd, got, sizeof got, MSG_DONTWAIT), 7);
    ck_assert_str_eq(got, "READY=1");
    check_res(recv(fd, got, sizeof got, MSG_DONTWAIT), 10);
    close(manager.notify_fd);
    close(fd);
}

TEST(a_report_that_nobody_reads_does_not_wait)
{
    int fd = listen_to_reports();

    check_res(systemd_take(&manager), 0);
    for (int i = 0; i < 10000; i++)
        systemd_notify(&manager, "STATUS=busy");
    close(fd);
    systemd_notify(&manager, "STATUS=alone");
    close(manager.notify_fd);
}

int main(void)
{
    suite_begin("systemd");
    suite_stage("exotic");
    suite_add(without_a_manager_there_is_nothing);
    suite_add(the_variables_are_removed_also_after_a_mistake);
    suite_add(a_report_arrives_as_a_datagram);
    suite_add(a_report_that_nobody_reads_does_not_wait);
    return suite_end();
}

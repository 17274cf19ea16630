/* worker.c: a task of a server that runs out of stack is named, whichever ring
 * it is of. */
#include "worker.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "suite.h"

static int port_pipe[2], words_pipe[2];

static int grow(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    return depth < 100000000 ? grow(depth + 1) + frame[0] : 0;
}

static void overflow(struct conn *conn)
{
    (void)conn;
    (void)grow(0);
}

static void tell_port(const struct net_address *address)
{
    char text[NET_TEXT_MAX];

    net_format(address, text);
    if (write(port_pipe[1], text, sizeof text) < 0)
        _exit(3);
}

/* In a child, which dies of it. */
static void serve(unsigned threads)
{
    struct service_options options = {.limits = LIMITS_DEFAULT,
                                      .name = "guest",
                                      .serve = overflow,
                                      .on_listening = tell_port};
    enum service_step step;

    options.limits.threads = threads;
    options.limits.conns_max = 16;
    if (net_parse(&options.address, "127.0.0.1", 0) == 0)
        (void)service_run(&options, &step);
    _exit(4);
}

static void connect_to_it(void)
{
    char text[NET_TEXT_MAX];
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned port = 0;

    ck_assert_int_eq((int)read(port_pipe[0], text, sizeof text), sizeof text);
    ck_assert_int_eq(sscanf(text, "127.0.0.1:%u", &port), 1);
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address),
                     0);
    close(fd); /* it is in the backlog: somebody will take it */
}

/* One connection, to whichever of the rings the kernel gives it. */
static void check_that_it_is_named(unsigned threads)
{
    static char words[4096];
    size_t used = 0;
    ssize_t got;
    int status;
    pid_t pid;

    ck_assert_int_eq(pipe(port_pipe), 0);
    ck_assert_int_eq(pipe(words_pipe), 0);
    pid = fork();
    if (pid == 0) {
        dup2(words_pipe[1], STDERR_FILENO);
        serve(threads);
    }
    close(words_pipe[1]);
    connect_to_it();
    while (used < sizeof words - 1 &&
           (got = read(words_pipe[0], words + used,
                       sizeof words - 1 - used)) > 0)
        used += (size_t)got;
    words[used] = '\0';
    close(words_pipe[0]);
    close(port_pipe[0]);
    close(port_pipe[1]);
    ck_assert_int_eq(children_wait(pid, &status, 0), pid);
    check(WIFSIGNALED(status) || WEXITSTATUS(status) == 1); /* a sanitizer */
    ck_assert_msg(strstr(words, "task 'guest' has overflowed") != NULL,
                  "it said: %s", words);
}

TEST(a_connection_that_overflows_its_stack_is_named)
{
    check_that_it_is_named(1);
}

TEST(an_overflow_on_another_ring_is_named)
{
    for (int i = 0; i < 6; i++) /* most of them are not of the first ring */
        check_that_it_is_named(4);
}

int main(void)
{
    suite_begin("worker");
    suite_add(a_connection_that_overflows_its_stack_is_named);
    suite_add(an_overflow_on_another_ring_is_named);
    return suite_end();
}

/* child.c: other programs, their pipes and their end.
 *
 * Tests of phase 4. A test "both_ways" waits for the end of the child by a ring
 * operation and by an fd for the process. */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "await.h"
#include "children.h"
#include "foreign.h"
#include "probe.h"
#include "signals.h"
#include "suite.h"
#include "uring_compat.h"

static int run(task_fn *body, void *arg)
{
    struct loop loop;
    int rc;

    check_ring(loop_init(&loop, NULL));
    rc = loop_run(&loop, body, arg);
    loop_finish(&loop);
    return rc;
}

/* A shell script that is started, and how. */
struct script {
    char *text;
    bool by_pidfd;
    int in, out, err;
};

static int spawn_script(struct child *child, const struct script *script)
{
    char *argv[] = {"sh", "-c", script->text, NULL};
    struct child_options options = {
        .argv = argv,
        .in = script->in,
        .out = script->out,
        .err = script->err,
        .by_pidfd = script->by_pidfd,
    };

    return child_spawn(child, &options);
}

static int await_script(void *arg)
{
    struct child child;
    int result;

    check_res(spawn_script(&child, arg), 0);
    result = child_await_exit(&child);
    child_finish(&child);
    return result;
}

static int open_fds(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Checks the exit status of a script, which is awaited in both ways. */
static void check_end(char *text, int expected)
{
    for (int by_pidfd = 0; by_pidfd < 2; by_pidfd++) {
        struct script script = {.text = text, .by_pidfd = by_pidfd};
        int before = open_fds();

        check_res(run(await_script, &script), expected);
        ck_assert_int_eq(open_fds(), before);
    }
}

TEST(the_exit_code_of_a_child_is_the_result_both_ways)
{
    check_end("exit 0", 0);
    check_end("exit 7", 7);
    check_end("exit 255", 255);
}
END_TEST

TEST(the_signal_that_killed_a_child_is_the_result_both_ways)
{
    check_end("kill -TERM $$", CHILD_KILLED + SIGTERM);
    check_end("kill -KILL $$", CHILD_KILLED + SIGKILL);
}
END_TEST

static int await_and_look_for_zombies(void *arg)
{
    int result = await_script(arg);

    check(waitpid(-1, NULL, WNOHANG) == -1);
    ck_assert_int_eq(errno, ECHILD);
    return result;
}

TEST(an_awaited_child_is_reaped_both_ways)
{
    for (int by_pidfd = 0; by_pidfd < 2; by_pidfd++) {
        struct script script = {.text = "exit 3", .by_pidfd = by_pidfd};

        check_res(run(await_and_look_for_zombies, &script), 3);
    }
}
END_TEST

/* Reads fd to its end; returns how much, in text. */
static int gather_await_all(int fd, char *text, int len)
{
    int used = 0, got;

    do {
        got = await_read(fd, text + used, (size_t)(len - 1 - used),
                         AWAIT_STREAM);
        check(got >= 0);
        used += got;
    } while (got > 0);
    text[used] = '\0';
    return used;
}

static int await_conversation(void *arg)
{
    struct script script = {.text = arg,
                            .in = CHILD_PIPE,
                            .out = CHILD_PIPE,
                            .err = CHILD_PIPE};
    struct child child;
    char text[64];
    int result;

    check_res(spawn_script(&child, &script), 0);
    check_res(await_write_all(child.in, "ring\n", 5, AWAIT_STREAM), 0);
    check_res(await_close(child.in), 0);
    child.in = -1;
    (void)gather_await_all(child.out, text, sizeof text);
    ck_assert_str_eq(text, "hello ring\n");
    (void)gather_await_all(child.err, text, sizeof text);
    ck_assert_str_eq(text, "aside\n");
    result = child_await_exit(&child);
    child_finish(&child);
    return result;
}

TEST(a_child_reads_and_writes_through_its_pipes)
{
    check_res(run(await_conversation,
                  "read word; echo aside >&2; echo hello $word; exit 5"),
              5);
}
END_TEST

/* The pipes must not take the numbers that they are to become in the child. The
 * ring is open already: it would take the number itself. */
static int await_conversation_without_one(void *arg)
{
    int fd = *(int *)arg, kept = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    int before, result;

    close(fd);
    before = open_fds();
    result = await_conversation("read word; echo aside >&2; echo hello $word");
    ck_assert_int_eq(open_fds(), before);
    check(dup2(kept, fd) == fd);
    close(kept);
    return result;
}

TEST(a_child_has_pipes_if_our_standard_descriptors_are_closed)
{
    for (int fd = 0; fd < 3; fd++)
        check_res(run(await_conversation_without_one, &fd), 0);
}
END_TEST

static int await_output_in_a_pipe_of_ours(void *arg)
{
    struct script script = {.text = "echo out; echo err >&2"};
    struct child child;
    char text[64];
    int fds[2];

    (void)arg;
    check(pipe(fds) == 0);
    script.out = script.err = fds[1];
    check_res(spawn_script(&child, &script), 0);
    close(fds[1]);
    (void)gather_await_all(fds[0], text, sizeof text);
    ck_assert_str_eq(text, "out\nerr\n");
    close(fds[0]);
    return child_await_exit(&child);
}

TEST(a_child_writes_to_a_descriptor_of_ours)
{
    check_res(run(await_output_in_a_pipe_of_ours, NULL), 0);
}
END_TEST

static int spawn_nothing(void *arg)
{
    char *argv[] = {arg, NULL};
    struct child_options options = {.argv = argv, .in = CHILD_PIPE};
    struct child child;

    return child_spawn(&child, &options);
}

TEST(a_missing_program_is_reported_at_once_and_leaks_nothing)
{
    int before = open_fds();

    check_res(run(spawn_nothing, "no-such-program-anywhere"), -ENOENT);
    check_res(run(spawn_nothing, "/etc/passwd"), -EACCES);
    ck_assert_int_eq(open_fds(), before);
}
END_TEST

/* Fails at each pipe in turn, until there are descriptors enough. */
TEST(a_spawn_that_runs_out_of_descriptors_leaks_nothing)
{
    char *argv[] = {"true", NULL};
    struct child_options options = {
        .argv = argv, .in = CHILD_PIPE, .out = CHILD_PIPE, .err = CHILD_PIPE};
    int before = open_fds(), failures = 0, rc = -1, status;
    struct rlimit limit, few;
    struct child child;

    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int extra = 0; rc < 0; extra++) {
        few = limit;
        few.rlim_cur = (rlim_t)(before + extra);
        check(setrlimit(RLIMIT_NOFILE, &few) == 0);
        rc = child_spawn(&child, &options);
        check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
        if (rc < 0) {
            check_res(rc, -EMFILE);
            ck_assert_int_eq(open_fds(), before);
            failures++;
        }
    }
    check(failures >= 3); /* at least one for each pipe */
    check(children_wait(child.pid, &status, 0) == child.pid);
    child.pid = 0;
    child_finish(&child);
    ck_assert_int_eq(open_fds(), before);
}
END_TEST

/* Both signals are blocked here, and one of them ignored as well. */
TEST(a_child_has_no_signal_blocked_or_ignored)
{
    const int numbers[] = {SIGTERM, SIGUSR1};
    int fd = signals_open(numbers, 2);

    check(fd >= 0);
    signal(SIGPIPE, SIG_IGN);
    check_end("kill -TERM $$; exit 1", CHILD_KILLED + SIGTERM);
    check_end("kill -PIPE $$; exit 1", CHILD_KILLED + SIGPIPE);
    close(fd);
}
END_TEST

static int await_until_cancelled(void *arg)
{
    return child_await_exit(arg);
}

/* Gives up waiting, and waits again: nothing is lost in between. */
static int await_again_after_cancel(void *arg)
{
    struct script script = {.text = "read line; exit 4",
                            .in = CHILD_PIPE,
                            .by_pidfd = *(int *)arg};
    struct task waiter = {0};
    struct child child;
    int result;

    check_res(spawn_script(&child, &script), 0);
    check_res(task_spawn(&waiter, "waiter", await_until_cancelled, &child), 0);
    check_res(await_nop(), 0);
    task_cancel(&waiter);
    check_res(task_join(&waiter), -ECANCELED);
    deadline_set_ns(1000000);
    check_res(child_await_exit(&child), -ETIME);
    deadline_clear();
    close(child.in);
    child.in = -1;
    result = child_await_exit(&child);
    child_finish(&child);
    return result;
}

TEST(a_cancelled_wait_for_a_child_can_be_repeated_both_ways)
{
    for (int by_pidfd = 0; by_pidfd < 2; by_pidfd++)
        check_res(run(await_again_after_cancel, &by_pidfd), 4);
}
END_TEST

static int await_killed(void *arg)
{
    struct script script = {.text = "while :; do read line; done",
                            .in = CHILD_PIPE};
    struct child child;
    int result;

    (void)arg;
    check_res(spawn_script(&child, &script), 0);
    check_res(child_kill(&child, SIGTERM), 0);
    result = child_await_exit(&child);
    child_finish(&child);
    return result;
}

TEST(a_child_can_be_killed)
{
    check_res(run(await_killed, NULL), CHILD_KILLED + SIGTERM);
}
END_TEST

#define MANY 20

static int await_many(void *arg)
{
    static struct task tasks[MANY];
    static struct script scripts[MANY];
    int sum = 0;

    (void)arg;
    for (int i = 0; i < MANY; i++) {
        scripts[i] = (struct script){.text = "exit 2", .by_pidfd = i % 2};
        check_res(task_spawn(&tasks[i], "child", await_script, &scripts[i]), 0);
    }
    for (int i = 0; i < MANY; i++)
        sum += task_join(&tasks[i]);
    return sum;
}

TEST(many_children_are_awaited_at_the_same_time)
{
    check_res(run(await_many, NULL), 2 * MANY);
}
END_TEST

TEST(children_end_inside_every_kind_of_host)
{
    for (unsigned i = 0; i < HOST_KINDS; i++) {
        struct host host;

        host_init(&host, &host_kinds[i], (struct ring_options){0});
        check_res(host_run(&host, await_many, NULL), 2 * MANY);
        host_finish(&host);
    }
}
END_TEST

static int await_stranger(void *arg)
{
    struct child stranger = {.pid = 1, .by_pidfd = *(bool *)arg};

    return child_await_exit(&stranger);
}

TEST(a_process_that_is_not_a_child_is_refused)
{
    bool by_pidfd = false;

    check_res(run(await_stranger, &by_pidfd), -ECHILD);
}
END_TEST

/* The kernel reaps the child of a process that ignores SIGCHLD. */
static int await_reaped(void *arg)
{
    struct child_options options = {.argv = (char *[]){"true", NULL},
                                    .by_pidfd = *(bool *)arg};
    struct child child;

    check_res(child_spawn(&child, &options), 0);
    for (int i = 0; i < 10000 && kill(child.pid, 0) == 0; i++)
        check_res(await_sleep_ns(1000000), 0);
    return child_await_exit(&child);
}

TEST(a_child_that_the_kernel_has_reaped_is_echild_both_ways)
{
    bool ways[] = {false, true};

    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 2; i++)
        check_res(run(await_reaped, &ways[i]), -ECHILD);
    signal(SIGCHLD, SIG_DFL);
}
END_TEST

static int await_nothing_open(void *arg)
{
    struct child child;
    int rc = spawn_script(&child, arg);

    check_res(rc, 0);
    return child_await_exit(&child);
}

/* Only what it was given: no ring, no eventfd, no file of ours. */
TEST(a_child_inherits_no_descriptor)
{
    struct script script = {
        .text = "for fd in 3 4 5 6 7 8 9; do "
                "[ ! -e /proc/self/fd/$fd ] || exit $fd; done"};

    for (int fd = 3; fd < 10; fd++) /* Check's own files */
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    check_res(run(await_nothing_open, &script), 0);
}
END_TEST

TEST(a_zeroed_child_may_be_finished)
{
    struct child zeroed = {0};
    int before = open_fds();

    child_finish(&zeroed);
    ck_assert_int_eq(open_fds(), before);
}
END_TEST

static const char *without_waitid(void)
{
    static struct probe probe;

    if (probe_run(&probe) < 0 || !probe_has_op(&probe, UR_OP_WAITID))
        return "this kernel's io_uring has no waitid";
    return NULL;
}

/* The ring's way is the one that is taken, where there is one. */
static int await_without_pidfds(void *arg)
{
    struct rlimit limit, none;
    struct child child;
    int result;

    check_res(spawn_script(&child, arg), 0);
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    none = limit;
    none.rlim_cur = 3;
    check(setrlimit(RLIMIT_NOFILE, &none) == 0);
    result = child_await_exit(&child);
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    return result;
}

TEST(waiting_through_the_ring_needs_no_pidfd)
{
    struct script script = {.text = "exit 6"};

    check_res(run(await_without_pidfds, &script), 6);
}
END_TEST

int main(void)
{
    suite_begin("child");
    suite_add(the_exit_code_of_a_child_is_the_result_both_ways);
    suite_add(the_signal_that_killed_a_child_is_the_result_both_ways);
    suite_add(an_awaited_child_is_reaped_both_ways);
    suite_add(a_child_reads_and_writes_through_its_pipes);
    suite_add(a_child_has_pipes_if_our_standard_descriptors_are_closed);
    suite_add(a_child_writes_to_a_descriptor_of_ours);
    suite_add(a_missing_program_is_reported_at_once_and_leaks_nothing);
    suite_add(a_spawn_that_runs_out_of_descriptors_leaks_nothing);
    suite_add(a_child_has_no_signal_blocked_or_ignored);
    suite_add(a_cancelled_wait_for_a_child_can_be_repeated_both_ways);
    suite_add(a_child_can_be_killed);
    suite_add(many_children_are_awaited_at_the_same_time);
    suite_add(children_end_inside_every_kind_of_host);
    suite_add(a_process_that_is_not_a_child_is_refused);
    suite_add(a_child_that_the_kernel_has_reaped_is_echild_both_ways);
    suite_add(a_child_inherits_no_descriptor);
    suite_add(a_zeroed_child_may_be_finished);
    suite_add_unless(without_waitid(), waiting_through_the_ring_needs_no_pidfd);
    return suite_end();
}

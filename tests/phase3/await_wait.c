/* await_wait.c: waiting for the time, for a word of memory and for a child,
 * through the ring. */
#include "await.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "group.h"
#include "probe.h"
#include "uring_compat.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)

/* --- the time ------------------------------------------------------------- */

/* The kernel calls it -ETIME. */
TASK_TEST(a_timeout_operation_returns_after_its_time)
{
    uint64_t began_ns = loop_now_ns();

    check_res(await_timeout_ns(20 * MS), 0);
    ck_assert_uint_ge(loop_now_ns() - began_ns, 20 * MS);
    check_res(await_timeout_ns(0), 0);
    return 0;
}

TASK_TEST(a_deadline_or_a_cancel_ends_a_timeout_early)
{
    deadline_set_ns(5 * MS);
    check_res(await_timeout_ns(60000 * MS), -ETIME);
    deadline_clear();
    task_cancel(task_current());
    check_res(await_timeout_ns(60000 * MS), -ECANCELED);
    return await_timeout_ns(1 * MS);
}

/* When the SQE is submitted, another call uses this part of the stack. So the
 * time must be in the frame that waits. */
static int time_out_many(void *arg)
{
    static const uint64_t delays_ms[] = {30, 10, 20};
    int which = *(int *)arg;

    check_res(await_timeout_ns(delays_ms[which] * MS), 0);
    return which;
}

static int order[3], ended;

static void note_end(struct task *task)
{
    order[ended++] = task->result;
}

TASK_TEST(each_timeout_has_its_own_time)
{
    static int which[] = {0, 1, 2};
    struct task tasks[3];

    memset(tasks, 0, sizeof tasks);
    for (int i = 0; i < 3; i++) {
        tasks[i].on_end = note_end;
        check_res(task_spawn(&tasks[i], "t", time_out_many, &which[i]), 0);
    }
    while (ended < 3)
        check_res(await_timeout_ns(1 * MS), 0);
    ck_assert_int_eq(order[0], 1);
    ck_assert_int_eq(order[1], 2);
    ck_assert_int_eq(order[2], 0);
    return 0;
}

/* --- a word of memory ----------------------------------------------------- */

static _Atomic uint32_t word;

/* The kernel compares it; an atomic of 32 bits is such a word. */
static const uint32_t *the_word(void)
{
    return (const uint32_t *)(const void *)&word;
}

static int wait_for_another_value(void *arg)
{
    (void)arg;
    return await_futex_wait(the_word(), 5);
}

static int look_at_the_word(void *arg)
{
    atomic_store(&word, 4);
    check_res(wait_for_another_value(arg), -EAGAIN);
    check_res(await_futex_wake(the_word(), 1), 0);
    return 0;
}

TEST(a_futex_wait_on_a_changed_word_returns_at_once)
{
    check_res(run(look_at_the_word, NULL), 0);
}

TASK_TEST(a_futex_wake_wakes_as_many_tasks_as_requested)
{
    struct group group = {0};
    struct group_task waiters[3];
    int left = 3, woken;

    atomic_store(&word, 5);
    for (int i = 0; i < 3; i++)
        check_res(group_spawn(&group, &waiters[i], "waiter",
                              wait_for_another_value, NULL), 0);
    check_res(await_sleep_ns(1 * MS), 0); /* all three are in the kernel */
    while (left > 0) {
        woken = await_futex_wake(the_word(), 2);
        ck_assert_int_ge(woken, 0);
        ck_assert_int_le(woken, left < 2 ? left : 2);
        left -= woken;
    }
    check_res(await_futex_wake(the_word(), 1), 0);
    return group_await_all(&group);
}

static void *change_the_word(void *arg)
{
    (void)arg;
    atomic_store(&word, 6);
    /* Until somebody was there to be woken: it need not wait yet. */
    while (syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 0)
        if (atomic_load(&word) == 7)
            break;
    return NULL;
}

static int wait_for_a_thread(void *arg)
{
    pthread_t thread;
    int rc;

    (void)arg;
    atomic_store(&word, 5);
    check_res(sys_thread_start(&thread, change_the_word, NULL), 0);
    rc = await_futex_wait(the_word(), 5);
    if (rc != 0)
        check_res(rc, -EAGAIN); /* it was faster */
    ck_assert_uint_eq(atomic_load(&word), 6);
    atomic_store(&word, 7);
    return sys_thread_join(thread);
}

TEST(a_thread_without_a_ring_wakes_a_task)
{
    for (int i = 0; i < 50; i++)
        check_res(run(wait_for_a_thread, NULL), 0);
}

TASK_TEST(a_futex_wait_can_be_cancelled)
{
    atomic_store(&word, 5);
    deadline_set_ns(5 * MS);
    check_res(await_futex_wait(the_word(), 5), -ETIME);
    deadline_clear();
    check_res(await_futex_wake(the_word(), 1), 0); /* nobody is left there */
    return 0;
}

/* --- a child -------------------------------------------------------------- */

static int pipe_ends[2];

/* Makes a child before there is a ring. The child ends when the pipe is
 * closed. */
static pid_t make_child(int code)
{
    pid_t pid;
    char byte;

    ck_assert_int_eq(pipe(pipe_ends), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        ssize_t got;

        close(pipe_ends[1]);
        do
            got = read(pipe_ends[0], &byte, 1);
        while (got < 0 && errno == EINTR);
        _exit(got == 0 ? code : 99);
    }
    close(pipe_ends[0]);
    return pid;
}

static int wait_for_a_child(void *arg)
{
    pid_t pid = *(pid_t *)arg;
    siginfo_t info = {0};

    deadline_set_ns(5 * MS);
    check_res(await_waitid(P_PID, (id_t)pid, &info, WEXITED), -ETIME);
    deadline_clear();
    close(pipe_ends[1]);
    check_res(await_waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    ck_assert_int_eq(info.si_pid, pid);
    ck_assert_int_eq(info.si_code, CLD_EXITED);
    ck_assert_int_eq(info.si_status, 7);
    check_res(await_waitid(P_ALL, 0, NULL, WEXITED), 0);
    return await_waitid(P_PID, (id_t)pid, &info, WEXITED);
}

TEST(a_wait_for_a_child_ends_with_it_and_reaps_it)
{
    pid_t pid = make_child(7);

    check_res(run(wait_for_a_child, &pid), -ECHILD);
}

static int hear_of_a_signal(void *arg)
{
    pid_t pid = *(pid_t *)arg;
    siginfo_t info = {0};

    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    check_res(await_waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
    ck_assert_int_eq(info.si_code, CLD_KILLED);
    return info.si_status;
}

TEST(a_killed_child_reports_its_signal)
{
    pid_t pid = make_child(7);

    check_res(run(hear_of_a_signal, &pid), SIGKILL);
    close(pipe_ends[1]);
}

int main(void)
{
    const char *no_futex = probe_missing_op(UR_OP_FUTEX_WAIT);
    const char *no_waitid = probe_missing_op(UR_OP_WAITID);
    const char *too_small = why_ring_is_too_small();

    suite_begin("await_wait");
    suite_add(a_timeout_operation_returns_after_its_time);
    suite_add(a_deadline_or_a_cancel_ends_a_timeout_early);
    suite_add_unless(too_small, each_timeout_has_its_own_time);
    suite_add_unless(no_futex, a_futex_wait_on_a_changed_word_returns_at_once);
    suite_add_unless(no_futex ? no_futex : too_small,
                     a_futex_wake_wakes_as_many_tasks_as_requested);
    suite_add_unless(no_futex, a_thread_without_a_ring_wakes_a_task);
    suite_add_unless(no_futex, a_futex_wait_can_be_cancelled);
    suite_add_unless(no_waitid, a_wait_for_a_child_ends_with_it_and_reaps_it);
    suite_add_unless(no_waitid, a_killed_child_reports_its_signal);
    return suite_end();
}

/* one_read.c: the checker of phase 1's exercise one_read.
 *
 * A second thread sends signals only while the answer sleeps, and feeds the
 * pipe only after five of them. So every run interrupts the wait. */
#include "one_read.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define SIGNALS 5

static struct io_uring ring;
static char buf[64];
static int ends[2];
static volatile sig_atomic_t signals;
static pthread_t answer;
static int answer_thread;

static void on_signal(int number)
{
    (void)number;
    signals++;
}

static void feed_after_signals(void *arg)
{
    (void)arg;
    watch_until_submitted(1);
    for (int i = 0; i < SIGNALS; i++) {
        watch_until_asleep(answer_thread);
        pthread_kill(answer, SIGUSR1);
        while (signals == i)
            sched_yield();
    }
    judge_write(ends[1], "hello", 5);
}

static void check_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    int result;

    watch_make_ring(&ring, 4, 0);
    judge_pipe(ends);
    sigaction(SIGUSR1, &action, NULL);
    answer = pthread_self();
    answer_thread = (int)syscall(SYS_gettid);
    judge_thread(feed_after_signals, NULL);
    judge_run("one_read(ring, pipe, buf, 64), and five signals before the "
              "bytes");
    judge_expect("5, from one SQE");
    judge_suspect("the thread did not sleep, or waits for a read that was not "
                  "submitted: io_uring_wait_cqe sleeps");
    judge_crash("a wait that a signal ends sets no CQE: look at the result of "
                "the wait, and use cqe only if it is 0");
    watch_forbid_reads();
    result = one_read(&ring, ends[0], buf, sizeof buf);
    judge_that(result != -EINTR, "-EINTR ends the wait and not the read: the "
               "kernel still owns buf, so wait again", "-EINTR");
    judge_that(result != -EAGAIN, "a signal ended io_uring_submit_and_wait "
               "after the submit: it then returns the number of SQEs, and no "
               "CQE is there, so wait again", "-EAGAIN");
    if (watch_submitted() > 1)
        judge_fail("the read was submitted again, but the interruption did not "
                   "end the first one: both want the bytes", "%u SQEs",
                   watch_submitted());
    judge_result(result, 5, "the result of the read is cqe->res");
    judge_bytes(buf, "hello", 5, "the bytes are in another place");
    watch_is_settled();
}

static void check_bytes_there(void)
{
    watch_make_ring(&ring, 4, 0);
    judge_pipe(ends);
    judge_write(ends[1], "abc", 3);
    judge_run("one_read(ring, pipe, buf, 64), and 3 bytes in the pipe");
    judge_expect("3");
    judge_suspect("it waits for a CQE that does not come: was the SQE "
                  "submitted?");
    judge_crash("sqe is from io_uring_get_sqe, and cqe is set only if the wait "
                "returned 0");
    watch_forbid_reads();
    judge_result(one_read(&ring, ends[0], buf, sizeof buf), 3,
                 "the result of the read is cqe->res");
    watch_is_settled();
}

static void check_error(void)
{
    watch_make_ring(&ring, 4, 0);
    judge_suspect("it waits again after the CQE: an error in cqe->res ends the "
                  "read, too");
    judge_run("one_read(ring, a directory, buf, 64)");
    judge_result(one_read(&ring, open("/", O_RDONLY | O_CLOEXEC), buf,
                          sizeof buf), -EISDIR,
                 "the failure of the read is cqe->res");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"bytes that are there are read", check_bytes_there},
        {"a failed read is reported", check_error},
        {"a wait that signals interrupt goes on", check_signals},
    };

    return judge_main("one_read", cases, sizeof cases / sizeof *cases);
}

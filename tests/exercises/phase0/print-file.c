/* print-file.c: the checker of phase 0's exercise print-file.
 *
 * The answer's main is linked as answer_main. It runs in a separate process,
 * since a program may call exit. */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define OUTPUT_MAX 8192

int answer_main(int argc, char **argv);

static struct {
    int status;
    ssize_t out_len, err_len;
    char out[OUTPUT_MAX], err[OUTPUT_MAX];
} ran;

/* The faults that the answer meets. */
static struct {
    int refusal; /* of the ring */
    bool out_is_full;
} trouble;

/* What the answer may not do, and what ends it early. */
static void be_the_answer(char *path, int out, int err)
{
    char *argv[] = {(char[]){"print-file"}, path, NULL};

    if (trouble.out_is_full)
        out = open("/dev/full", O_WRONLY);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    atexit(watch_freeze);
    watch_forbid_reads();
    exit(answer_main(2, argv));
}

static void run(const char *path)
{
    int out = judge_file("", 0), err = judge_file("", 0);
    pid_t child;

    watch_reset();
    watch->refusal = trouble.refusal;
    judge_run("print-file %s", path);
    judge_suspect("it waits for a completion that cannot come: was the SQE "
                  "submitted?");
    child = fork();
    if (child == 0)
        be_the_answer((char *)path, out, err);
    if (waitpid(child, &ran.status, 0) != child)
        judge_cannot("fork", -1);
    if (WIFEXITED(ran.status) && WEXITSTATUS(ran.status) > 96)
        _exit(WEXITSTATUS(ran.status)); /* judge_fail, in the answer */
    if (WIFSIGNALED(ran.status))
        kill(getpid(), WTERMSIG(ran.status)); /* as if it ran here */
    ran.out_len = pread(out, ran.out, sizeof ran.out, 0);
    ran.err_len = pread(err, ran.err, sizeof ran.err - 1, 0);
    ran.err[ran.err_len > 0 ? ran.err_len : 0] = '\0';
}

/* Checks that the answer has closed everything. After a failure it may leave
 * that to the end of the process; after a success it may not. */
static void check_closed(void)
{
    judge_that(watch->rings_closed > 0, "the ring was not closed: "
               "io_uring_queue_exit closes it", "a ring that is still open");
}

static void check_ring(void)
{
    judge_that(watch->rings > 0, "no ring was made: io_uring_queue_init makes "
               "one", "no call of io_uring_queue_init");
    judge_that(watch_submitted() > 0, "no SQE was submitted: io_uring_submit "
               "passes it to the kernel", "an SQ whose head has not moved");
    judge_that(watch_submitted() == 1 &&
               watch->entries[0].opcode == IORING_OP_READ,
               "one SQE with io_uring_prep_read is enough",
               "another number of SQEs, or another opcode");
}

/* Makes a file with these bytes in the current folder, and expects them. */
static void expect_printed(const char *bytes, size_t len)
{
    char folder[] = "/tmp/judge.XXXXXX";
    FILE *file;

    if (mkdtemp(folder) == NULL || chdir(folder) < 0)
        judge_cannot(folder, -1);
    file = fopen("file", "w");
    if (file == NULL || fwrite(bytes, 1, len, file) != len)
        judge_cannot("file", -1);
    fclose(file);
    judge_expect("%zu bytes on stdout, and exit code 0", len);
    run("file");
    unlink("file");
    rmdir(folder);
    check_ring();
    if (ran.out_len != (ssize_t)len || ran.status != 0)
        judge_fail(ran.out_len < (ssize_t)len && ran.out_len > 0
                       ? "printf and puts stop at a zero byte: write res bytes"
                       : "write exactly res bytes, the number in the CQE, and "
                         "return 0",
                   "%zd bytes on stdout, and exit code %d", ran.out_len,
                   WEXITSTATUS(ran.status));
    judge_bytes(ran.out, bytes, len, "the bytes are not those of the file");
}

static void check_six_bytes(void)
{
    judge_crash("a pointer of yours is not valid: sqe is from "
                "io_uring_get_sqe, and cqe is set only if io_uring_wait_cqe "
                "returned 0");
    expect_printed("hello\n", 6);
}

static void check_zero_bytes(void)
{
    static char bytes[3000];

    judge_fill(bytes, sizeof bytes, 1);
    bytes[5] = '\0';
    expect_printed(bytes, sizeof bytes);
}

static void check_empty_file(void)
{
    expect_printed("", 0);
}

static void check_seen(void)
{
    judge_expect("a CQ that is empty at the end");
    run("/proc/self/exe");
    judge_that(watch_waiting() == 0 && watch_reaped() == 1,
               "the CQE was not marked as seen: io_uring_cqe_seen moves the "
               "head of the CQ", "a CQ that still has the CQE");
    judge_expect("a ring that is closed at the end");
    check_closed();
}

static void check_directory(void)
{
    judge_expect("exit code 1, and \"Is a directory\" on stderr");
    judge_crash("look at res before you use it as a length: -errno is not a "
                "number of bytes");
    run("/");
    if (ran.status == 0)
        judge_fail("the error is in cqe->res, and was not looked at",
                   "exit code 0");
    if (strstr(ran.err, strerror(EISDIR)) == NULL)
        judge_fail("liburing and the CQE return -errno and do not set errno, "
                   "so perror prints another error: use strerror(-res)",
                   "%.200s", ran.err);
}

static void expect_error(const char *text, const char *mistake)
{
    judge_expect("exit code 1, and \"%s\" on stderr", text);
    run("/proc/version");
    if (ran.status == 0 || strstr(ran.err, text) == NULL)
        judge_fail(mistake, "exit code %d, and \"%.200s\"",
                   WEXITSTATUS(ran.status), ran.err);
}

static void check_refused_ring(void)
{
    judge_crash("look at the result of io_uring_queue_init before you use the "
                "ring");
    trouble.refusal = -EPERM;
    expect_error(strerror(EPERM), "the kernel refused the ring: "
                 "io_uring_queue_init returned -EPERM");
}

static void check_full_output(void)
{
    trouble.out_is_full = true;
    expect_error(strerror(ENOSPC), "stdout took no bytes: look at the results "
                 "of fwrite and of fflush or fclose, or at that of write");
}

int main(int argc, char **argv)
{
    static const struct judge_case cases[] = {
        {"a file of 6 bytes is printed", check_six_bytes},
        {"zero bytes are printed, too", check_zero_bytes},
        {"an empty file prints nothing", check_empty_file},
        {"the CQE is marked as seen, and the ring closed", check_seen},
        {"a directory is an error with the right reason", check_directory},
        {"a refused ring is an error with the right reason",
         check_refused_ring},
        {"a full stdout is an error with the right reason", check_full_output},
    };

    if (argc > 1)
        return answer_main(argc, argv);
    return judge_main("print-file", cases, sizeof cases / sizeof *cases);
}

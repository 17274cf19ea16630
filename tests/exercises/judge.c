/* judge.c: cases, their processes and deadlines, and the report. */
#include "judge.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"

#define TEXT_LEN 512
#define TIMEOUT_S 10
#define FAILED 97  /* exit codes of a case; an answer seldom uses them */
#define CANNOT 98

/* A case writes it, and the judge reads it after the case has ended. */
struct report {
    char run[TEXT_LEN];
    char expected[TEXT_LEN];
    char came[TEXT_LEN];
    char suspect[TEXT_LEN]; /* the mistake, if it hangs */
    char crash[TEXT_LEN];   /* the mistake, if a signal kills it */
    char mistake[TEXT_LEN];
};

/* The mistakes behind the assertions of lib that a case expects. */
#define ASSERTIONS_MAX 4
static struct {
    const char *function, *mistake;
} assertions[ASSERTIONS_MAX];
static unsigned assertion_count;

static struct report *report;

#define SET(line, format)                                                     \
    do {                                                                      \
        va_list args_;                                                        \
        va_start(args_, format);                                              \
        vsnprintf(line, TEXT_LEN, format, args_);                             \
        va_end(args_);                                                        \
    } while (0)

void judge_run(const char *format, ...)
{
    SET(report->run, format);
}

void judge_expect(const char *format, ...)
{
    SET(report->expected, format);
}

void judge_suspect(const char *format, ...)
{
    SET(report->suspect, format);
}

void judge_crash(const char *format, ...)
{
    SET(report->crash, format);
}

void judge_assertion(const char *function, const char *mistake)
{
    if (assertion_count < ASSERTIONS_MAX) {
        assertions[assertion_count].function = function;
        assertions[assertion_count++].mistake = mistake;
    }
}

void judge_fail(const char *mistake, const char *format, ...)
{
    SET(report->came, format);
    report->came[strcspn(report->came, "\n")] = '\0'; /* one line */
    snprintf(report->mistake, TEXT_LEN, "%s", mistake);
    fflush(stdout);
    _exit(FAILED);
}

void judge_cannot(const char *what, int error)
{
    snprintf(report->came, TEXT_LEN, "%s: %s (%s)", what, err_words(error),
             err_name(error));
    _exit(CANNOT);
}

void judge_result(long came, long expected, const char *mistake)
{
    char text[2][64];
    const long values[2] = {came, expected};

    if (came == expected)
        return;
    for (int i = 0; i < 2; i++) {
        if (values[i] < 0 && values[i] > -4096)
            snprintf(text[i], sizeof text[i], "-%s", err_name((int)values[i]));
        else
            snprintf(text[i], sizeof text[i], "%ld", values[i]);
    }
    if (report->expected[0] == '\0')
        judge_expect("%s", text[1]);
    if (came == -ENOSYS)
        mistake = "the stub is unchanged: it returns -ENOSYS";
    judge_fail(mistake, "%s", text[0]);
}

void judge_that(bool condition, const char *mistake, const char *came)
{
    if (!condition)
        judge_fail(mistake, "%s", came);
}

void judge_bytes(const void *came, const void *expected, size_t len,
                 const char *mistake)
{
    const unsigned char *a = came, *b = expected;

    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i])
            judge_fail(mistake, "byte %zu is %#x, not %#x", i, a[i], b[i]);
}

/* In place of the C library's: the report shows which assertion failed. */
_Noreturn void __assert_fail(const char *assertion, const char *file,
                             unsigned line, const char *function);
void __assert_fail(const char *assertion, const char *file, unsigned line,
                   const char *function)
{
    const char *mistake = report->crash;

    for (unsigned i = 0; i < assertion_count; i++)
        if (strcmp(assertions[i].function, function) == 0)
            mistake = assertions[i].mistake;
    if (mistake[0] == '\0')
        mistake = "the call is not allowed here: its contract is in the header";
    judge_fail(mistake, "a failed assertion of %s (%s:%u): %s", function, file,
               line, assertion);
}

/* True if the output is for eyes that want colours. */
static bool has_colours(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') &&
           term != NULL && strcmp(term, "dumb") != 0;
}

static void print_result(const char *word, const char *colour,
                         const char *name)
{
    if (has_colours())
        printf("\033[%sm%-7s\033[0m %s\n", colour, word, name);
    else
        printf("%-7s %s\n", word, name);
}

static int timeout_ms(void)
{
    const char *text = getenv("JUDGE_TIMEOUT_S");
    int s = text != NULL ? atoi(text) : 0;

    return 1000 * (s > 0 ? s : TIMEOUT_S);
}

/* Waits until the case has ended or its time is over. Kills everything that it
 * has started. Returns its status for waitpid's macros, or -1 if it hung. */
static int end_of(pid_t child)
{
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0), status, ready;
    struct pollfd watched = {.fd = pidfd, .events = POLLIN};

    do
        ready = poll(&watched, 1, timeout_ms());
    while (ready < 0 && errno == EINTR);
    kill(-child, SIGKILL);
    close(pidfd);
    if (waitpid(child, &status, 0) != child)
        return -1;
    return ready == 1 ? status : -1;
}

static int run_case(const struct judge_case *checked)
{
    pid_t child;

    memset(report, 0, sizeof *report);
    fflush(NULL);
    child = fork();
    if (child < 0)
        return CANNOT << 8;
    setpgid(child, child); /* both do it: neither has to wait for the other */
    if (child == 0) {
        setpgid(0, 0);
        checked->check();
        fflush(stdout);
        _exit(0);
    }
    return end_of(child);
}

/* Returns what usually causes a signal, for a case that expects none. */
static const char *cause_of(int signal)
{
    switch (signal) {
    case SIGSEGV:
    case SIGBUS:
        return "a pointer is NULL, or was never set, or an index is too large";
    case SIGABRT:
        return "the C library found damaged memory: was an array overrun?";
    default:
        return "the signal ended your code: it must return";
    }
}

/* Writes the lines "came" and "mistake" for a case that did not end by
 * judge_fail. A hang and a crash have different causes, so each has its own
 * text. */
static void explain(int status)
{
    const char *mistake = report->suspect;

    if (status == -1) {
        snprintf(report->came, TEXT_LEN, "nothing: it did not end within %d s",
                 timeout_ms() / 1000);
    } else if (WIFSIGNALED(status)) {
        snprintf(report->came, TEXT_LEN, "signal %d killed it (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
        mistake = report->crash[0] != '\0' ? report->crash
                                           : cause_of(WTERMSIG(status));
    } else {
        snprintf(report->came, TEXT_LEN, "it called exit(%d)",
                 WEXITSTATUS(status));
        mistake = "your code ended the process: it must return";
    }
    snprintf(report->mistake, TEXT_LEN, "%s",
             mistake[0] != '\0' ? mistake : report->came);
}

static void print_report(const struct judge_case *failed)
{
    print_result("FAILED", "31;1", failed->name);
    printf("  run       %s\n", report->run);
    printf("  expected  %s\n", report->expected);
    printf("  came      %s\n", report->came);
    printf("  mistake   %s\n", report->mistake);
}

static void write_verdict(const char *text, const char *detail)
{
    const char *path = getenv("VERDICT");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;

    if (file == NULL)
        return;
    fprintf(file, "%s%s\n", text, detail);
    fclose(file);
}

int judge_main(const char *exercise, const struct judge_case *cases,
               size_t count)
{
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED)
        return 2;
    for (size_t i = 0; i < count; i++) {
        int status = run_case(&cases[i]);

        if (status == 0) {
            print_result("ok", "32", cases[i].name);
            continue;
        }
        if (status != -1 && WIFEXITED(status) &&
            WEXITSTATUS(status) == CANNOT) {
            printf("%s cannot be judged here: %s\n", exercise, report->came);
            return 2;
        }
        if (status == -1 || !WIFEXITED(status) ||
            WEXITSTATUS(status) != FAILED)
            explain(status);
        print_report(&cases[i]);
        write_verdict("failing: ", report->mistake);
        return 1;
    }
    write_verdict("passed", "");
    printf("%s: passed\n", exercise);
    return 0;
}

/* suite.c: a thin layer over Check; see suite.h.
 *
 * Test support. Needs: suite.h. */
#include "suite.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TESTS_MAX 256

/* The limit for tests that hang. It is long, because a test takes many times
 * its usual milliseconds under a sanitizer or on a busy machine. TEST_TIMEOUT_S
 * overrides it. */
#define TIMEOUT_S 200

#define MEMORY_WAITS_MAX 20000

struct entry {
    const TTest *test;
    const char *stage;
    const char *skip_reason;
};

static const char *suite_name;
static const char *stage = "bytes";
static struct entry entries[TESTS_MAX];
static size_t entries_count;
static int counts[3];

enum result { PASS, FAIL, SKIP };

/* A shell makes its background jobs ignore some of these signals, and the
 * programs under test would inherit that. */
static void stop_ignoring_signals(void)
{
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGUSR1};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_DFL);
}

void suite_begin(const char *name)
{
    stop_ignoring_signals();
    suite_name = name;
    setvbuf(stdout, NULL, _IOLBF, 0);
}

void suite_stage(const char *name)
{
    stage = name;
}

void suite_add_test(const TTest *test, const char *skip_reason)
{
    const char *only = getenv("ONLY");

    if (only != NULL && strstr(test->name, only) == NULL)
        return;
    assert(entries_count < TESTS_MAX);
    entries[entries_count++] = (struct entry){test, stage, skip_reason};
}

static unsigned timeout_s(void)
{
    const char *text = getenv("TEST_TIMEOUT_S");
    long value = text != NULL ? strtol(text, NULL, 10) : 0;

    return value > 0 ? (unsigned)value : TIMEOUT_S;
}

/* Prints why the test failed. Check kills a test that takes too long, and its
 * children. */
static void print_failure(const struct entry *entry, TestResult *result)
{
    const char *message = tr_msg(result);

    printf("FAILED %s: %s: ", suite_name, entry->test->name);
    if (strstr(message, "Test timeout expired") != NULL)
        printf("it did not end within %u s; it was last seen", timeout_s());
    else
        printf("%s", message);
    printf(" (%s:%d)\n", tr_lfile(result), tr_lno(result));
}

/* Runs one test in a separate suite, because Check reports results only when a
 * suite has ended. */
static enum result run(const struct entry *entry)
{
    TCase *tcase = tcase_create(entry->test->name);
    Suite *suite = suite_create(suite_name);
    SRunner *runner = srunner_create(suite);
    TestResult **failures;
    int failed;

    tcase_set_timeout(tcase, timeout_s());
    tcase_add_test(tcase, entry->test);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    failures = srunner_failures(runner);
    if (failed > 0)
        print_failure(entry, failures[0]);
    free(failures);
    srunner_free(runner);
    return failed > 0 ? FAIL : PASS;
}

/* Runs or skips a test. Prints its name first, for tests/run or a terminal. */
static enum result run_or_skip(const struct entry *entry)
{
    bool on_terminal = isatty(STDOUT_FILENO);
    enum result result;

    if (entry->skip_reason != NULL) {
        printf("skip %s: %s: %s\n", suite_name, entry->test->name,
               entry->skip_reason);
        return SKIP;
    }
    if (getenv("EVENTS") != NULL)
        printf("begin %s\n", entry->test->name);
    if (on_terminal) {
        printf("%.79s", entry->test->name);
        fflush(stdout);
    }
    result = run(entry);
    if (on_terminal)
        printf("\r\033[K");
    return result;
}

int suite_end(void)
{
    static const char *const names[] = {"pass", "fail", "skip"};

    for (size_t i = 0; i < entries_count; i++) {
        enum result result = run_or_skip(&entries[i]);

        counts[result]++;
        if (getenv("EVENTS") != NULL)
            printf("result %s %s %s\n", names[result], entries[i].stage,
                   entries[i].test->name);
    }
    printf("%s: %d passed, %d failed, %d skipped\n", suite_name, counts[PASS],
           counts[FAIL], counts[SKIP]);
    return counts[FAIL] == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool suite_await_memory(void)
{
    static int waits_left = MEMORY_WAITS_MAX;
    const struct timespec pause = {.tv_nsec = 1000000};

    if (waits_left == 0)
        return false;
    waits_left--;
    nanosleep(&pause, NULL);
    return true;
}

const char *suite_bin(void)
{
    const char *bin = getenv("BIN");

    if (bin == NULL) {
        fprintf(stderr, "BIN is not set: run this through tests/run\n");
        exit(2);
    }
    return bin;
}

const char *suite_why_no(const char *program)
{
    static char reasons[8][256];
    static unsigned next;
    const char *chosen = getenv("PROGRAM");
    static char path[4096];
    char *reason = reasons[next++ % 8];

    snprintf(path, sizeof path, "%s/%s", suite_bin(), program);
    if (access(path, X_OK) != 0)
        snprintf(reason, sizeof reasons[0], "there is no %s", program);
    else if (chosen != NULL && strcmp(chosen, program) != 0)
        snprintf(reason, sizeof reasons[0], "only %s is judged", chosen);
    else
        return NULL;
    return reason;
}

bool suite_is_learners(void)
{
    return getenv("LEARNER") != NULL;
}

void suite_differs(const char *what)
{
    const char *path = getenv("MANNERS");
    FILE *file = path != NULL ? fopen(path, "a") : NULL;

    if (file == NULL)
        return;
    fprintf(file, "differs %s: %.300s\n", suite_name, what);
    fclose(file);
}

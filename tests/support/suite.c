/* suite.c: a thin layer over Check; see suite.h.
 *
 * Test support. Needs: suite.h. */
#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Under a sanitizer or a busy machine a test takes many times its usual
 * milliseconds; this bound is for those that hang. */
#define TEST_TIMEOUT_S 60

#define MEMORY_WAITS_MAX 20000

static const char *suite_name;
static Suite *suite;
static TCase *tests;
static int skipped;

/* A shell ignores these signals for a job in the background, and the programs
 * under test would inherit that. */
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
    suite = suite_create(name);
    tests = tcase_create(name);
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    suite_add_tcase(suite, tests);
    setvbuf(stdout, NULL, _IOLBF, 0);
}

void suite_add_test(const TTest *test, const char *skip_reason)
{
    const char *only = getenv("ONLY");

    if (only != NULL && strstr(test->name, only) == NULL)
        return;
    if (skip_reason != NULL) {
        printf("skip %s: %s: %s\n", suite_name, test->name, skip_reason);
        skipped++;
        return;
    }
    tcase_add_test(tests, test);
}

static void print_failures(SRunner *runner, int count)
{
    TestResult **failures = srunner_failures(runner);

    for (int i = 0; i < count; i++)
        printf("FAILED %s: %s (%s:%d): %s\n", suite_name,
               tr_tcname(failures[i]), tr_lfile(failures[i]),
               tr_lno(failures[i]), tr_msg(failures[i]));
    free(failures);
}

int suite_end(void)
{
    SRunner *runner = srunner_create(suite);
    int failed, run;

    srunner_run_all(runner, CK_SILENT);
    run = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    print_failures(runner, failed);
    srunner_free(runner);
    printf("%s: %d passed, %d failed, %d skipped\n", suite_name, run - failed,
           failed, skipped);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
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

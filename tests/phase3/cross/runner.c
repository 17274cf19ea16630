/* runner.c: suite.h without Check: each test in a child, one after the other.
 *
 * Test support. Needs: suite.h. */
#include "suite.h"

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* A hung test ends by SIGALRM. Emulation is slow. */
#define TEST_TIMEOUT_S 60

static const char *suite_name;
static int passed, failed, skipped;

void suite_begin(const char *name)
{
    suite_name = name;
    setvbuf(stdout, NULL, _IONBF, 0);
}

static bool passes(const TTest *test)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        alarm(TEST_TIMEOUT_S);
        test->fn(0);
        _exit(0);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

void suite_add_test(const TTest *test, const char *skip_reason)
{
    if (skip_reason != NULL) {
        printf("skip %s: %s: %s\n", suite_name, test->name, skip_reason);
        skipped++;
    } else if (passes(test)) {
        passed++;
    } else {
        printf("FAILED %s: %s\n", suite_name, test->name);
        failed++;
    }
}

int suite_end(void)
{
    printf("%s: %d passed, %d failed, %d skipped\n", suite_name, passed, failed,
           skipped);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* memory.c: which memory of a loop is locked.
 *
 * Tests of phase 6. lib locks none. A program that locks all its memory before
 * it makes a loop must get a loop that works. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "await.h"
#include "children.h"
#include "with_loop.h"

#define LOCK_ALL (MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)

enum { TASKS = 1024, STACK_LEN = 65536 }; /* the defaults of loop.h */

/* Returns the KiB of locked memory of this process, or -1. */
static long locked_kib(void)
{
    static char text[4096];
    char *line;
    long kib = -1;

    (void)sys_read_text("/proc/self/status", text, sizeof text);
    line = strstr(text, "VmLck:");
    if (line != NULL)
        (void)sscanf(line, "VmLck: %ld", &kib);
    return kib;
}

static int read_locked_kib(void *kib)
{
    check_res(await_sleep_ns(1000000), 0);
    *(long *)kib = locked_kib();
    return 0;
}

TEST(a_loop_locks_no_memory)
{
    long kib = -1;

    check_res(run(read_locked_kib, &kib), 0);
    ck_assert_int_eq(kib, 0);
}
END_TEST

/* With MCL_ONFAULT a page is locked when it is touched, so stacks that no task
 * has used take no memory. They count against RLIMIT_MEMLOCK nevertheless. */
TEST(a_loop_works_when_the_process_locks_its_memory)
{
    long kib = -1;

    check(mlockall(LOCK_ALL) == 0);
    check_res(run(read_locked_kib, &kib), 0);
    ck_assert_int_ge(kib, TASKS * (STACK_LEN / 1024));
}
END_TEST

/* Tries in a child what the test needs, because locks cannot be nested. */
static const char *why_no_locks(void)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        _exit(mlockall(LOCK_ALL) < 0 || locked_kib() <= 0 ||
              mmap(NULL, 8 * TASKS * STACK_LEN, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    if (children_wait(child, &status, 0) == child && status == 0)
        return NULL;
    return "RLIMIT_MEMLOCK is too small, or a sanitizer ignores mlockall";
}

int main(void)
{
    suite_begin("memory");
    suite_add(a_loop_locks_no_memory);
    suite_add_unless(why_no_locks(),
                     a_loop_works_when_the_process_locks_its_memory);
    return suite_end();
}

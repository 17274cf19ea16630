/* first-task: the smallest program that uses lib. One task prints one file.
 *
 * What it teaches: a loop, a task, and calls that wait. The code of the task
 * reads from top to bottom. Each call whose name begins with await_ suspends
 * the task until the kernel has a result. */
#include <stdio.h>
#include <unistd.h>

#include "await.h"
#include "err.h"

/* The task. loop_run returns its result, which is 0 or -errno. */
static int print_file(void *path)
{
    char buf[1024]; /* small, because the stack is small */
    int fd = await_openat(AT_FDCWD, path, O_RDONLY, 0);
    int rc = fd;

    while (rc >= 0) {
        rc = await_read(fd, buf, sizeof buf, AWAIT_STREAM);
        if (rc <= 0) /* end of file, or -errno */
            break;
        rc = await_write_all(STDOUT_FILENO, buf, (size_t)rc, AWAIT_STREAM);
    }
    if (fd >= 0)
        await_close(fd);
    return rc;
}

/* The loop owns the ring and the stacks of all tasks. It is static because it
 * is large. */
int main(int argc, char **argv)
{
    static struct loop loop;
    int rc;

    if (argc != 2) {
        fputs("Usage: first-task FILE\n", stderr);
        return 2;
    }
    rc = loop_init(&loop, NULL);
    if (rc == 0) {
        rc = loop_run(&loop, print_file, argv[1]);
        loop_finish(&loop);
    }
    if (rc < 0)
        fprintf(stderr, "first-task: %s (%s)\n", err_words(rc), err_name(rc));
    return rc < 0;
}

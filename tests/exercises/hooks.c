/* hooks.c: calls of an answer that a checker can act on; see hooks.h. */
#include "hooks.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "group.h"
#include "judge.h"

void (*hook_before_read)(int fd);
unsigned hook_await_reads;
unsigned hook_enters;
void (*hook_on_enter)(unsigned flags, const void *arg);

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
ssize_t __real_read(int fd, void *buf, size_t len);
int __real_eventfd_read(int fd, eventfd_t *value);
int __real_group_spawn(struct group *group, struct group_task *task,
                       const char *name, task_fn *fn, void *arg);
int __real_await_read(int fd, void *buf, size_t len, uint64_t offset);
ssize_t __wrap_read(int fd, void *buf, size_t len);
int __wrap_eventfd_read(int fd, eventfd_t *value);
int __wrap_group_spawn(struct group *group, struct group_task *task,
                       const char *name, task_fn *fn, void *arg);
int __wrap_await_read(int fd, void *buf, size_t len, uint64_t offset);

static void act(int fd)
{
    void (*hook)(int fd) = hook_before_read;

    hook_before_read = NULL;
    if (hook != NULL)
        hook(fd);
}

ssize_t __wrap_read(int fd, void *buf, size_t len)
{
    act(fd);
    return __real_read(fd, buf, len);
}

int __wrap_eventfd_read(int fd, eventfd_t *value)
{
    act(fd);
    return __real_eventfd_read(fd, value);
}

/* A system call has at most six arguments. As syscall itself, this takes all of
 * them, whether the caller passed them or not. */
long __wrap_syscall(long number, ...)
{
    long args[6];
    va_list list;

    va_start(list, number);
    for (int i = 0; i < 6; i++)
        args[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_io_uring_enter) {
        hook_enters++;
        if (hook_on_enter != NULL)
            hook_on_enter((unsigned)args[3], (const void *)args[4]);
    }
    return __real_syscall(number, args[0], args[1], args[2], args[3], args[4],
                          args[5]);
}

/* An answer may try again after -EAGAIN. One that hangs has not. */
int __wrap_group_spawn(struct group *group, struct group_task *task,
                       const char *name, task_fn *fn, void *arg)
{
    int rc = __real_group_spawn(group, task, name, fn, arg);

    if (rc == -EAGAIN)
        judge_suspect("the loop was full, and group_spawn returned -EAGAIN: "
                      "take a unit of a semaphore before each spawn, and "
                      "release it at the end of the task");
    return rc;
}

int __wrap_await_read(int fd, void *buf, size_t len, uint64_t offset)
{
    hook_await_reads++;
    return __real_await_read(fd, buf, len, offset);
}

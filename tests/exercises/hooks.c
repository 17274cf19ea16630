/* hooks.c: calls of an answer that a checker can act on; see hooks.h. */
#include "hooks.h"

#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "group.h"
#include "judge.h"

void (*hook_before_read)(int fd);

ssize_t __real_read(int fd, void *buf, size_t len);
int __real_eventfd_read(int fd, eventfd_t *value);
int __real_group_spawn(struct group *group, struct group_task *task,
                       const char *name, task_fn *fn, void *arg);
ssize_t __wrap_read(int fd, void *buf, size_t len);
int __wrap_eventfd_read(int fd, eventfd_t *value);
int __wrap_group_spawn(struct group *group, struct group_task *task,
                       const char *name, task_fn *fn, void *arg);

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

/* An answer may try again after -EAGAIN. One that hangs has not. */
int __wrap_group_spawn(struct group *group, struct group_task *task,
                       const char *name, task_fn *fn, void *arg)
{
    int rc = __real_group_spawn(group, task, name, fn, arg);

    if (rc == -EAGAIN)
        judge_suspect("the loop was full, and group_spawn returned -EAGAIN: "
                      "take a unit of a semaphore before each spawn");
    return rc;
}

/* sim_file.c: the table of descriptors; see sim_file.h.
 *
 * What it teaches: a descriptor is only a number. The lowest free one is used
 * next, so an SQE that waits in the SQ while its fd is closed may run on a file
 * that another task has opened. */
#include "sim_file.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "sim_check.h"
#include "sim_epoll.h"
#include "sim_knobs.h"
#include "sim_ring.h"

#define FDS_MAX 64

static struct sim_file *table[FDS_MAX];

void file_begin(void)
{
    memset(table, 0, sizeof table);
}

static int lowest_free(void)
{
    for (int fd = FILE_FIRST_FD; fd < FDS_MAX; fd++)
        if (table[fd] == NULL)
            return fd;
    return -EMFILE;
}

bool file_has_room(void)
{
    return lowest_free() >= 0;
}

int file_install(struct sim_file *file)
{
    int fd = lowest_free();

    if (fd >= 0) {
        table[fd] = file;
        file_hold(file);
    }
    return fd;
}

void file_inherit(int fd, struct sim_file *file)
{
    assert(fd < FILE_FIRST_FD);
    table[fd] = file;
    file_hold(file);
}

struct sim_file *file_of(int fd)
{
    return fd >= 0 && fd < FDS_MAX ? table[fd] : NULL;
}

static void release_if_unused(struct sim_file *file)
{
    if (file->fds > 0 || file->operations > 0)
        return;
    epoll_forget(file);
    if (file->class->release != NULL)
        file->class->release(file);
}

void file_hold(struct sim_file *file)
{
    file->fds++;
}

void file_drop(struct sim_file *file)
{
    if (--file->fds == 0 && file->class->close != NULL)
        file->class->close(file);
    release_if_unused(file);
}

int file_close(int fd)
{
    struct sim_file *file = file_of(fd);

    if (file == NULL)
        check_fail("every-fd-closed-once", "fd %d is closed, and not open", fd);
    if (ring_has_queued_sqe(fd))
        check_fail("no-operation-on-a-closed-fd",
                   "fd %d is closed, and an SQE in the SQ uses it", fd);
    if (file->fds == 1 && file->operations > 0)
        check_fail("no-operation-on-a-closed-fd",
                   "fd %d (%s) is closed, and %u operations use it", fd,
                   file->class->name, file->operations);
    check_trace("close fd %d (%s)", fd, file->class->name);
    table[fd] = NULL;
    file_drop(file);
    return 0;
}

void file_take(struct sim_file *file)
{
    file->operations++;
}

void file_release(struct sim_file *file)
{
    file->operations--;
    release_if_unused(file);
}

void file_check_all_closed(void)
{
    for (int fd = FILE_FIRST_FD; fd < FDS_MAX; fd++)
        if (table[fd] != NULL)
            check_fail("every-fd-closed-once", "fd %d (%s) is still open", fd,
                       table[fd]->class->name);
}

/* sim_watch.c: inotify of the simulated kernel; see sim_watch.h.
 *
 * What it teaches: an event is in the queue when the change is done, so a
 * program that reads the queue knows of all earlier changes. But the queue is
 * finite: if it is full, the kernel drops events, and reports only that it has
 * dropped some. */
#include "sim_watch.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

#include "queue.h"
#include "sim_file.h"
#include "sim_knobs.h"
#include "sim_memory.h"
#include "sys.h"

#define WATCHES_MAX 2
#define QUEUE_MAX 3u

struct watch_file {
    struct sim_file file;
    bool has_directory;
    bool has_overflow;
    unsigned queued;
};

static struct watch_file watches[WATCHES_MAX];
static const struct file_class watch_class = {.name = "inotify"};

void watch_begin(void)
{
    memset(watches, 0, sizeof watches);
}

/* Two equal events in a row may become one, so they are not counted exactly. */
void watch_report(void)
{
    for (int i = 0; i < WATCHES_MAX; i++) {
        struct watch_file *watch = &watches[i];

        if (!watch->has_directory)
            continue;
        if (watch->queued < QUEUE_MAX)
            watch->queued++;
        else
            watch->has_overflow = true;
    }
}

/* A user may have few inotify instances, and a container none. */
int sys_watch_open(void)
{
    struct watch_file *watch = watches;

    if (knob_is_on(KNOB_NO_WATCH))
        return -EMFILE;
    while (watch->file.fds > 0)
        watch++;
    assert(watch < watches + WATCHES_MAX);
    *watch = (struct watch_file){.file.class = &watch_class};
    return file_install(&watch->file);
}

static struct watch_file *watch_of(int fd)
{
    struct sim_file *file = file_of(fd);

    assert(file != NULL && file->class == &watch_class);
    return container_of(file, struct watch_file, file);
}

/* There is one directory, so every watch descriptor is the first. */
int sys_watch_add(int fd, const char *path, uint32_t events)
{
    (void)path, (void)events;
    watch_of(fd)->has_directory = true;
    return 1;
}

/* Returns one event per call: a program must read until there is none. */
int sys_read(int fd, void *buf, size_t len)
{
    struct watch_file *watch = watch_of(fd);
    struct inotify_event event = {.wd = 1, .mask = IN_MODIFY};

    assert(len >= sizeof event);
    if (watch->queued > 0) {
        watch->queued--;
    } else if (watch->has_overflow) {
        watch->has_overflow = false;
        event = (struct inotify_event){.wd = -1, .mask = IN_Q_OVERFLOW};
    } else {
        return -EAGAIN;
    }
    memory_copy(buf, &event, sizeof event);
    return (int)sizeof event;
}

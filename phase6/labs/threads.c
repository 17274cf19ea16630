/* threads.c: the kernel's threads of this process; see threads.h.
 * Introduced in phase 6. Needs: threads.h, sys.h. */
#include "threads.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

/* A worker starts within a millisecond, but later on a busy machine. */
#define WAIT_NS UINT64_C(10000000000)

int threads_count(const char *prefix, int count_min, int *tid)
{
    uint64_t deadline_ns = sys_now_ns() + WAIT_NS;
    int count;

    do {
        DIR *tasks = opendir("/proc/self/task");
        struct dirent *task;

        count = 0;
        while (tasks != NULL && (task = readdir(tasks)) != NULL) {
            char path[288], name[32] = "";

            snprintf(path, sizeof path, "/proc/self/task/%s/comm",
                     task->d_name);
            (void)sys_read_text(path, name, sizeof name);
            if (strncmp(name, prefix, strlen(prefix)) != 0)
                continue;
            *tid = atoi(task->d_name);
            count++;
        }
        if (tasks != NULL)
            closedir(tasks);
        if (count < count_min)
            sys_pause_ns(1000000);
    } while (count < count_min && sys_now_ns() < deadline_ns);
    return count;
}

int threads_poller(const struct io_uring *ring)
{
    uint64_t deadline_ns = sys_now_ns() + WAIT_NS;
    static char text[4096];
    char path[64], *line;
    int tid = -1;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", ring->ring_fd);
    while (tid <= 0 && sys_now_ns() < deadline_ns) {
        (void)sys_read_text(path, text, sizeof text);
        line = strstr(text, "SqThread:");
        if (line != NULL)
            tid = atoi(line + strlen("SqThread:"));
    }
    return tid;
}

void threads_wait_asleep(int tid)
{
    uint64_t deadline_ns = sys_now_ns() + WAIT_NS;
    char path[64], text[128], *end;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    while (sys_read_text(path, text, sizeof text) > 0 &&
           sys_now_ns() < deadline_ns) {
        end = strrchr(text, ')'); /* ends the thread's name */
        if (end != NULL && end[1] == ' ' && end[2] == 'S')
            break;
        sys_pause_ns(100000);
    }
}

void threads_cpus(int tid, char *text, size_t len)
{
    static char status[4096];
    char path[64], found[32] = "unknown", *line;

    snprintf(path, sizeof path, "/proc/self/task/%d/status", tid);
    (void)sys_read_text(path, status, sizeof status);
    line = strstr(status, "Cpus_allowed_list:");
    if (line != NULL)
        (void)sscanf(line, "%*s %31s", found);
    snprintf(text, len, "%s", found);
}

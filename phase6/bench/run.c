/* run.c: one run in a child process; see run.h. */
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"
#include "strategy.h"
#include "sys.h"

/* Descriptors besides those of the items: stdio, ring, eventfds, /proc. */
#define OTHER_FILES 16u

struct outcome *run_map_outcome(void)
{
    void *memory = mmap(NULL, sizeof(struct outcome), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

/* Returns the CPU time of all threads of this process, in user space and in the
 * kernel. */
static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Returns the peak of the memory in use, in bytes, or 0. */
static uint64_t peak_of_memory(void)
{
    static const char name[] = "\nVmHWM:";
    static char status[4096];
    const char *found;

    (void)sys_read_text("/proc/self/status", status, sizeof status);
    found = strstr(status, name);
    return found != NULL ? strtoull(found + strlen(name), NULL, 10) * 1024 : 0;
}

/* The kernel gives io-wq workers names that begin with "iou-wrk". Both numbers
 * come from one pass over the threads, so that a worker that starts now is in
 * both or in neither. */
void run_count_threads(struct run *run)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    uint64_t threads = 0, workers = 0;

    while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
        char path[sizeof "/proc/self/task//comm" + sizeof entry->d_name];
        char name[32];

        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        if (entry->d_name[0] == '.' ||
            sys_read_text(path, name, sizeof name) <= 0)
            continue;
        threads++;
        workers += strncmp(name, "iou-wrk", 7) == 0;
    }
    if (tasks != NULL)
        closedir(tasks);
    if (threads > run->outcome->threads) {
        run->outcome->threads = threads;
        run->outcome->workers = workers;
    }
}

void run_begin_work(struct run *run)
{
    run->outcome->setup_ns = sys_now_ns() - run->started_ns;
    run_count_threads(run);
    run->work_cpu_ns = cpu_ns();
    run->work_ns = sys_now_ns();
}

void run_end_work(struct run *run)
{
    run->outcome->wall_ns = sys_now_ns() - run->work_ns;
    run->outcome->cpu_ns = cpu_ns() - run->work_cpu_ns;
    run_count_threads(run);
    run->outcome->rss_len = peak_of_memory();
}

/* The child. A limit on open files is checked first, because otherwise some
 * strategies would read a part of the files and then fail. */
static int run_strategy(struct run *run, const struct strategy *strategy)
{
    const struct work *work = run->work;
    uint64_t files = work->load == WORK_FILES ? (uint64_t)run->at_once : 1;
    int result;

    if (sys_open_files_max() < files + OTHER_FILES)
        return -EMFILE;
    if (work->load != WORK_FILES) {
        run->fd = open(work->names[0], work_open_flags(work));
        if (run->fd < 0) {
            run->outcome->failed_file = 0;
            return -errno;
        }
    }
    run->started_ns = sys_now_ns();
    result = strategy->method->run(run);
    return result < 0 ? result : atomic_load(&run->failure);
}

int run_in_child(const struct work *work, const struct strategy *strategy,
                 struct outcome *outcome)
{
    struct run run = {.work = work, .outcome = outcome, .fd = -1,
                      .at_once = strategy->at_once};
    pid_t child;
    int status;

    *outcome = (struct outcome){.failed_file = RUN_NO_FILE};
    if (interrupt_number() != 0)
        return -EINTR;
    child = fork();
    if (child < 0)
        return -errno;
    if (child == 0) {
        interrupt_reset();
        /* The kernel ends the child if bench is killed. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        outcome->result = run_strategy(&run, strategy);
        /* exit(3) would write the parent's buffered output once more. */
        _exit(0);
    }
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
        if (interrupt_number() != 0)
            kill(child, SIGKILL);
    }
    if (interrupt_number() != 0)
        return -EINTR;
    outcome->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 0;
}

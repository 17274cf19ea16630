/* ring_watch.c: counts what an answer does with its ring; see ring_watch.h.
 *
 * The linker's --wrap=f renames the answer's calls: f becomes __wrap_f, which
 * is here, and __real_f is liburing's. */
#include "ring_watch.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "judge.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "which AUDIT_ARCH_* is this?"
#endif

struct watch *watch;

__attribute__((constructor)) static void share(void)
{
    watch = mmap(NULL, sizeof *watch, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (watch == MAP_FAILED)
        _exit(2);
}

void watch_reset(void)
{
    memset(watch, 0, sizeof *watch);
}

int __real_io_uring_queue_init(unsigned entries, struct io_uring *ring,
                               unsigned flags);
int __real_io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                                      struct io_uring_params *params);
void __real_io_uring_queue_exit(struct io_uring *ring);
int __real_io_uring_submit(struct io_uring *ring);
int __real_io_uring_submit_and_wait(struct io_uring *ring, unsigned count);
int __real_io_uring_submit_and_wait_timeout(struct io_uring *ring,
                                            struct io_uring_cqe **cqe,
                                            unsigned count,
                                            struct __kernel_timespec *time,
                                            sigset_t *mask);

int __real_io_uring_submit_and_get_events(struct io_uring *ring);

int __wrap_io_uring_queue_init(unsigned entries, struct io_uring *ring,
                               unsigned flags);
int __wrap_io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                                      struct io_uring_params *params);
void __wrap_io_uring_queue_exit(struct io_uring *ring);
int __wrap_io_uring_submit(struct io_uring *ring);
int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned count);
int __wrap_io_uring_submit_and_wait_timeout(struct io_uring *ring,
                                            struct io_uring_cqe **cqe,
                                            unsigned count,
                                            struct __kernel_timespec *time,
                                            sigset_t *mask);
int __wrap_io_uring_submit_and_get_events(struct io_uring *ring);

static unsigned load(const unsigned *index)
{
    return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

void watch_ring(struct io_uring *ring)
{
    watch->ring = ring;
    watch->sq_head = ring->sq.khead;
    watch->cq_head = ring->cq.khead;
    watch->cq_tail = ring->cq.ktail;
    watch->sq_begin = load(watch->sq_head);
    watch->cq_begin = load(watch->cq_head);
    watch->submits = 0;
    watch->entry_count = 0;
}

void watch_make_ring(struct io_uring *ring, unsigned entries, unsigned flags)
{
    int rc = __real_io_uring_queue_init(entries, ring, flags);

    if (rc < 0)
        judge_cannot("io_uring_queue_init (build/phase0/envcheck shows why)",
                     rc);
    watch_ring(ring);
}

int __wrap_io_uring_queue_init(unsigned entries, struct io_uring *ring,
                               unsigned flags)
{
    watch->rings++;
    if (watch->refusal != 0)
        return watch->refusal;
    watch_make_ring(ring, entries, flags);
    return 0;
}

int __wrap_io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                                      struct io_uring_params *params)
{
    int rc = watch->refusal;

    watch->rings++;
    if (rc == 0)
        rc = __real_io_uring_queue_init_params(entries, ring, params);
    if (rc == 0)
        watch_ring(ring);
    return rc;
}

void watch_freeze(void)
{
    if (watch->ring == NULL)
        return;
    watch->sq_end = load(watch->sq_head);
    watch->cq_end = load(watch->cq_head);
    watch->cq_tail_end = load(watch->cq_tail);
    watch->ring = NULL;
}

void __wrap_io_uring_queue_exit(struct io_uring *ring)
{
    if (ring == watch->ring) {
        watch_freeze();
        watch->rings_closed++;
    }
    __real_io_uring_queue_exit(ring);
}

/* Keeps the entries that this submit adds. */
static void look(const struct io_uring *ring)
{
    watch->submits++;
    for (unsigned i = ring->sq.sqe_head; i != ring->sq.sqe_tail; i++)
        if (watch->entry_count < WATCH_ENTRIES_MAX)
            watch->entries[watch->entry_count++] =
                ring->sq.sqes[i & *ring->sq.kring_mask];
    if (watch->on_submit != NULL)
        watch->on_submit();
}

static int submitted(int rc)
{
    if (watch->on_submitted != NULL)
        watch->on_submitted();
    return rc;
}

int __wrap_io_uring_submit(struct io_uring *ring)
{
    look(ring);
    return submitted(__real_io_uring_submit(ring));
}

int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned count)
{
    look(ring);
    return submitted(__real_io_uring_submit_and_wait(ring, count));
}

int __wrap_io_uring_submit_and_wait_timeout(struct io_uring *ring,
                                            struct io_uring_cqe **cqe,
                                            unsigned count,
                                            struct __kernel_timespec *time,
                                            sigset_t *mask)
{
    look(ring);
    return submitted(__real_io_uring_submit_and_wait_timeout(ring, cqe, count,
                                                             time, mask));
}

int __wrap_io_uring_submit_and_get_events(struct io_uring *ring)
{
    look(ring);
    return submitted(__real_io_uring_submit_and_get_events(ring));
}

unsigned watch_submitted(void)
{
    unsigned head = watch->ring != NULL ? load(watch->sq_head)
                                       : watch->sq_end;

    return head - watch->sq_begin;
}

unsigned watch_reaped(void)
{
    unsigned head = watch->ring != NULL ? load(watch->cq_head)
                                       : watch->cq_end;

    return head - watch->cq_begin;
}

unsigned watch_waiting(void)
{
    if (watch->ring == NULL)
        return watch->cq_tail_end - watch->cq_end;
    return load(watch->cq_tail) - load(watch->cq_head);
}

unsigned watch_posted(void)
{
    return watch_reaped() + watch_waiting();
}

void watch_is_settled(void)
{
    if (watch_waiting() > 0)
        judge_fail("a CQE was not marked as seen: the next user of the ring "
                   "takes it for its own", "%u results in the CQ",
                   watch_waiting());
    if (watch_reaped() < watch_submitted())
        judge_fail("an operation is still in flight: wait for its CQE",
                   "%u SQEs, but %u CQEs", watch_submitted(), watch_reaped());
}

/* Between two looks at a condition. */
static void let_others_run(void)
{
    static const struct timespec pause = {.tv_nsec = 50000};

    nanosleep(&pause, NULL);
}

void watch_until_submitted(unsigned count)
{
    while (watch_submitted() < count)
        let_others_run();
}

void watch_until_posted(unsigned count)
{
    while (watch_posted() < count)
        let_others_run();
}

void watch_until_asleep(int thread)
{
    char path[64], line[256], state = 0;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    while (state != 'S') {
        FILE *file = fopen(path, "r");

        if (file == NULL || fgets(line, sizeof line, file) == NULL)
            judge_cannot(path, -errno);
        fclose(file);
        /* The name is in parentheses, and may have any character. */
        state = strrchr(line, ')')[2];
        let_others_run();
    }
}

static const struct {
    unsigned number;
    const char *name;
} reads[] = {
    {SYS_read, "read"},         {SYS_pread64, "pread"},
    {SYS_readv, "readv"},       {SYS_preadv, "preadv"},
    {SYS_preadv2, "preadv2"},   {SYS_sendfile, "sendfile"},
    {SYS_splice, "splice"},     {SYS_copy_file_range, "copy_file_range"},
};

static void on_forbidden(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        if ((unsigned)info->si_syscall == reads[i].number)
            judge_fail("the bytes did not come through the ring: use "
                       "io_uring_prep_read", "it called %s", reads[i].name);
}

/* The kernel turns a forbidden call into SIGSYS. A kernel without filters lets
 * the answer go on; the counters of the ring still notice it. */
void watch_forbid_reads(void)
{
    enum { COUNT = sizeof reads / sizeof *reads };
    struct sock_filter code[4 + 2 * COUNT + 1] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    const struct sock_fprog program = {sizeof code / sizeof *code, code};
    struct sigaction action = {.sa_sigaction = on_forbidden,
                               .sa_flags = SA_SIGINFO};

    for (unsigned i = 0; i < COUNT; i++) {
        code[4 + 2 * i] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, reads[i].number, 0, 1);
        code[5 + 2 * i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
                                                       SECCOMP_RET_TRAP);
    }
    code[4 + 2 * COUNT] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
                                                       SECCOMP_RET_ALLOW);
    sigaction(SIGSYS, &action, NULL);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

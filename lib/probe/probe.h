/* probe.h: the abilities of the running kernel's io_uring.
 * Introduced in phase 0. Needs: nothing.
 *
 * Probe a kernel, and do not look at its version: distributions add features to
 * old versions and remove them from new ones. probe.c uses bare system calls,
 * so it needs no library and works if the library is older than the kernel.
 * Nothing here suspends a task.
 *
 *     struct probe probe;
 *
 *     if (probe_run(&probe) < 0)
 *         ... diagnose.h finds the cause ...
 *     if (probe_has_op(&probe, IORING_OP_SPLICE))
 *         ... */
#ifndef ONE_RING_PROBE_H
#define ONE_RING_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/* The limit of opcodes in a probe; Linux 7.0 has 65. */
#define PROBE_OPS_MAX 128

struct probe {
    int setup_result;  /* of io_uring_setup: 0, or -errno; then the rest is 0 */
    int ops_result;    /* of the request for opcodes: 0, or -errno */
    uint32_t features; /* IORING_FEAT_* */
    int ops_count;     /* opcodes that this kernel has a number for */
    bool ops[PROBE_OPS_MAX];
};

/* Makes a ring, requests its features and opcodes, and closes it. Leaves
 * nothing open. If only the request for opcodes is refused (-EINVAL before
 * Linux 5.6; often -EPERM under a seccomp filter), the call succeeds: see
 * ops_result.
 *
 * Returns 0       *out is filled
 *         -errno  as io_uring_setup(2), also in out->setup_result */
int probe_run(struct probe *out);

/* Returns true if the kernel executes opcode op. False for a number that it
 * does not know, and for every number if it refused the request for opcodes. */
bool probe_has_op(const struct probe *probe, int op);

/* Returns true if the kernel reported every IORING_FEAT_* of mask. */
bool probe_has_feature(const struct probe *probe, uint32_t mask);

/* Makes a ring of entries with these IORING_SETUP_* flags, and closes it.
 *
 * Returns 0        the kernel accepts the flags
 *         -EINVAL  a flag is unknown, or lacks its companion (DEFER_TASKRUN
 *                  needs SINGLE_ISSUER)
 *         -ENXIO   ATTACH_WQ is known, and lacks its argument
 *         -EFAULT  NO_MMAP is known, and lacks its argument
 *         -ENOMEM  no memory; the kernel may still hold that of closed rings
 *         -errno   as io_uring_setup(2) */
int probe_try_flags(unsigned entries, uint32_t flags);

/* The -errno of two calls that change nothing, from the kernel or a filter. */
struct probe_answers {
    int setup; /* io_uring_setup(1, NULL): -EFAULT from a kernel */
    int enter; /* io_uring_enter(-1, ...): -EBADF from a kernel */
};

/* Makes those calls. Another answer than the two above comes from a filter
 * before the kernel, or from a rule of the kernel: diagnose.h finds out which.
 * Cannot fail. */
void probe_ask(struct probe_answers *out);

/* Returns NULL if this machine has opcode op; otherwise a sentence for a skip
 * or an error message, which names the opcode and the first kernel that has it.
 * op is 0 to PROBE_OPS_MAX - 1. Probes once per process; the first call must
 * not run beside others. Static storage, separate for each op. */
const char *probe_missing_op(int op);

#endif

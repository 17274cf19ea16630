/* probe.h: finds out what the running kernel's io_uring supports.
 * Introduced in phase 0. Needs: nothing.
 *
 * Probe the kernel instead of checking its version, because distributions add
 * features to old versions and remove them from new ones. probe.c makes raw
 * system calls, so it works even if liburing is missing or older than the
 * kernel. Nothing here suspends a task.
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

/* The maximum number of opcodes that a probe can record; Linux 7.0 has 65. */
#define PROBE_OPS_MAX 128

struct probe {
    int setup_result;  /* of io_uring_setup; if < 0, all other members are 0 */
    int ops_result;    /* of the opcode request: 0 or -errno */
    uint32_t features; /* IORING_FEAT_* */
    int ops_count;     /* opcodes that the kernel reported */
    bool ops[PROBE_OPS_MAX];
};

/* Makes a ring, requests its features and opcodes, and closes it. Leaves no
 * descriptor open. If only the opcode request is refused (-EINVAL before Linux
 * 5.6; often -EPERM under a seccomp filter), probe_run still succeeds, and
 * out->ops_result has the errno.
 *
 * Returns 0       *out is filled
 *         -errno  from io_uring_setup(2); out->setup_result has it, too */
int probe_run(struct probe *out);

/* Returns true if the kernel supports opcode op. Returns false for a number
 * that the kernel does not know, and for every number if the opcode request was
 * refused. */
bool probe_has_op(const struct probe *probe, int op);

/* Returns true if the kernel reported every IORING_FEAT_* of mask. */
bool probe_has_feature(const struct probe *probe, uint32_t mask);

/* Makes a ring with this many SQ entries and these IORING_SETUP_* flags, and
 * closes it.
 *
 * Returns 0        the kernel accepts the flags
 *         -EINVAL  a flag is unknown, or needs another flag (DEFER_TASKRUN
 *                  needs SINGLE_ISSUER)
 *         -ENXIO   ATTACH_WQ is known, but no ring was passed
 *         -EFAULT  NO_MMAP is known, but no memory was passed
 *         -ENOMEM  no memory; the kernel may not have freed closed rings yet
 *         -errno   from io_uring_setup(2) */
int probe_try_flags(unsigned entries, uint32_t flags);

/* The results of two system calls that change nothing. The results come from
 * the kernel, or from a seccomp filter. */
struct probe_answers {
    int setup; /* io_uring_setup(1, NULL): a kernel returns -EFAULT */
    int enter; /* io_uring_enter(-1, ...): a kernel returns -EBADF */
};

/* Makes the two calls of struct probe_answers. If a result differs from the
 * errno listed there, a filter or the kernel refuses the call, and diagnose()
 * finds out which of the two refuses it. Cannot fail. */
void probe_ask(struct probe_answers *out);

/* Returns NULL if the kernel has opcode op (0 to PROBE_OPS_MAX - 1). Otherwise
 * returns the reason, as a text for a skipped test or an error message. If the
 * kernel lacks the opcode, the text names the opcode and the first Linux
 * release that has it. If the probe failed, the text names the errno. The text
 * is static, and each op has its own text. Only the first call probes the
 * kernel. Do not call this in two threads at the same time. */
const char *probe_missing_op(int op);

#endif

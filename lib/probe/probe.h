/* probe.h: what this kernel's io_uring can do, asked of the kernel itself.
 * Introduced in phase 0. Needs: nothing.
 *
 * A kernel is asked, never recognised: distributions carry features back to
 * old versions and leave them out of new ones, so a version number says little.
 * probe.c uses bare system calls: it needs no library, and it works where the
 * library is older than the kernel. Nothing here suspends a task.
 *
 *     struct probe probe;
 *
 *     if (probe_run(&probe) < 0)
 *         ... diagnose.h says who refused ...
 *     if (probe_has_op(&probe, IORING_OP_SPLICE))
 *         ... */
#ifndef ONE_RING_PROBE_H
#define ONE_RING_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/* The most opcodes that we ask for; Linux 7.0 has 65. */
#define PROBE_OPS_MAX 128

struct probe {
    int setup_result;  /* of io_uring_setup: 0, or -errno; then all is zero */
    int ops_result;    /* of asking for the opcodes: 0, or -errno */
    uint32_t features; /* IORING_FEAT_* */
    int ops_count;     /* opcodes that this kernel has a number for */
    bool ops[PROBE_OPS_MAX];
};

/* Makes a ring, asks it what it offers, closes it. Leaves nothing open.
 *
 * Returns 0, or the -errno with which the kernel refused a ring. That the ring
 * was made and only the question for opcodes refused (-EINVAL before Linux 5.6;
 * often -EPERM under a seccomp filter) is no failure: see ops_result. */
int probe_run(struct probe *out);

/* Whether the kernel executes opcode op. False for any number that it does not
 * know, and for all of them where it did not answer the question. */
bool probe_has_op(const struct probe *probe, int op);

/* Whether every IORING_FEAT_* of mask was announced. */
bool probe_has_feature(const struct probe *probe, uint32_t mask);

/* Makes a ring of entries with these IORING_SETUP_* flags, and closes it.
 *
 * Returns 0, or -errno: -EINVAL for an unknown flag or for one without its
 * companion (DEFER_TASKRUN needs SINGLE_ISSUER); another errno for a known one
 * that lacks its argument: ATTACH_WQ -ENXIO, NO_MMAP -EFAULT. A closed ring
 * gives its memory back a little later, so -ENOMEM may speak of those before.
 */
int probe_try_flags(unsigned entries, uint32_t flags);

/* The answers to two calls that can do nothing, whoever gives them: -errno. */
struct probe_answers {
    int setup; /* io_uring_setup(1, NULL): a kernel says -EFAULT */
    int enter; /* io_uring_enter(-1, ...): a kernel says -EBADF */
};

/* Makes those calls. Anything else than the two answers above comes from
 * somebody who stands before the kernel, or from a rule that the kernel was
 * given: diagnose.h tells which. */
void probe_ask(struct probe_answers *out);

/* NULL where this machine has opcode op; otherwise a sentence that names the
 * opcode and the kernel that brought it, for a skip or an error message. The
 * machine is asked once a process, by the first caller's thread. Static
 * storage: a sentence stays valid while others are made. */
const char *probe_missing_op(int op);

#endif

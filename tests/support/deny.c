/* deny.c: refuse io_uring's system calls, as containers do; see deny.h.
 *
 * Test support. Needs: deny.h.
 *
 * The filter is a program of classic BPF: load the architecture, load the
 * number of the call, compare, answer. The three numbers are the same on every
 * architecture, as all numbers are that were given since 2019. */
#include "deny.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "which AUDIT_ARCH_* is this?"
#endif

static unsigned answer(int denied)
{
    if (denied == 0)
        return SECCOMP_RET_ALLOW;
    if (denied == DENY_KILL)
        return SECCOMP_RET_KILL_PROCESS;
    return SECCOMP_RET_ERRNO | ((unsigned)denied & SECCOMP_RET_DATA);
}

/* The number of the call is compared; equal falls through to the answer. */
#define CASE(number, denied)                                                  \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                      \
        BPF_STMT(BPF_RET | BPF_K, answer(denied))

int deny_install(const struct deny *deny)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        /* A number means something else on another architecture. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        CASE(SYS_io_uring_setup, deny->setup),
        CASE(SYS_io_uring_enter, deny->enter),
        CASE(SYS_io_uring_register, deny->reg),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof *code, code};

    /* Without this promise only root may install a filter: a setuid program
     * could be misled by the answers. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return -errno;
    return 0;
}

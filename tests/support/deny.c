/* deny.c: refuses io_uring's system calls, as containers do; see deny.h.
 *
 * Test support. Needs: deny.h.
 *
 * The filter is a classic BPF program. It loads the architecture and the number
 * of the call, compares them, and returns an answer. System calls added since
 * 2019, such as these three, have the same number on every architecture. */
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

#define LANDLOCK_CREATE 444 /* older headers lack it */

static unsigned answer(int denied)
{
    if (denied == 0)
        return SECCOMP_RET_ALLOW;
    if (denied == DENY_KILL)
        return SECCOMP_RET_KILL_PROCESS;
    return SECCOMP_RET_ERRNO | ((unsigned)denied & SECCOMP_RET_DATA);
}

/* Compares the number of the call. If it is equal, returns the answer. */
#define CASE(number, denied)                                                  \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                      \
        BPF_STMT(BPF_RET | BPF_K, answer(denied))

int deny_install(const struct deny *deny)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        /* On another architecture, the numbers mean other calls: allow all. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        CASE(SYS_io_uring_setup, deny->setup),
        CASE(SYS_io_uring_enter, deny->enter),
        CASE(SYS_io_uring_register, deny->reg),
        CASE(LANDLOCK_CREATE, deny->landlock),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof *code, code};

    /* Without this, only root may install a filter, because the answers could
     * mislead a setuid program. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return -errno;
    return 0;
}

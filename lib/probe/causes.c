/* causes.c: causes of a refused io_uring, and their cures; see causes.h.
 * Introduced in phase 0. Needs: causes.h.
 *
 * What it teaches: there are good reasons to forbid io_uring. A system call
 * filter cannot see the operations in a ring, and for some years io_uring had
 * many security holes. So several parts of a system can forbid it, and each
 * cure helps against only one of them. docs/containers.md discusses the
 * reasons. */
#include "causes.h"

#include <assert.h>
#include <stddef.h>

#define PROFILE "docs/seccomp.json"

/* The runtime that starts the container or the service installs the filter. A
 * process inside cannot remove the filter, because a process can only add
 * filters. */
static const struct cure let_through[] = {
    {"docker", "docker run --security-opt seccomp=" PROFILE " IMAGE"},
    {"podman", "podman run --security-opt seccomp=" PROFILE " IMAGE"},
    {"compose", "security_opt: [\"seccomp=" PROFILE "\"]"},
    {"devcontainer",
     "\"runArgs\": [\"--security-opt\", \"seccomp=" PROFILE "\"]"},
    {"kubernetes", "seccompProfile: {type: Localhost, "
                   "localhostProfile: seccomp.json}"},
    {"systemd", "SystemCallFilter=io_uring_setup io_uring_enter "
                "io_uring_register"},
    {NULL, NULL},
};

/* gVisor is a program that implements a kernel in user space. It has only the
 * system calls that its authors implemented. */
static const struct cure another_runtime[] = {
    {"docker", "docker run --runtime=runc IMAGE"},
    {"kubernetes", "remove runtimeClassName: gvisor from the pod"},
    {NULL, NULL},
};

/* kernel.io_uring_disabled applies to the whole machine, not to one container.
 * Some distributions and cloud providers set it by default. */
static const struct cure unlock_all[] = {
    {"sysctl", "sudo sysctl kernel.io_uring_disabled=0"},
    {"at boot", "echo kernel.io_uring_disabled=0 | sudo tee "
                "/etc/sysctl.d/60-io_uring.conf"},
    {"container", "run sysctl on the host, whose kernel the container shares"},
    {NULL, NULL},
};

/* The group comes first, because it lets fewer processes use io_uring than
 * kernel.io_uring_disabled=0 does. */
static const struct cure unlock_group[] = {
    {"group", "sudo sysctl kernel.io_uring_group=$(id -g)"},
    {"sysctl", "sudo sysctl kernel.io_uring_disabled=0"},
    {"container", "run sysctl on the host, whose kernel the container shares"},
    {NULL, NULL},
};

/* Linux 5.10 runs most of phases 1 and 2, and 6.1 runs all phases. The programs
 * probe the kernel and do not check its version. */
static const struct cure other_kernel[] = {
    {"distribution", "boot a kernel with CONFIG_IO_URING=y, 6.1 or newer"},
    {"own kernel", "General setup > Enable IO uring support (docs/env.md)"},
    {NULL, NULL},
};

/* On WSL, Windows provides one kernel for all distributions. */
static const struct cure newer_wsl[] = {
    {"windows", "wsl --update, then wsl --shutdown"},
    {"own kernel", "CONFIG_IO_URING=y, kernel= in .wslconfig (docs/env.md)"},
    {NULL, NULL},
};

static const struct cure second_wsl[] = {
    {"windows", "wsl --set-version DISTRIBUTION 2"},
    {NULL, NULL},
};

/* If a container hides the facts, run envcheck outside the container. */
static const struct cure ask_outside[] = {
    {"container", "run envcheck outside; if it works there, suspect a filter"},
    {"kernel", "grep IO_URING /boot/config-$(uname -r); see docs/env.md"},
    {NULL, NULL},
};

/* SELinux logs each call that it refuses, with the name of the process. */
static const struct cure ask_the_module[] = {
    {"selinux", "sudo ausearch -m avc -ts recent; allow the domain "
                "self:io_uring allowed"},
    {"others", "cat /sys/kernel/security/lsm; then the log of that module"},
    {NULL, NULL},
};

/* A shell can raise the soft limit, up to the hard one. A container or a
 * service inherits both from the program that starts it. */
static const struct cure more_memlock[] = {
    {"shell", "ulimit -l 8192 (KiB; only root can exceed the hard limit)"},
    {"docker", "docker run --ulimit memlock=-1 IMAGE"},
    {"compose", "ulimits: {memlock: -1}"},
    {"login", "/etc/security/limits.conf: * - memlock unlimited"},
    {"systemd", "LimitMEMLOCK=infinity"},
    {"program", "a smaller ring: --sq 64"},
    {NULL, NULL},
};

static const struct cure more_memory[] = {
    {"container", "raise its memory limit"},
    {"program", "a smaller ring: --sq 64"},
    {NULL, NULL},
};

static const struct cure more_descriptors[] = {
    {"shell", "ulimit -n 1024"},
    {"docker", "docker run --ulimit nofile=1024 IMAGE"},
    {"systemd", "LimitNOFILE=1024"},
    {NULL, NULL},
};

static const struct cure more_files[] = {
    {"sysctl", "sudo sysctl fs.file-max=1000000"},
    {NULL, NULL},
};

static const struct cure tell_us[] = {
    {"please", "report it with the output of envcheck --json"},
    {NULL, NULL},
};

static const struct cause causes[CAUSES] = {
    /* Docker has refused io_uring since version 25.0 (moby pull request 46762),
     * and containerd since version 2.0 (pull request 9320). */
    [CAUSE_SECCOMP_EPERM] =
        {"seccomp-eperm",
         "a seccomp filter returns EPERM for io_uring's system calls, as the "
         "default profiles of Docker and containerd do",
         let_through},
    /* Podman's profile returns ENOSYS for calls that it does not list, so that
     * programs fall back as on an old kernel. */
    [CAUSE_SECCOMP_ENOSYS] =
        {"seccomp-enosys",
         "a seccomp filter returns ENOSYS for io_uring's system calls, as "
         "Podman's default profile does; the kernel behind it has io_uring",
         let_through},
    [CAUSE_SECCOMP_OTHER] =
        {"seccomp-other",
         "a seccomp filter returns an unusual errno for io_uring's system "
         "calls",
         let_through},
    /* envcheck survives a filter that kills, because it makes the first call in
     * a child process (phase0/child_probe.h). */
    [CAUSE_SECCOMP_KILL] =
        {"seccomp-kill",
         "a seccomp filter kills a process that calls io_uring (SIGSYS), as "
         "SystemCallFilter= in a systemd unit does by default",
         let_through},
    [CAUSE_SECCOMP_SETUP] =
        {"seccomp-setup",
         "a seccomp filter refuses io_uring_setup, but allows io_uring_enter",
         let_through},
    /* This is not fatal: liburing can make a ring without io_uring_register. */
    [CAUSE_SECCOMP_REGISTER] =
        {"seccomp-register",
         "a seccomp filter refuses io_uring_register: rings work; registered "
         "files and buffers, buffer rings and the list of opcodes do not",
         let_through},
    [CAUSE_GVISOR] =
        {"gvisor",
         "this is gVisor, a kernel in user space that has no io_uring",
         another_runtime},
    /* Linux 6.6 added the sysctl. The sysctl affects only io_uring_setup:
     * existing rings still work. */
    [CAUSE_DISABLED_FOR_ALL] =
        {"disabled-2",
         "kernel.io_uring_disabled is 2: no process may make a ring, not even "
         "as root",
         unlock_all},
    [CAUSE_DISABLED_FOR_USERS] =
        {"disabled-1",
         "kernel.io_uring_disabled is 1: only CAP_SYS_ADMIN and the members "
         "of kernel.io_uring_group may make a ring",
         unlock_group},
    [CAUSE_NO_URING] =
        {"no-io_uring",
         "this kernel has no io_uring: it is older than 5.1, or was built "
         "without CONFIG_IO_URING",
         other_kernel},
    /* Microsoft built its first WSL 2 kernels, 4.19 to 5.10.16, without
     * io_uring. */
    [CAUSE_NO_URING_WSL] =
        {"no-io_uring-wsl",
         "this WSL 2 kernel has no io_uring; the current one does",
         newer_wsl},
    [CAUSE_WSL_1] =
        {"wsl-1",
         "this is WSL 1, which translates system calls: it has no Linux "
         "kernel, and so no io_uring",
         second_wsl},
    [CAUSE_ENOSYS_UNKNOWN] =
        {"enosys-unknown",
         "ENOSYS, from a seccomp filter or from a kernel without io_uring: "
         "this sandbox hides the facts that would tell which",
         ask_outside},
    /* SELinux returns EACCES. A BPF program can return any errno. */
    [CAUSE_SECURITY_MODULE] =
        {"lsm",
         "a security module (SELinux, a BPF program, ...) refuses io_uring: "
         "there is no filter, and the sysctl allows it",
         ask_the_module},
    /* According to io_uring_mlock_size(3), Linux has not charged ring memory
     * to RLIMIT_MEMLOCK since 5.12. But Linux 6.18 charges the ring memory of
     * every process without CAP_IPC_LOCK. */
    [CAUSE_MEMLOCK] =
        {"memlock",
         "RLIMIT_MEMLOCK is too small for a ring's memory, which is charged "
         "to this user together with that of its other rings",
         more_memlock},
    /* io_uring_setup returned ENOMEM, and RLIMIT_MEMLOCK does not apply. */
    [CAUSE_MEMORY] =
        {"memory", "the kernel has no memory for a ring", more_memory},
    [CAUSE_NO_DESCRIPTOR] =
        {"nofile", "RLIMIT_NOFILE leaves no descriptor for a ring",
         more_descriptors},
    [CAUSE_NO_FILE] =
        {"file-max", "the machine cannot open more files", more_files},
    [CAUSE_UNKNOWN] =
        {"unknown", "a refusal that envcheck does not know", tell_us},
};

const struct cause *cause_of(enum cause_id id)
{
    assert((unsigned)id < CAUSES);
    return &causes[id];
}

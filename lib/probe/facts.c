/* facts.c: gathers facts about a refusal of io_uring; see facts.h.
 * Introduced in phase 0. Needs: facts.h, probe.h, sys.h.
 *
 * What it teaches: an unprivileged process can find out a lot about its
 * environment by reading files, most of them in /proc. */
#include "facts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"

/* Bits of a capability set. RLIMIT_MEMLOCK does not apply to a process with
 * CAP_IPC_LOCK, and kernel.io_uring_disabled = 1 does not apply to one with
 * CAP_SYS_ADMIN. */
#define CAP_IPC_LOCK_MASK (1ull << 14)
#define CAP_SYS_ADMIN_MASK (1ull << 21)

/* gVisor's kernel always reports this build time. */
#define GVISOR_BUILD "Sun Jan 10 15:06:54 PST 2016"

/* Every kernel with io_uring has this function, and no other kernel has it. Do
 * not look for the functions of the system calls, because a kernel without
 * io_uring has stubs with the same names. */
#define KERNEL_FUNCTION " io_uring_release"

/* Returns the text after label in the first line that begins with label, or
 * NULL if no line does. */
static const char *value_of(const char *text, const char *label)
{
    size_t len = strlen(label);

    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncmp(line, label, len) == 0)
            return line + len + strspn(line + len, " \t");
    }
    return NULL;
}

/* Returns true if the user namespace maps every id to itself: "0 0
 * 4294967295". */
static bool is_whole_map(const char *uid_map)
{
    char *end;
    unsigned long inside = strtoul(uid_map, &end, 10);
    unsigned long outside = strtoul(end, &end, 10);

    return inside == 0 && outside == 0 &&
           strtoul(end, NULL, 10) == UINT32_MAX;
}

/* Returns true if a list of numbers, such as "4 1000", contains wanted. */
static bool line_has(const char *numbers, int wanted)
{
    while (numbers != NULL && *numbers >= '0' && *numbers <= '9') {
        char *end;

        if (strtoul(numbers, &end, 10) == (unsigned long)wanted)
            return true;
        numbers = end + strspn(end, " \t");
    }
    return false;
}

void facts_read_status(struct facts *out, const char *status,
                       const char *uid_map)
{
    const char *seccomp = value_of(status, "Seccomp:");
    const char *effective = value_of(status, "CapEff:");
    /* The kernel checks the capabilities in the initial user namespace. Root in
     * a rootless container has capabilities only in the container's namespace,
     * so ignore them there. */
    bool is_outside = uid_map[0] == '\0' || is_whole_map(uid_map);
    unsigned long long caps =
        effective != NULL && is_outside ? strtoull(effective, NULL, 16) : 0;
    bool is_member = out->group >= 0 && is_outside &&
                     (line_has(value_of(status, "Groups:"), out->group) ||
                      line_has(value_of(status, "Gid:"), out->group));

    out->seccomp = seccomp != NULL ? (int)strtol(seccomp, NULL, 10) : -1;
    out->is_charged = (caps & CAP_IPC_LOCK_MASK) == 0;
    out->is_admitted = (caps & CAP_SYS_ADMIN_MASK) != 0 || is_member;
}

static uint64_t limit_of(const char *limits, const char *label)
{
    const char *value = value_of(limits, label);

    if (value == NULL || strncmp(value, "unlimited", 9) == 0)
        return FACTS_UNLIMITED;
    return strtoull(value, NULL, 10);
}

void facts_read_limits(struct facts *out, const char *limits)
{
    out->memlock = limit_of(limits, "Max locked memory");
    out->open_files = limit_of(limits, "Max open files");
}

void facts_read_version(struct facts *out, const char *version)
{
    out->is_gvisor = strstr(version, GVISOR_BUILD) != NULL ||
                     strstr(version, "gvisor") != NULL;
    /* WSL 1 translates system calls and reports "Microsoft". WSL 2 has a real
     * kernel, which reports "...-microsoft-standard-WSL2". */
    if (strstr(version, "microsoft-standard") != NULL ||
        strstr(version, "WSL2") != NULL)
        out->wsl = 2;
    else if (strstr(version, "Microsoft") != NULL)
        out->wsl = 1;
}

int facts_file_contains(const char *path, const char *text)
{
    char chunk[1024];
    size_t len = strlen(text), kept = 0;
    bool is_found = false;
    int got = 1, fd = sys_open(path, O_RDONLY, 0);

    assert(len > 0 && len < sizeof chunk);
    if (fd < 0)
        return fd;
    while (got > 0 && !is_found) {
        got = sys_read(fd, chunk + kept, sizeof chunk - kept);
        kept += got > 0 ? (size_t)got : 0;
        is_found = memmem(chunk, kept, text, len) != NULL;
        /* The text may begin in this chunk and end in the next. */
        if (kept >= len) {
            memmove(chunk, chunk + kept - (len - 1), len - 1);
            kept = len - 1;
        }
    }
    (void)sys_close(fd); /* read only: nothing can be lost */
    return got < 0 ? got : is_found;
}

/* Returns the number in a file of /proc/sys, or `otherwise` if the file cannot
 * be read or is empty. */
static int number_in(const char *path, int otherwise)
{
    char text[32];

    if (sys_read_text(path, text, sizeof text) <= 0)
        return otherwise;
    return (int)strtol(text, NULL, 10);
}

static bool exists(const char *path)
{
    char text[1];

    return sys_read_text(path, text, sizeof text) >= 0;
}

/* Looks for files and environment variables that container runtimes create. A
 * runtime need not create any of them. */
static const char *container_by_marks(void)
{
    const char *name = getenv("container"); /* set by systemd-nspawn, Podman */

    if (exists("/run/.containerenv"))
        return "podman";
    if (getenv("KUBERNETES_SERVICE_HOST") != NULL)
        return "kubernetes";
    if (exists("/.dockerenv"))
        return "docker";
    return name != NULL && name[0] != '\0' ? "container" : NULL;
}

/* Finds out whether the kernel has io_uring, even if a call was refused. Since
 * Linux 6.6, a kernel with io_uring has the sysctl kernel.io_uring_disabled. An
 * older kernel lists io_uring's functions in /proc/kallsyms, which a container
 * may hide. */
static enum facts_kernel kernel_by_marks(const struct facts *facts)
{
    int found;

    if (facts->disabled >= 0 || facts->answers.enter == -EBADF)
        return FACTS_KERNEL_WITH;
    found = facts_file_contains("/proc/kallsyms", KERNEL_FUNCTION);
    if (found < 0)
        return FACTS_KERNEL_UNKNOWN;
    return found > 0 ? FACTS_KERNEL_WITH : FACTS_KERNEL_WITHOUT;
}

void facts_gather(struct facts *out, bool is_killed)
{
    static char text[8192]; /* too large for a task's stack */
    char uid_map[128];
    struct probe probe;

    memset(out, 0, sizeof *out);
    out->is_killed = is_killed;
    if (!is_killed) {
        probe_ask(&out->answers);
        out->setup_result = probe_run(&probe);
        out->ops_result = probe.ops_result;
    }
    out->disabled = number_in("/proc/sys/kernel/io_uring_disabled", -1);
    out->group = number_in("/proc/sys/kernel/io_uring_group", -1);
    out->kernel = kernel_by_marks(out);
    out->container = container_by_marks();
    /* If a file cannot be read, the text is empty and has no labels. */
    (void)sys_read_text("/proc/self/uid_map", uid_map, sizeof uid_map);
    (void)sys_read_text("/proc/self/status", text, sizeof text);
    facts_read_status(out, text, uid_map);
    (void)sys_read_text("/proc/self/limits", text, sizeof text);
    facts_read_limits(out, text);
    (void)sys_read_text("/proc/version", text, sizeof text);
    facts_read_version(out, text);
}

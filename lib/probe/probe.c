/* probe.c: finds out what this kernel's io_uring supports; see probe.h.
 * Introduced in phase 0. Needs: probe.h, catalog.h, err.h, sys.h.
 *
 * What it teaches: io_uring is three system calls. The C library does not wrap
 * them, so this file calls them by number. Two of them are enough to find out
 * what a kernel supports. */
#include "probe.h"

#include <assert.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catalog.h"
#include "err.h"
#include "sys.h"

/* Returns the fd of a new ring (always close-on-exec), or -errno. */
static int setup(unsigned entries, struct io_uring_params *params)
{
    long fd = syscall(SYS_io_uring_setup, entries, params);

    return fd < 0 ? -errno : (int)fd;
}

/* Requests the list of opcodes that the kernel supports. The kernel fills at
 * most PROBE_OPS_MAX entries, and reports how many it filled. So the kernel may
 * know more opcodes than the header, or fewer. */
static void ask_for_ops(int ring, struct probe *out)
{
    union {
        struct io_uring_probe head;
        char bytes[offsetof(struct io_uring_probe, ops) +
                   PROBE_OPS_MAX * sizeof(struct io_uring_probe_op)];
    } answer;
    int count;

    memset(&answer, 0, sizeof answer); /* nonzero bytes give -EINVAL */
    if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_PROBE, &answer,
                PROBE_OPS_MAX) < 0) {
        out->ops_result = -errno;
        return;
    }
    count = answer.head.ops_len;
    out->ops_count = count < PROBE_OPS_MAX ? count : PROBE_OPS_MAX;
    for (int i = 0; i < out->ops_count; i++)
        out->ops[i] = answer.head.ops[i].flags & IO_URING_OP_SUPPORTED;
}

int probe_run(struct probe *out)
{
    struct io_uring_params params;
    int ring;

    memset(out, 0, sizeof *out);
    memset(&params, 0, sizeof params);
    ring = setup(1, &params);
    if (ring < 0) {
        out->setup_result = ring;
        return ring;
    }
    out->features = params.features;
    ask_for_ops(ring, out);
    (void)sys_close(ring); /* nothing was submitted: nothing can be lost */
    return 0;
}

bool probe_has_op(const struct probe *probe, int op)
{
    return op >= 0 && op < PROBE_OPS_MAX && probe->ops[op];
}

bool probe_has_feature(const struct probe *probe, uint32_t mask)
{
    return (probe->features & mask) == mask;
}

int probe_try_flags(unsigned entries, uint32_t flags)
{
    struct io_uring_params params;
    int ring;

    memset(&params, 0, sizeof params);
    params.flags = flags;
    params.cq_entries = 2 * entries; /* used only with CQSIZE */
    params.wq_fd = (uint32_t)-1;     /* no fd; used only with ATTACH_WQ */
    ring = setup(entries, &params);
    return ring < 0 ? ring : sys_close(ring);
}

void probe_ask(struct probe_answers *out)
{
    /* The kernel checks these arguments (NULL, and a descriptor that is never
     * valid), rejects them, and changes nothing. */
    out->setup = syscall(SYS_io_uring_setup, 1, NULL) < 0 ? -errno : 0;
    out->enter =
        syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0) < 0 ? -errno : 0;
}

const char *probe_missing_op(int op)
{
    static struct probe probe;
    static bool is_asked;
    static char reasons[PROBE_OPS_MAX][96]; /* for missing opcodes */
    const struct catalog_entry *entry = catalog_op(op);
    const size_t len = sizeof *reasons;
    char *text;

    assert(op >= 0 && op < PROBE_OPS_MAX);
    if (!is_asked)
        (void)probe_run(&probe); /* the result is also in probe */
    is_asked = true;
    if (probe_has_op(&probe, op))
        return NULL;
    text = reasons[op];
    if (probe.setup_result < 0)
        snprintf(text, len, "io_uring cannot be used: %s (envcheck says why)",
                 err_name(probe.setup_result));
    else if (probe.ops_result < 0)
        snprintf(text, len, "the kernel did not report its opcodes: %s",
                 err_name(probe.ops_result));
    else if (entry == NULL)
        snprintf(text, len, "this kernel has no opcode %d", op);
    else
        snprintf(text, len, "this kernel has no IORING_OP_%s (Linux %s)",
                 entry->name, entry->since);
    return text;
}

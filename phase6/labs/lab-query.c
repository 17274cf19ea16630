/* lab-query.c: three ways to ask a kernel what its io_uring can do.
 * Introduced in phase 6. Needs: lab.h, probe.h, uring_setup.h.
 *
 * What it teaches:
 *
 *      a probe    lists the opcodes of SQEs; it needs a ring      since 5.6
 *      a trial    makes a ring with one flag, and looks at errno  always
 *      a query    lists opcodes, features, and flags, with one    since 6.18
 *                 system call and without a ring
 *
 * All three must agree. A program that has to run on older kernels needs the
 * first two anyway. Do not look at the version of the kernel: distributions add
 * features to old kernels, and administrators forbid some of them. */
#include <errno.h>
#include <stdio.h>

#include "lab.h"
#include "probe.h"
#include "uring_setup.h"

enum { FLAGS = 32, NO_RING = -1 };

/* Sends one query. Returns its result, or -errno if the kernel has no
 * queries. */
static int ask(unsigned op, struct ur_query_opcodes *answer)
{
    struct ur_query query = {
        .op = op,
        .data = (uintptr_t)answer,
        .size = sizeof *answer,
    };
    int rc = io_uring_register(NO_RING, UR_REGISTER_QUERY, &query, 0);

    return rc < 0 ? rc : query.result;
}

/* Tries to make a ring with this flag, and the flags that it needs. */
static bool is_accepted(uint32_t flag)
{
    uint32_t with = flag;
    int rc;

    if (flag == IORING_SETUP_SQ_AFF)
        with |= IORING_SETUP_SQPOLL;
    if (flag == IORING_SETUP_TASKRUN_FLAG)
        with |= IORING_SETUP_COOP_TASKRUN;
    if (flag == IORING_SETUP_DEFER_TASKRUN)
        with |= IORING_SETUP_SINGLE_ISSUER;
    if (flag == UR_SETUP_REGISTERED_FD_ONLY)
        with |= UR_SETUP_NO_MMAP;
    if (flag == UR_SETUP_HYBRID_IOPOLL)
        with |= IORING_SETUP_IOPOLL;
    if (flag == UR_SETUP_SQ_REWIND)
        with |= UR_SETUP_NO_SQARRAY;
    rc = probe_try_flags(4, with);
    return rc != -EINVAL;
}

int main(int argc, char **argv)
{
    struct ur_query_opcodes answer = {0};
    struct io_uring_probe *probe;
    struct io_uring ring;
    uint32_t accepted = 0;
    char texts[2][32];
    int code = lab_options(argc, argv, "lab-query",
                           "What can this kernel's io_uring do?");
    int rc;

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    rc = ask(UR_QUERY_OPCODES, &answer);
    if (rc < 0) {
        lab_absent("REGISTER_QUERY", "the kernel does not know it");
        return lab_end();
    }
    lab_print("predicted by probe and trials, seen by a query without a ring");
    probe = io_uring_get_probe_ring(&ring);
    lab_result("opcodes", probe != NULL ? probe->last_op + 1 : 0,
               (int)answer.ops);
    io_uring_free_probe(probe);
    for (unsigned i = 0; i < FLAGS; i++)
        accepted |= is_accepted(1u << i) ? 1u << i : 0;
    snprintf(texts[0], sizeof texts[0], "%#x", accepted);
    snprintf(texts[1], sizeof texts[1], "%#llx",
             (unsigned long long)answer.setup);
    lab_text("set-up flags", texts[0], texts[1]);
    snprintf(texts[0], sizeof texts[0], "%#x", ring.features);
    snprintf(texts[1], sizeof texts[1], "%#llx",
             (unsigned long long)answer.features);
    lab_text("features", texts[0], texts[1]);

    lab_print("queries that this kernel does not know");
    lab_result("query 9999", -EOPNOTSUPP, ask(9999, &answer));
    io_uring_queue_exit(&ring);
    return lab_end();
}

/* report.c: gathers the report of envcheck; see report.h.
 *
 * The order matters. First a child process tests whether an io_uring call kills
 * it. Then calls that change nothing show which part of the system refuses
 * io_uring. Last, this process makes a ring and queries the kernel for its
 * features. */
#include "report.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "child_probe.h"
#include "first_ring.h"
#include "retry_budget.h"

#define countof(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* Each of the next four functions handles one kind of item. The functions
 * return 0 if the kernel has the item, -EINVAL if the kernel does not know it,
 * or the -errno of a refusal. */
static int feature_result(const struct report *report, int bit)
{
    return probe_has_feature(&report->probe, 1u << bit) ? 0 : -EINVAL;
}

static int flag_result(const struct report *report, int bit)
{
    return report->flags[bit];
}

static int one_trial_result(const struct report *report, int n)
{
    return report->trials[n];
}

/* The probe reports only whether an opcode is supported. If the probe itself
 * failed, every opcode gets the error of the probe. */
static int op_result(const struct report *report, int op)
{
    if (report->probe.ops_result < 0)
        return report->probe.ops_result;
    return probe_has_op(&report->probe, op) ? 0 : -EINVAL;
}

/* The four kinds of items. report_item numbers all items as one list, so that
 * the printers need one loop instead of four. */
static const struct {
    const char *name;
    int (*count)(void);
    const struct catalog_entry *(*entry)(int number);
    int (*result)(const struct report *report, int number);
} kinds[] = {
    {"feature", catalog_features, catalog_feature, feature_result},
    {"flag", catalog_flags, catalog_flag, flag_result},
    {"trial", trial_count, trial_entry, one_trial_result},
    {"opcode", catalog_ops, catalog_op, op_result},
};

/* Items are numbered across all kinds, in the order of kinds[]. */
bool report_item(const struct report *report, int n, struct report_item *out)
{
    int kind = 0;

    assert(n >= 0);
    while (kind < countof(kinds) && n >= kinds[kind].count())
        n -= kinds[kind++].count();
    if (kind == countof(kinds))
        return false;
    out->kind = kinds[kind].name;
    out->number = n;
    out->entry = kinds[kind].entry(n);
    out->result = kinds[kind].result(report, n);
    return true;
}

bool report_is_missed(const struct report_item *item)
{
    return item->result < 0 && item->entry->use != NULL;
}

/* Gathers the facts that explain a refusal of io_uring. Then makes a ring with
 * liburing, as all later phases do. Returns 0, or the -errno of the refusal. */
static int ask_for_a_ring(struct facts *facts)
{
    int result;

    facts_gather(facts, child_probe_is_killed());
    if (facts->is_killed)
        return -ENOSYS; /* as if the kernel had no io_uring */
    if (facts->setup_result < 0)
        return facts->setup_result;
    do {
        result = first_ring();
    } while (retry_budget_try_again(result));
    /* The probe made a ring of one entry. If the kernel refused this ring of 32
     * entries, diagnose that refusal. */
    if (result < 0)
        facts->setup_result = result;
    return result;
}

void report_make(struct report *out)
{
    struct report_item item;

    memset(out, 0, sizeof *out);
    machine_look(&out->machine);
    fs_probe_look(&out->fs_probe);
    out->first_ring = ask_for_a_ring(&out->facts);
    out->cause = diagnose(&out->facts);
    out->next = diagnose_next(&out->facts);
    if (out->first_ring == 0) { /* a ring works: probe the kernel */
        int result;

        do {
            result = probe_run(&out->probe); /* stores errors in the probe */
        } while (retry_budget_try_again(result));
        for (int bit = 0; bit < catalog_flags(); bit++)
            out->flags[bit] = trial_flag(bit);
        for (int n = 0; n < trial_count(); n++)
            out->trials[n] = trial_run(n);
    }
    /* A refused ring is fatal. A missing item counts only if a phase uses it.
     * O_DIRECT and reflinks never count, because another directory may support
     * them. */
    out->verdict = VERDICT_READY;
    for (int n = 0; report_item(out, n, &item); n++)
        if (report_is_missed(&item))
            out->verdict = VERDICT_PARTIAL;
    if (diagnose_is_fatal(&out->facts))
        out->verdict = VERDICT_UNUSABLE;
}

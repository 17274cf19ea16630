/* report.h: the complete report of envcheck.
 *
 * report_make() gathers the report once. Another function then prints it as
 * text or as JSON. Both forms have the same content. */
#ifndef PHASE0_REPORT_H
#define PHASE0_REPORT_H

#include <stdbool.h>

#include "catalog.h"
#include "diagnose.h"
#include "facts.h"
#include "fs_probe.h"
#include "machine.h"
#include "probe.h"
#include "trial.h"

#define FLAGS_MAX 32

/* Exit codes. */
enum verdict {
    VERDICT_READY = 0,   /* every phase runs in full */
    VERDICT_PARTIAL = 1, /* some phases lack a feature */
    VERDICT_UNUSABLE = 2 /* no ring */
};

struct report {
    struct machine machine;
    struct facts facts;
    struct probe probe;
    struct fs_probe fs_probe;
    int flags[FLAGS_MAX];      /* by bit number: 0 or -errno */
    int trials[TRIALS_MAX];    /* 0, or -errno */
    int first_ring;            /* 0, or -errno */
    const struct cause *cause; /* why io_uring is refused, or NULL */
    const struct cause *next;  /* what else refuses it, or NULL */
    enum verdict verdict;
};

/* One opcode, feature, flag or trial, and whether this kernel has it. */
struct report_item {
    const char *kind; /* "opcode", "feature", "flag", "trial" */
    const struct catalog_entry *entry;
    int number; /* opcode, bit number, or trial number */
    int result; /* 0: works; -EINVAL: unknown; other: refused */
};

/* Probes this machine and fills *out. */
void report_make(struct report *out);

/* Sets *out to the n-th item, counted from 0. Returns false if there is
 * none. */
bool report_item(const struct report *report, int n, struct report_item *out);

/* Returns true if the item is missing and a phase of the course uses it. */
bool report_is_missed(const struct report_item *item);

/* Prints the report to stdout, as text or as JSON. */
void report_print_text(const struct report *report);
void report_print_json(const struct report *report);

#endif

/* bench_report.h: prints the measurements, as a table or as JSON. */
#ifndef PHASE6_BENCH_REPORT_H
#define PHASE6_BENCH_REPORT_H

#include "figures.h"

/* The rows, and the data that they share. All members are borrowed. */
struct report {
    const struct bench_options *options;
    const struct work *work;
    const struct row *rows; /* sorted; options->strategy_count of them */
    const struct row *first; /* the first row that was measured */
    bool forgot_names;      /* a cold run also reads names and inodes again */
};

void bench_report_table(const struct report *report);
void bench_report_json(const struct report *report);

#endif

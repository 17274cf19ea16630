/* bench_table.c: the table of bench; see bench_report.h.
 *
 * Times are in milliseconds. A strategy that could not be measured has a row
 * with the reason, so that it does not look like a strategy that was not
 * requested. */
#include <stdio.h>

#include "bench_report.h"

/* The first line describes the work, so that a table can be read without its
 * command. */
static void print_heading(const struct report *report)
{
    const struct work *work = report->work;
    unsigned long long bytes = (unsigned long long)report->first->bytes;

    printf("%s %d file%s", work->writes ? "write" : "read", work->file_count,
           work->file_count == 1 ? "" : "s");
    if (work->load != WORK_FILES)
        printf(" in %d blocks, %s", work->item_count,
               bench_options_load(work->load));
    printf(", %llu bytes, %s, %u rounds\n", bytes,
           work->load == WORK_DIRECT   ? "without the page cache"
           : !report->options->is_cold ? "warm"
           : report->forgot_names      ? "cold"
                                       : "cold (not the names: needs root)",
           report->options->rounds);
    printf("strategy  ratio spread      set-up     wall     cpu threads  MiB"
           "  calls    pays%s\n", work->wants_sum ? "  sum" : "");
}

/* Every column is a median. Only the ratio has its spread beside it, because a
 * table with all spreads would be too wide; --json has them. */
static void print_row(const struct report *report, const struct row *row)
{
    struct spread ratio = figures_spread(row, FIGURE_RATIO);
    int64_t pays =
        figures_pays_from(row, report->first, report->work->item_count);
    /* Wide enough for a thousand files, so that a row fits into 80 columns. */
    static const struct {
        enum figure figure;
        double unit;
        const char *format;
    } columns[] = {
        {FIGURE_SETUP, 1e6, " %6.2f"},   {FIGURE_WALL, 1e6, " %8.2f"},
        {FIGURE_CPU, 1e6, " %7.2f"},     {FIGURE_THREADS, 1, " %7.0f"},
        {FIGURE_RSS, 1048576, " %4.1f"}, {FIGURE_CALLS, 1, " %6.0f"},
    };

    printf("%-9s %5.2f %4.2f..%-5.2f", row->strategy->name,
           (double)ratio.median / 1e3, (double)ratio.low / 1e3,
           (double)ratio.high / 1e3);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        printf(columns[i].format,
               (double)figures_spread(row, columns[i].figure).median /
                   columns[i].unit);
    if (pays >= 0 && row != report->first)
        printf(" %7lld", (long long)pays);
    else /* the others are compared with the first row */
        printf(" %7s", row == report->first      ? "-"
                       : pays == FIGURES_UNKNOWN ? "unknown"
                                                 : "never");
    if (report->work->wants_sum)
        printf("  %016llx", (unsigned long long)row->sum);
    putchar('\n');
}

void bench_report_table(const struct report *report)
{
    print_heading(report);
    for (int i = 0; i < report->options->strategy_count; i++) {
        const struct row *row = &report->rows[i];

        if (row->reason[0] != '\0')
            printf("%-9s not measured: %s\n",
                   row->strategy->name, row->reason);
        else
            print_row(report, row);
    }
}

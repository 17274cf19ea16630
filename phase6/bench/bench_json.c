/* bench_json.c: prints the measurements as JSON; see bench_report.h.
 *
 * Every number is an integer, because JSON does not define the precision of a
 * fraction: times are in ns, memory is in bytes, and the ratio is in
 * thousandths. The names of the members are fixed: scripts and phase6/bench.sh
 * read them. */
#include <stdio.h>

#include "bench_report.h"
#include "json.h"

/* In the order of enum figure. */
static const char *const names[FIGURES_COUNT] = {
    "ratio_permille", "setup_ns", "wall_ns", "cpu_ns",
    "threads", "workers", "rss_bytes", "calls",
};

static void bench_json_write(void *to, const char *text, size_t len)
{
    fwrite(text, 1, len, to);
}

static void write_figures(struct json *json, const struct row *row)
{
    for (int i = 0; i < FIGURES_COUNT; i++) {
        struct spread spread = figures_spread(row, (enum figure)i);

        json_open(json, names[i], '{');
        json_number(json, "median", (long long)spread.median);
        json_number(json, "low", (long long)spread.low);
        json_number(json, "high", (long long)spread.high);
        json_close(json, '}');
    }
}

/* A row that was not measured has a name and a reason, but no figures.
 * pays_from is null for "never" and for "unknown"; ratio_permille shows which
 * of the two it is. */
static void write_row(struct json *json, const struct report *report,
                      const struct row *row)
{
    int64_t items;

    json_open(json, NULL, '{');
    json_text(json, "strategy", row->strategy->name);
    json_number(json, "at_once", row->strategy->at_once);
    json_text(json, "not_measured", row->reason[0] ? row->reason : NULL);
    if (row->reason[0] == '\0') {
        write_figures(json, row);
        items = figures_pays_from(row, report->first, report->work->item_count);
        if (items >= 0)
            json_number(json, "pays_from", items);
        else
            json_text(json, "pays_from", NULL);
        if (report->work->wants_sum) {
            char sum[17]; /* as text: a double cannot hold 64 bits */

            snprintf(sum, sizeof sum, "%016llx", (unsigned long long)row->sum);
            json_text(json, "sum", sum);
        }
    }
    json_close(json, '}');
}

void bench_report_json(const struct report *report)
{
    struct json json = {.write = bench_json_write, .to = stdout};
    const struct work *work = report->work;

    json_open(&json, NULL, '{');
    json_text(&json, "load", bench_options_load(work->load));
    json_bool(&json, "write", work->writes);
    json_bool(&json, "cold", report->options->is_cold);
    json_bool(&json, "cold_names", report->forgot_names);
    json_number(&json, "rounds", report->options->rounds);
    json_number(&json, "files", work->file_count);
    json_number(&json, "items", work->item_count);
    json_number(&json, "bytes", (long long)report->first->bytes);
    json_open(&json, "rows", '[');
    for (int i = 0; i < report->options->strategy_count; i++)
        write_row(&json, report, &report->rows[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    putchar('\n');
}

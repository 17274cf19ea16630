/* stats.c: counts the files, bytes and operations of a run; see stats.h. */
#include "stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys.h"

#define SECOND_NS 1000000000u
#define TERMINAL_FIRST_NS (2u * SECOND_NS) /* shorter copies print nothing */
#define TERMINAL_EVERY_NS (SECOND_NS / 5)
#define LINE_LEN 160

void stats_init(struct stats *stats, const struct cp_options *options)
{
    *stats = (struct stats){.start_ns = sys_now_ns()};
    stats->on_terminal = isatty(STDERR_FILENO) == 1;
    stats->requested = options->progress;
    stats->show_progress = options->progress || stats->on_terminal;
    stats->next_ns = stats->start_ns +
                     (options->progress ? SECOND_NS / 5 : TERMINAL_FIRST_NS);
}

/* Formats a number of bytes in human-readable form: "1.5 GiB". */
static void format_bytes(char text[32], double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    unsigned unit = 0;

    while (bytes >= 1024 && unit < 5) {
        bytes /= 1024;
        unit++;
    }
    snprintf(text, 32, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

/* Formats "1.5 GiB of 2.0 GiB, 75%, 1.1 GiB/s, 0:01 left". If the total is
 * unknown, as with several sources, the line is "1.5 GiB, 1.1 GiB/s". */
static void format_progress(const struct stats *stats, uint64_t now_ns,
                            char *line)
{
    char done[32], total[32], rate[32];
    double seconds = (double)(now_ns - stats->start_ns) / SECOND_NS;
    double per_second = seconds > 0 ? (double)stats->bytes / seconds : 0;

    format_bytes(done, (double)stats->bytes);
    format_bytes(rate, per_second);
    if (stats->total == 0 || stats->bytes > stats->total) {
        snprintf(line, LINE_LEN, "%s, %s/s", done, rate);
        return;
    }
    format_bytes(total, (double)stats->total);
    if (per_second > 0) {
        uint64_t left =
            (uint64_t)((double)(stats->total - stats->bytes) / per_second);

        snprintf(line, LINE_LEN,
                 "%s of %s, %" PRIu64 "%%, %s/s, %" PRIu64 ":%02" PRIu64
                 " left",
                 done, total, stats->bytes * 100 / stats->total, rate,
                 left / 60, left % 60);
    } else {
        snprintf(line, LINE_LEN, "%s of %s", done, total);
    }
}

static void show_progress(struct stats *stats, uint64_t now_ns)
{
    char line[LINE_LEN], text[LINE_LEN + 8];

    format_progress(stats, now_ns, line);
    /* On a terminal, overwrite the line and erase the rest of the old one. */
    snprintf(text, sizeof text, stats->on_terminal ? "\r%s\033[K" : "%s\n",
             line);
    sys_print_error(text, strlen(text));
    stats->shown = true;
}

void stats_add_bytes(struct stats *stats, uint64_t count)
{
    uint64_t now_ns;

    stats->bytes += count;
    if (!stats->show_progress)
        return;
    now_ns = sys_now_ns();
    if (now_ns < stats->next_ns)
        return;
    show_progress(stats, now_ns);
    stats->next_ns =
        now_ns + (stats->on_terminal ? TERMINAL_EVERY_NS : SECOND_NS);
}

void stats_end_progress(struct stats *stats)
{
    if (!stats->shown)
        return;
    show_progress(stats, sys_now_ns());
    if (stats->on_terminal)
        sys_print_error("\n", 1);
    stats->shown = false;
}

void stats_finish_progress(struct stats *stats)
{
    if (stats->requested)
        stats->shown = true;
    stats_end_progress(stats);
}

void stats_print(const struct stats *stats, const struct cp_options *options)
{
    static const char *const formats[] = {
        [CP_STATS_TEXT] =
            "engine %s, files %" PRIu64 ", bytes %" PRIu64 ", SQEs %" PRIu64
            ", enters %" PRIu64 ", direct reads %" PRIu64
            ", short reads %" PRIu64 ", short writes %" PRIu64
            ", retries %" PRIu64 ", seconds %.6f\n",
        [CP_STATS_JSON] =
            "{\"engine\":\"%s\",\"files\":%" PRIu64 ",\"bytes\":%" PRIu64
            ",\"sqes\":%" PRIu64 ",\"enters\":%" PRIu64
            ",\"direct_reads\":%" PRIu64 ",\"short_reads\":%" PRIu64
            ",\"short_writes\":%" PRIu64 ",\"retries\":%" PRIu64
            ",\"seconds\":%.6f}\n",
    };

    if (options->stats == CP_STATS_NONE)
        return;
    fprintf(stderr, formats[options->stats],
            cp_options_engine_name(options->engine), stats->files, stats->bytes,
            stats->sqes, stats->enters, stats->direct_reads, stats->short_reads,
            stats->short_writes, stats->retries,
            (double)(sys_now_ns() - stats->start_ns) / SECOND_NS);
}

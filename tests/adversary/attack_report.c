/* attack_report.c: prints the result of each attack; see attack_report.h. */
#include "attack_report.h"

#include <stdio.h>
#include <string.h>

#include "json.h"

static void write_out(void *to, const char *text, size_t len)
{
    (void)to;
    fwrite(text, 1, len, stdout);
}

static struct json json = {.write = write_out};

void report_begin(bool is_json)
{
    if (is_json)
        json_open(&json, NULL, '[');
}

void report_end(bool is_json)
{
    if (!is_json)
        return;
    json_close(&json, ']');
    puts("");
}

static void print_figures(const struct run *run)
{
    if (run->before.fds >= 0 && run->after.fds >= 0)
        printf(" fds %d -> %d", run->before.fds, run->after.fds);
    if (run->before.rss_kib >= 0 && run->after.rss_kib >= 0)
        printf(" rss %.1f -> %.1f MiB", (double)run->before.rss_kib / 1024,
               (double)run->after.rss_kib / 1024);
}

/* A figure that is not known is null. */
static void write_figure(const char *key, long value)
{
    if (value < 0)
        json_text(&json, key, NULL);
    else
        json_number(&json, key, value);
}

static void write_json(const struct run *run, const struct attack *attack,
                       unsigned took_ms)
{
    json_open(&json, NULL, '{');
    json_text(&json, "attack", attack->name);
    json_bool(&json, "survived", run->fault[0] == '\0');
    json_text(&json, "fault", run->fault[0] != '\0' ? run->fault : NULL);
    json_text(&json, "note", run->note[0] != '\0' ? run->note : NULL);
    json_number(&json, "peers", run->peers);
    json_thousandths(&json, "seconds", took_ms);
    write_figure("worst_ms",
                 attack->is_quiet ? -1 : (long)run->witness.worst_ms);
    write_figure("fds_before", run->before.fds);
    write_figure("fds_after", run->after.fds);
    write_figure("rss_before_kib", run->before.rss_kib);
    write_figure("rss_after_kib", run->after.rss_kib);
    json_close(&json, '}');
}

void report_attack(const struct run *run, const struct attack *attack,
                   unsigned took_ms, bool is_json)
{
    if (is_json) {
        write_json(run, attack, took_ms);
        return;
    }
    printf("%-8s %-15s %4u peers %5.1f s",
           run->fault[0] != '\0' ? "FAILED" : "survived", attack->name,
           run->peers, took_ms / 1000.0);
    if (!attack->is_quiet)
        printf(" worst %u ms", run->witness.worst_ms);
    print_figures(run);
    if (run->note[0] != '\0')
        printf(" (%s)", run->note);
    if (run->fault[0] != '\0')
        printf(": %s", run->fault);
    puts("");
    fflush(stdout);
}

void report_skipped(const struct attack *attack, const char *why, bool is_json)
{
    if (!is_json) {
        printf("%-8s %-15s %s\n", "skipped", attack->name, why);
        return;
    }
    json_open(&json, NULL, '{');
    json_text(&json, "attack", attack->name);
    json_text(&json, "skipped", why);
    json_close(&json, '}');
}

void report_list(void)
{
    static const char *const needs[] = {"", " (needs --pid or a command)",
                                        " (needs a command)"};

    for (const struct attack *attack = attacks; attack->name != NULL; attack++)
        printf("%-15s  %s%s\n", attack->name, attack->what,
               needs[attack->needs]);
}

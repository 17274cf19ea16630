/* report_json.c: prints the report as JSON; see report.h.
 *
 * Prints one object. A result is 0 or -errno, as everywhere in the course. The
 * report also has the name of each errno, because the number depends on the
 * architecture. */
#include <stdio.h>

#include "err.h"
#include "json.h"
#include "report.h"

static void write_to_stdout(void *to, const char *text, size_t len)
{
    (void)to;
    (void)fwrite(text, 1, len, stdout); /* main checks stdout at the end */
}

static void write_result(struct json *json, const char *key, int result)
{
    json_open(json, key, '{');
    json_number(json, "result", result);
    json_text(json, "name", err_name(result));
    json_close(json, '}');
}

static void write_machine(struct json *json, const struct machine *machine)
{
    const struct machine_bug *bug;

    json_open(json, "machine", '{');
    json_text(json, "kernel", machine->kernel);
    json_text(json, "arch", machine->arch);
    json_text(json, "distribution", machine->distribution);
    json_bool(json, "virtual", machine->is_virtual);
    json_text(json, "liburing_header", machine->header);
    json_text(json, "liburing_library", machine->library);
    json_open(json, "known_bugs", '[');
    for (int n = 0; (bug = machine_bug(machine->version, n)) != NULL; n++) {
        json_open(json, NULL, '{');
        json_text(json, "what", bug->what);
        json_text(json, "source", bug->source);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

/* Returns -1 for "no limit", which JSON cannot express as a number. */
static long long limit_or_none(uint64_t limit)
{
    return limit > INT64_MAX ? -1 : (long long)limit;
}

static void write_facts(struct json *json, const struct facts *facts)
{
    json_open(json, "facts", '{');
    write_result(json, "setup", facts->setup_result);
    write_result(json, "register", facts->ops_result);
    write_result(json, "harmless_setup", facts->answers.setup);
    write_result(json, "harmless_enter", facts->answers.enter);
    json_bool(json, "killed", facts->is_killed);
    json_number(json, "io_uring_disabled", facts->disabled);
    json_number(json, "io_uring_group", facts->group);
    json_bool(json, "admitted", facts->is_admitted);
    json_number(json, "seccomp", facts->seccomp);
    json_text(json, "container", facts->container);
    json_number(json, "wsl", facts->wsl);
    json_bool(json, "gvisor", facts->is_gvisor);
    json_bool(json, "memlock_charged", facts->is_charged);
    json_number(json, "memlock", limit_or_none(facts->memlock));
    json_number(json, "open_files", limit_or_none(facts->open_files));
    json_close(json, '}');
}

static void write_cause(struct json *json, const char *key,
                        const struct cause *cause)
{
    if (cause == NULL) {
        json_text(json, key, NULL);
        return;
    }
    json_open(json, key, '{');
    json_text(json, "id", cause->id);
    json_text(json, "what", cause->what);
    json_open(json, "cures", '[');
    for (const struct cure *cure = cause->cures; cure->where != NULL; cure++) {
        json_open(json, NULL, '{');
        json_text(json, "where", cure->where);
        json_text(json, "how", cure->how);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

static void write_item(struct json *json, const struct report_item *item)
{
    json_open(json, NULL, '{');
    json_text(json, "kind", item->kind);
    json_number(json, "number", item->number);
    json_text(json, "name", item->entry->name);
    json_text(json, "since", item->entry->since);
    json_bool(json, "here", item->result == 0);
    write_result(json, "answer", item->result);
    json_bool(json, "missed", report_is_missed(item));
    if (item->entry->use != NULL) {
        json_number(json, "phase", item->entry->phase);
        json_text(json, "use", item->entry->use);
    }
    json_close(json, '}');
}

void report_print_json(const struct report *report)
{
    struct json json = {.write = write_to_stdout};
    struct report_item item;

    json_open(&json, NULL, '{');
    json_number(&json, "exit", report->verdict);
    json_bool(&json, "usable", report->verdict != VERDICT_UNUSABLE);
    write_result(&json, "init", report->first_ring);
    write_cause(&json, "cause", report->cause);
    write_cause(&json, "next", report->next);
    write_machine(&json, &report->machine);
    write_facts(&json, &report->facts);
    json_open(&json, "here", '{');
    write_result(&json, "write", report->fs_probe.write);
    write_result(&json, "o_direct", report->fs_probe.o_direct);
    write_result(&json, "reflink", report->fs_probe.reflink);
    json_close(&json, '}');
    json_open(&json, "items", '[');
    if (report->verdict != VERDICT_UNUSABLE)
        for (int n = 0; report_item(report, n, &item); n++)
            write_item(&json, &item);
    json_close(&json, ']');
    json_close(&json, '}');
    putchar('\n');
}

/* report_text.c: prints the report as text; see report.h.
 *
 * The verdict is last, where it remains visible in a terminal. A refusal and
 * its cures go to stderr, so that they are visible even if stdout is
 * discarded. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "report.h"

static const char *yes_or_why(int result)
{
    return result == 0 ? "yes" : err_words(result);
}

static void print_rules(const struct facts *facts)
{
    static const char *const modes[] = {"none", "strict", "filter"};
    int mode = facts->seccomp;

    printf("seccomp       %s\n",
           mode >= 0 && mode <= 2 ? modes[mode] : "not told");
    if (facts->disabled >= 0)
        printf("sysctl        kernel.io_uring_disabled = %d\n",
               facts->disabled);
    printf("memlock       ");
    if (facts->memlock == FACTS_UNLIMITED)
        printf("unlimited");
    else
        printf("%" PRIu64 " KiB", facts->memlock / 1024);
    printf("%s\n", facts->is_charged ? "" : ", not charged (CAP_IPC_LOCK)");
    printf("open files    %" PRIu64 "\n", facts->open_files);
}

static void print_machine(const struct report *report)
{
    const struct machine *machine = &report->machine;
    const struct fs_probe *probe = &report->fs_probe;
    const char *container = report->facts.container;
    const struct machine_bug *bug;

    printf("kernel        Linux %s %s\n", machine->kernel, machine->arch);
    for (int n = 0; (bug = machine_bug(machine->version, n)) != NULL; n++)
        printf("  known bug   %s\n              %s\n", bug->what, bug->source);
    printf("distribution  %s\n", machine->distribution[0] != '\0'
                                     ? machine->distribution
                                     : "not told");
    printf("liburing      %s in the header; at run time %s\n", machine->header,
           machine->library[0] != '\0' ? machine->library : "linked in");
    printf("runs in       %s%s%s", machine->is_virtual ? "a virtual machine"
                                                       : "no virtual machine",
           container != NULL ? ", a container: " : ", no container",
           container != NULL ? container : "");
    if (report->facts.wsl > 0)
        printf(", WSL %d", report->facts.wsl);
    printf("\nhere          write: %s; O_DIRECT: %s; reflink: %s\n",
           yes_or_why(probe->write), yes_or_why(probe->o_direct),
           yes_or_why(probe->reflink));
    print_rules(&report->facts);
}

/* Prints one line: yes or no, number, name, first kernel version, and use. */
static void print_item(const struct report_item *item)
{
    const struct catalog_entry *entry = item->entry;
    const char *is_here = item->result == 0 ? "yes" : "no";

    printf("  %-3s %3d  %-26s %s", is_here, item->number, entry->name,
           entry->since);
    if (entry->use != NULL)
        printf("%*s  phase %d: %s", 4 - (int)strlen(entry->since), "",
               entry->phase, entry->use);
    /* EINVAL means that the kernel does not know the item. Any other errno is a
     * refusal, so print it. */
    if (item->result < 0 && item->result != -EINVAL)
        printf("  (%s)", err_name(item->result));
    putchar('\n');
}

/* Prints all items, which are ordered by kind, with a title above each kind. */
static void print_items(const struct report *report)
{
    static const char *const titles[][2] = {
        {"feature", "features: what set-up announces"},
        {"flag", "set-up flags, by trial"},
        {"trial", "registrations and operations, by trial"},
        {"opcode", "opcodes"},
    };
    struct report_item item;
    const char *kind = "";

    for (int n = 0; report_item(report, n, &item); n++) {
        for (int i = 0; strcmp(kind, item.kind) != 0 && i < 4; i++)
            if (strcmp(titles[i][0], item.kind) == 0)
                printf("\n%s\n", titles[i][1]);
        kind = item.kind;
        print_item(&item);
    }
    if (report->probe.ops_count > catalog_ops())
        printf("  and %d newer than envcheck\n",
               report->probe.ops_count - catalog_ops());
}

/* Prints the items that each phase lacks on this kernel. */
static void print_missed(const struct report *report)
{
    struct report_item item;

    putchar('\n');
    for (int phase = 1; phase <= 10; phase++)
        for (int n = 0; report_item(report, n, &item); n++)
            if (report_is_missed(&item) && item.entry->phase == phase)
                printf("phase %d goes without %s %s (Linux %s): %s\n", phase,
                       item.kind, item.entry->name, item.entry->since,
                       item.entry->use);
    if (report->verdict == VERDICT_READY)
        printf("every phase runs in full\n");
}

static void print_cause(const char *label, const struct cause *cause)
{
    if (cause == NULL)
        return;
    fprintf(stderr, "%s: %s\n", label, cause->what);
    for (const struct cure *cure = cause->cures; cure->where != NULL; cure++)
        fprintf(stderr, "cure, %-13s %s\n", cure->where, cure->how);
}

void report_print_text(const struct report *report)
{
    print_machine(report);
    if (report->verdict != VERDICT_UNUSABLE) {
        print_items(report);
        print_missed(report);
        printf("io_uring works!\n");
    }
    if (report->verdict == VERDICT_UNUSABLE)
        fflush(stdout); /* before the messages on stderr */
    if (report->first_ring < 0)
        fprintf(stderr, "io_uring init failed: %d\n", report->first_ring);
    print_cause("cause", report->cause);
    print_cause("and after that", report->next);
}

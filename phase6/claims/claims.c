/* claims.c: checks claims about io_uring on the kernel that runs it.
 * Introduced in phase 6. Needs: claims_run.h, command.h.
 *
 * What it teaches: documents describe the kernel for which they were written,
 * and a program runs on another one. A sentence that matters can be turned into
 * a check of ten lines. Here are 62 of them, and a list that others can extend.
 *
 * A claim that differs is not an error of this program, so the exit code is 0.
 * Only a check that crashes or hangs is one: then nothing is known about its
 * claim. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims_run.h"
#include "command.h"

static const char help[] =
    "[--differs] [WORD...]\n"
    "Checks what manual pages and articles claim about io_uring, on this\n"
    "kernel. With WORDs, checks only claims whose source or text has one.\n"
    "\n"
    "  --differs  print only claims that differ\n"
    "\n"
    "Each line has a verdict, the source, and the claim:\n"
    "\n"
    "  holds    the kernel does this\n"
    "  DIFFERS  the kernel does what the next line says\n"
    "  absent   it cannot be checked here; the next line says why\n"
    "\n"
    "Exit codes: 0 every claim was checked or is absent, 1 a check failed,\n"
    "2 usage.\n";

static const struct claim *const lists[] = {
    claims_setup,      claims_submit,    claims_links,
    claims_operations, claims_resources, claims_articles,
};

static bool only_differs;
static int counts[VERDICT_FAILED + 1];

/* True if there are no words, or the claim has one of them. */
static bool is_chosen(const struct claim *claim, char **words)
{
    if (*words == NULL)
        return true;
    for (; *words != NULL; words++)
        if (strstr(claim->source, *words) || strstr(claim->text, *words))
            return true;
    return false;
}

/* Checks the claim, counts the verdict, and prints it. */
static void run(const struct claim *claim)
{
    static const char *const names[] = {"holds", "DIFFERS", "absent", "FAILED"};
    char seen[CLAIM_SEEN_LEN];
    enum verdict verdict = claims_run(claim, seen);

    counts[verdict]++;
    if (only_differs && verdict != VERDICT_DIFFERS)
        return;
    printf("%-7s %s: %s\n", names[verdict], claim->source, claim->text);
    if (verdict != VERDICT_HOLDS)
        printf("        %s\n", seen);
}

int main(int argc, char **argv)
{
    const struct command_option options[] = {
        {.name = "differs", .flag = &only_differs},
        {0},
    };
    struct command command = {
        .name = "claims",
        .help = help,
        .options = options,
        .operands_max = COMMAND_ANY,
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (const struct claim *c = lists[i]; c->source != NULL; c++)
            if (is_chosen(c, command.operands))
                run(c);
    if (counts[VERDICT_HOLDS] + counts[VERDICT_DIFFERS] +
            counts[VERDICT_ABSENT] + counts[VERDICT_FAILED] == 0)
        return command_misuse(&command, "no claim has a word like '%s'",
                              *command.operands);
    printf("%d hold, %d differ, %d cannot be checked here, %d failed\n",
           counts[VERDICT_HOLDS], counts[VERDICT_DIFFERS],
           counts[VERDICT_ABSENT], counts[VERDICT_FAILED]);
    return command_finish(&command, counts[VERDICT_FAILED] > 0
                                        ? COMMAND_FAILED
                                        : COMMAND_DONE);
}

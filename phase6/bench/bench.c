/* bench.c: the same files, read or written by many strategies, in turn.
 *
 * What it teaches: how to measure so that the result can be trusted. The
 * strategies run in turn, so that other load on the machine affects all of
 * them. The first column is a ratio, which is computed within each round, and
 * the second is its spread. Set-up has its own column. Other columns show
 * causes of the times: system calls, threads, CPU time and memory. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench_report.h"
#include "err.h"
#include "fixtures.h"
#include "interrupt.h"

struct bench {
    struct bench_options *options; /* borrowed */
    struct work *work;             /* borrowed: options->work */
    struct outcome *outcome;       /* owned: shared with the children */
    struct row *rows;              /* borrowed */
    bool forgot_names;
};

/* Removes the line that shows the progress. Otherwise a message would begin
 * in the middle of a line. */
static void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* Prints why bench stops. If a signal has stopped it, prints nothing, because
 * the user knows the reason. Returns main's exit code. */
static int complain(const char *what, const char *name, int result)
{
    clear_progress();
    if (interrupt_number() == 0)
        fprintf(stderr, "bench: %s '%s': %s (%s)\n", what, name,
                err_words(result), err_name(result));
    return COMMAND_FAILED;
}

/* Brings the page cache into the state that a run needs. A direct write would
 * otherwise have to remove the pages that a verification has read. Returns
 * main's exit code. */
static int prepare_cache(struct bench *bench)
{
    const char *name = NULL;
    int result;

    if (!bench->options->is_cold && bench->work->load != WORK_DIRECT)
        return 0;
    result = fixtures_forget_bytes(bench->work, &name);
    if (result < 0)
        return complain("cannot remove from the page cache", name, result);
    if (bench->options->is_cold)
        bench->forgot_names = fixtures_forget_names();
    return 0;
}

/* Sets row->reason if the strategy cannot be set up here. Returns main's exit
 * code: 1 if a file cannot be read or written, or has the wrong bytes. */
static int judge(struct bench *bench, struct row *row)
{
    const struct outcome *outcome = bench->outcome;
    const char *name = NULL;
    int result;

    if (outcome->signal != 0) {
        snprintf(row->reason, sizeof row->reason, "signal %d (%s) ended it",
                 outcome->signal, strsignal(outcome->signal));
        return 0;
    }
    if (outcome->failed_file != RUN_NO_FILE)
        return complain(bench->work->writes ? "cannot write" : "cannot read",
                        bench->work->names[outcome->failed_file],
                        outcome->result);
    if (outcome->result < 0) {
        snprintf(row->reason, sizeof row->reason, "%s (%s)",
                 err_words(outcome->result), err_name(outcome->result));
        return 0;
    }
    result = bench->work->writes ? fixtures_verify(bench->work, &name) : 0;
    if (result < 0 && result != -EILSEQ)
        return complain("cannot verify", name, result);
    if (result == 0)
        return 0;
    clear_progress();
    fprintf(stderr, "bench: %s has written wrong bytes to '%s'\n",
            row->strategy->name, name);
    return COMMAND_FAILED;
}

/* Runs one strategy once. Every run has a different seed, so that bytes of an
 * earlier run are noticed. Returns main's exit code. */
static int measure(struct bench *bench, struct row *row)
{
    int code = prepare_cache(bench), result;

    if (code != 0)
        return code;
    bench->work->seed++;
    result = run_in_child(bench->work, row->strategy, bench->outcome);
    if (result < 0)
        return complain("cannot run", row->strategy->name, result);
    code = judge(bench, row);
    row->bytes = bench->outcome->bytes;
    row->sum = bench->outcome->sum;
    return code;
}

/* Returns the first row that was measured, or NULL. */
static struct row *first_row(const struct bench *bench)
{
    for (int i = 0; i < bench->options->strategy_count; i++)
        if (bench->rows[i].reason[0] == '\0')
            return &bench->rows[i];
    return NULL;
}

/* Runs all strategies in turn. The first round fills the caches, and does not
 * count. On a terminal, shows which strategy is running. Returns main's exit
 * code. */
static int measure_all(struct bench *bench)
{
    int code = 0;

    for (int round = -1; round < (int)bench->options->rounds; round++) {
        for (int i = 0; i < bench->options->strategy_count && code == 0; i++) {
            struct row *row = &bench->rows[i];

            row->strategy = &bench->options->strategies[i];
            if (row->reason[0] != '\0')
                continue;
            if (isatty(STDERR_FILENO))
                fprintf(stderr, "\rbench: round %d of %u, %s\033[K", round + 1,
                        bench->options->rounds, row->strategy->name);
            code = measure(bench, row);
            if (code == 0 && round >= 0 && row->reason[0] == '\0')
                figures_add(row, bench->outcome);
        }
    }
    clear_progress();
    return code;
}

/* Returns main's exit code: 1 if the strategies did not transfer the same
 * bytes. */
static int print_report(struct bench *bench)
{
    struct report report = {bench->options, bench->work, bench->rows,
                            first_row(bench), bench->forgot_names};
    int code = 0;

    figures_finish(bench->rows, bench->options->strategy_count, report.first);
    for (int i = 0; i < bench->options->strategy_count; i++) {
        struct row *row = &bench->rows[i];

        if (row->reason[0] == '\0' && (row->bytes != report.first->bytes ||
                                       row->sum != report.first->sum))
            code = COMMAND_FAILED;
    }
    if (bench->options->wants_json)
        bench_report_json(&report);
    else
        bench_report_table(&report);
    if (code != 0)
        fputs("bench: the strategies did not transfer the same bytes\n",
              stderr);
    return code;
}

/* Measures bench->work, whose files are there. Returns main's exit code. */
static int run(struct bench *bench)
{
    int code = work_init(bench->work) < 0 ? COMMAND_FAILED : 0;

    if (code != 0)
        return complain("no memory for", "the order of the blocks",
                        -ENOMEM);
    code = measure_all(bench);
    if (code == 0 && first_row(bench) == NULL) {
        fprintf(stderr, "bench: no strategy can be set up here: %s: %s\n",
                bench->rows->strategy->name, bench->rows->reason);
        code = COMMAND_USAGE;
    }
    if (code == 0)
        code = print_report(bench);
    work_finish(bench->work);
    return code;
}

/* Measures the files on the command line, or makes files and measures these. */
static int run_with_files(struct bench *bench, const struct command *command)
{
    struct bench_options *options = bench->options;
    struct work *work = bench->work;
    struct fixtures fixtures = {.count = 0};
    int result, code;

    if (command->operand_count > 0) {
        work->names = command->operands;
        work->file_count = command->operand_count;
        work->file_len = 0;
        return run(bench);
    }
    work->file_count = work->load == WORK_FILES ? (int)options->files : 1;
    result = fixtures_init(&fixtures, work->file_count, work->file_len);
    if (result < 0)
        return complain("cannot make files in", fixtures.folder, result);
    work->names = fixtures.names;
    code = run(bench);
    fixtures_finish(&fixtures);
    return code;
}

int main(int argc, char **argv)
{
    static struct row rows[STRATEGIES_MAX];
    struct bench_options options;
    struct command command;
    struct bench bench = {.options = &options, .work = &options.work,
                          .rows = rows};
    int code = bench_options_parse(&options, &command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    interrupt_init();
    bench.outcome = run_map_outcome();
    if (bench.outcome == NULL)
        return complain("cannot map", "the outcome", -ENOMEM);
    code = run_with_files(&bench, &command);
    munmap(bench.outcome, sizeof *bench.outcome);
    code = command_finish(&command, code);
    interrupt_finish();
    return code;
}

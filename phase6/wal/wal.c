/* wal: a log of lines that survives a power cut.
 *
 * What it teaches: a program that prints a number makes a promise. Before it
 * prints the number, the record must be on the disk, and the name of the file,
 * too. Read record.h, log_scan.h, commit.c and log.c first.
 *
 * Two mutexes order the tasks of append. The input mutex gives the records the
 * order of the lines, and the log's mutex gives the numbers that order:
 *
 *     task 1   line 1 | add | write and fsync ........ | print 1 | line 4 ...
 *     task 2          line 2 | add | wait for the disk .......... | print 2
 *     task 3                 line 3 | add | wait for the disk ........... */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "file.h"
#include "group.h"
#include "lines.h"
#include "log.h"
#include "sys.h"
#include "wal_errors.h"

#define TASKS_MAX 256
#define BLOCK_LEN 65536
#define LINE_MAX_LEN (RECORD_PAYLOAD_MAX + 1) /* with its newline */

static const char *path;
static unsigned tasks = 64;

/* The state that the tasks of append share. */
static struct {
    struct log log;
    struct aio in;
    struct lines lines;
    struct mutex input; /* its owner uses lines */
    int input_failure;  /* no more lines are read */
    char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_LEN)];
} append;

static struct scan scan; /* too large for the stack of a task */

/* Reads a line and adds it to the log, so that records have the order of the
 * lines. If the input fails, prints a message, and ends the input: the records
 * before it are still stored.
 *
 * Returns 1       *sequence is the number of the record
 *         0       end of input
 *         -errno  cancelled, or the failure that stopped the log */
static int wal_await_take_line(uint64_t *sequence)
{
    char *line;
    int len = 0, rc = mutex_await_lock(&append.input);

    if (rc < 0)
        return rc;
    if (append.input_failure == 0)
        len = lines_await_line(&append.lines, &line);
    if (len > 0) {
        if (line[len - 1] == '\n')
            len--;
        rc = log_await_add(&append.log, line, (size_t)len, sequence);
        rc = rc < 0 ? rc : 1;
    } else if (len == -ECANCELED) {
        rc = len;
    } else if (len < 0) {
        append.input_failure = wal_input_failed(len);
    }
    mutex_unlock(&append.input);
    return rc;
}

/* The body of an appender task. There are many appenders, and each waits for
 * one record to become durable. */
static int wal_run_appender(void *arg)
{
    uint64_t sequence;
    int rc;

    (void)arg;
    while ((rc = wal_await_take_line(&sequence)) > 0) {
        rc = log_await_durable(&append.log, sequence);
        if (rc < 0)
            break;
        /* The acknowledgement. Flush it, because a reader waits for it. */
        printf("%llu\n", (unsigned long long)sequence);
        if (fflush(stdout) != 0)
            return -EIO; /* command_finish prints a message */
    }
    return rc;
}

/* Appends all lines of the input. Returns 0, or the first failure. */
static int wal_await_append_all(void)
{
    static struct group_task appenders[TASKS_MAX];
    struct group group = {0};
    int rc = aio_adopt(&append.in, STDIN_FILENO);

    if (rc < 0)
        return wal_input_failed(rc);
    lines_init(&append.lines, &append.in, append.memory, LINE_MAX_LEN,
               BLOCK_LEN);
    for (unsigned i = 0; i < tasks && rc == 0; i++)
        rc = group_spawn(&group, &appenders[i], "appender", wal_run_appender,
                         NULL);
    rc = group_await_all(&group);
    lines_await_finish(&append.lines);
    return rc < 0 ? rc : append.input_failure;
}

/* Returns true if the program would read the records that it appends. */
static bool input_is(const struct aio *file)
{
    struct stat in, out;

    return sys_stat(STDIN_FILENO, &in) == 0 && sys_stat(file->fd, &out) == 0 &&
           file_is_same(&in, &out);
}

static int wal_run_append(void *arg)
{
    struct log *log = &append.log;
    uint64_t torn_len = 0;
    int rc = log_await_open(log, path, &scan, &torn_len);

    (void)arg;
    if (rc == -EBADMSG)
        return wal_damaged(path, &scan);
    if (rc < 0)
        return wal_failed(path, "open", rc);
    if (torn_len > 0)
        fprintf(stderr, "wal: %s: cut off %llu bytes of a batch that was never "
                "acknowledged; the last record is %llu\n", path,
                (unsigned long long)torn_len,
                (unsigned long long)log->durable);
    /* The group of appenders ends when the input or the log does. */
    rc = input_is(&log->file) ? wal_failed(path, "append to", -EDEADLK)
                              : wal_await_append_all();
    if (log->failure < 0) {
        wal_failed(path, "write", log->failure);
        fprintf(stderr, "wal: records after %llu are not promised; find the "
                "cause, and run append again\n",
                (unsigned long long)log->durable);
    }
    (void)log_await_close(log);
    return rc;
}

/* Reads all records, and calls print for each. A torn tail is not an error: its
 * records were never acknowledged. */
static int wal_await_read_all(void (*print)(const struct record *record))
{
    static struct aio file;
    struct record record;
    int rc = log_await_open_read(&file, path);

    if (rc < 0)
        return wal_failed(path, "open", rc);
    rc = scan_await_start(&scan, &file);
    while (rc > 0 && (rc = scan_await_next(&scan, &record)) > 0)
        if (print != NULL)
            print(&record);
    (void)aio_await_close(&file);
    if (rc == -EBADMSG)
        return wal_damaged(path, &scan);
    return rc < 0 ? wal_failed(path, "read", rc) : 0;
}

static void print_record(const struct record *record)
{
    printf("%llu ", (unsigned long long)record->sequence);
    fwrite(record->payload, 1, record->len, stdout);
    putchar('\n');
}

static int wal_run_dump(void *arg)
{
    (void)arg;
    return wal_await_read_all(print_record);
}

static int wal_run_check(void *arg)
{
    int rc = wal_await_read_all(NULL);

    (void)arg;
    if (rc == 0)
        printf("%llu records, %llu bytes, a torn tail of %llu bytes\n",
               (unsigned long long)scan.last, (unsigned long long)scan.offset,
               (unsigned long long)scan.torn_len);
    return rc;
}

static const char help[] =
    "[--tasks N] append|dump|check LOG\n"
    "Keeps a log whose records survive a power cut.\n\n"
    "  append LOG  adds each line of the input as a record, and prints the\n"
    "              number of the record once it is on the disk. Creates LOG\n"
    "              if there is none, and cuts off what a power cut has torn\n"
    "  dump LOG    prints the number and the bytes of each record\n"
    "  check LOG   reads each record, and counts them. Changes nothing\n"
    "  --tasks N   so many records wait for the disk at a time (64)\n"
    "  --help, --version\n\n"
    "Exit: 0 done; 1 the log is damaged, or an operation failed; 2 usage, or\n"
    "no ring.\n";

static const struct {
    const char *name;
    task_fn *run;
} actions[] = {
    {"append", wal_run_append},
    {"dump", wal_run_dump},
    {"check", wal_run_check},
};

/* Runs the action as a task. Returns the exit code. */
static int run_action(struct command *command, task_fn *run)
{
    static struct loop loop;
    int rc = loop_init(&loop, NULL);

    if (rc < 0)
        return command_no_ring(command->name, rc);
    rc = loop_run(&loop, run, NULL);
    loop_finish(&loop);
    /* dump leaves its last lines in the buffer of stdio. */
    return command_finish(command, rc < 0 ? COMMAND_FAILED : COMMAND_DONE);
}

int main(int argc, char **argv)
{
    const struct command_option options[] = {
        {.name = "tasks", .number = &tasks, .min = 1, .max = TASKS_MAX},
        {0},
    };
    struct command command = {
        .name = "wal",
        .help = help,
        .options = options,
        .operands_min = 2,
        .operands_max = 2,
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    path = command.operands[1];
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].name, command.operands[0]) == 0)
            return run_action(&command, actions[i].run);
    return command_misuse(&command, "'%s' is not append, dump or check",
                          command.operands[0]);
}

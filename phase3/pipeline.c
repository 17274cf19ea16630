/* pipeline: files | grep | number | head, as a chain of generators.
 *
 * What it teaches: a generator is a function that can stop in the middle to
 * yield a value. Each stage is a loop that requests lines from the stage before
 * it, and the task requests lines from the last stage. A stage yields a line
 * only when the next stage requests one. Its code does not depend on which
 * stages come before or after it. All stages run in the same task. When the
 * first stage waits for the kernel, the whole pipeline waits. */
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "generator.h"
#include "overflow.h"
#include "trace_command.h"

#define LINE_LEN_MAX 65536 /* a longer line is passed on in parts */
#define STAGES 4
#define FOLLOW_NS UINT64_C(20000000) /* between two reads at end of file */

/* A borrowed line, valid until the next call of the stage that yielded it. */
struct line {
    const char *text;
    size_t len; /* including the newline, if any */
};

static const char *grep_text;
static bool follows, numbers;
static uint64_t head = UINT64_MAX; /* lines still to print */
static struct trace_command trace = TRACE_COMMAND_DEFAULT;
static bool has_failed; /* an error was reported: exit code 1 */

/* Each stage needs its own stack, because it can stop inside nested calls. */
static struct stack_arena arena; /* separate from the loop's arena */
static struct stack stacks[STAGES];
static struct generator stages[STAGES];

/* Prints a message and does not exit, because the pipeline continues with the
 * other files. */
static void fail(const char *verb, const char *what, int rc)
{
    fprintf(stderr, "pipeline: cannot %s %s: %s (%s)\n", verb, what,
            err_words(rc), err_name(rc));
    has_failed = true;
}

/* A file that is being split into lines. */
struct input {
    const char *path;
    size_t len; /* bytes in buf that are not yet yielded */
    char buf[LINE_LEN_MAX];
};

/* Yields the complete lines, and moves the rest to the front of buf. The body
 * of the generator calls this function. The function can yield, too, because a
 * switch saves the whole stack and not only one frame. */
static int yield_lines(struct generator *self, struct input *input)
{
    struct line line = {.text = input->buf};
    const char *end = input->buf + input->len, *newline;
    int rc = 0;

    while (rc == 0 &&
           (newline = memchr(line.text, '\n', (size_t)(end - line.text)))) {
        line.len = (size_t)(newline + 1 - line.text);
        rc = generator_yield(self, &line, NULL);
        line.text = newline + 1;
    }
    input->len = (size_t)(end - line.text);
    memmove(input->buf, line.text, input->len);
    return rc;
}

/* Yields the rest of buf, which does not end with a newline. */
static int yield_rest(struct generator *self, struct input *input)
{
    struct line line = {input->buf, input->len};

    input->len = 0;
    return line.len > 0 ? generator_yield(self, &line, NULL) : 0;
}

/* Reads more of the file. With --follow, waits at the end of the file until
 * more is appended. Returns the number of bytes read, 0 at the end, or
 * -errno. */
static int pipeline_await_more(struct input *input, int fd)
{
    for (;;) {
        int got = await_read(fd, input->buf + input->len,
                             sizeof input->buf - input->len, AWAIT_STREAM);

        if (got != 0 || !follows)
            return got;
        got = await_sleep_ns(FOLLOW_NS);
        if (got < 0)
            return got;
    }
}

/* DOC: pipeline-source. Yields the lines of one open file. If the next stage
 * ends this one, the yield returns an error, and the caller closes the file. */
static int pipeline_await_file_lines(struct generator *self,
                                     struct input *input, int fd)
{
    int got, rc = 0;

    while (rc == 0 && (got = pipeline_await_more(input, fd)) > 0) {
        input->len += (size_t)got;
        rc = yield_lines(self, input);
        if (rc == 0 && input->len == sizeof input->buf)
            rc = yield_rest(self, input);
    }
    if (rc == 0 && got < 0)
        fail("read", input->path, got);
    return rc == 0 ? yield_rest(self, input) : rc;
}

/* The first stage reads one file after another. It is a loop over files around
 * a loop over lines, and it yields from the inner loop. */
static int pipeline_read_files(struct generator *self, void *arg)
{
    static struct input input; /* too large for the stack */
    char **paths = arg; /* NULL-terminated */
    int rc = 0;

    for (; rc == 0 && *paths != NULL; paths++) {
        int fd = await_openat(AT_FDCWD, *paths, O_RDONLY, 0);

        if (fd < 0) {
            fail("open", *paths, fd);
            continue;
        }
        input.path = *paths;
        input.len = 0; /* a failed read may have left bytes */
        rc = pipeline_await_file_lines(self, &input, fd);
        await_close(fd);
    }
    return rc;
}

/* Yields the lines that contain grep_text. The next stage may finish this stage
 * after any line. */
static int pipeline_grep(struct generator *self, void *arg)
{
    struct generator *from = arg;
    void *value;
    int rc = 0;

    while (rc == 0 && generator_next(from, &value)) {
        const struct line *line = value;

        if (memmem(line->text, line->len, grep_text, strlen(grep_text)))
            rc = generator_yield(self, value, NULL);
    }
    generator_finish(from); /* in case it has not ended yet */
    return rc;
}

/* Puts a number before each line. Yields a copy, because the stage before this
 * one owns the line. */
static int pipeline_number(struct generator *self, void *arg)
{
    static char buf[LINE_LEN_MAX + 32]; /* too large for the stack */
    struct generator *from = arg;
    unsigned long count = 0;
    void *value;
    int rc = 0;

    while (rc == 0 && generator_next(from, &value)) {
        const struct line *line = value;
        struct line out = {.text = buf};
        int len = snprintf(buf, sizeof buf, "%6lu\t", ++count);

        memcpy(buf + len, line->text, line->len);
        out.len = (size_t)len + line->len;
        rc = generator_yield(self, &out, NULL);
    }
    generator_finish(from);
    return rc;
}

/* Appends a stage and returns it as the new last stage. */
static struct generator *add(struct generator *last, generator_fn *fn,
                             void *arg)
{
    struct generator *stage = last == NULL ? stages : last + 1;

    generator_init(stage, stacks[stage - stages], fn, arg);
    return stage;
}

/* Runs as the task. Builds the pipeline and requests lines from the last
 * stage. */
static int pipeline_run(void *paths)
{
    struct generator *last = add(NULL, pipeline_read_files, paths);
    void *value;

    if (grep_text != NULL)
        last = add(last, pipeline_grep, last);
    if (numbers)
        last = add(last, pipeline_number, last);
    for (; head > 0 && generator_next(last, &value); head--) {
        const struct line *line = value;

        /* With --follow, print each line immediately. */
        if (fwrite(line->text, 1, line->len, stdout) < line->len ||
            (follows && fflush(stdout) != 0))
            break;
    }
    generator_finish(last); /* each stage finishes the one before it */
    return 0;
}

static const char help[] =
    "[OPTION]... FILE...\n"
    "Prints the lines of files, through stages.\n\n"
    "  --grep TEXT   only lines that contain TEXT\n"
    "  --number      with a number before each\n"
    "  --head COUNT  no more than COUNT, and nothing is read after them\n"
    "  --follow      waits at the end of the first file for more\n"
    TRACE_COMMAND_HELP
    "  --help, --version\n";

static const struct command_option options[] = {
    {.name = "grep", .text = &grep_text},
    {.name = "number", .flag = &numbers},
    {.name = "head", .number64 = &head, .max = UINT64_MAX},
    {.name = "follow", .flag = &follows},
    TRACE_COMMAND_OPTIONS(trace),
    {0},
};

int main(int argc, char **argv)
{
    static struct loop loop;
    struct command command = {
        .name = "pipeline",
        .help = help,
        .options = options,
        .operands_min = 1,
        .operands_max = COMMAND_ANY,
    };
    int rc = command_read(&command, argc, argv);

    if (rc == COMMAND_GO_ON)
        rc = trace_command_start(&trace, &command);
    if (rc != COMMAND_GO_ON)
        return rc;
    rc = stack_arena_init(&arena, STAGES, TOOLS_STACK_FACTOR * 32768);
    for (int i = 0; i < STAGES && rc == 0; i++)
        rc = stack_take(&arena, &stacks[i]);
    if (rc < 0) { /* exit releases the stacks already taken */
        fail("take", "stacks for the stages", rc);
        return 2;
    }
    rc = loop_init(&loop, NULL);
    if (rc < 0)
        return command_no_ring(command.name, rc);
    (void)overflow_watch(&loop.sched); /* reports a stack overflow */
    overflow_watch_generators(&arena); /* the loop does not own these stacks */
    rc = loop_run(&loop, pipeline_run, command.operands);
    overflow_unwatch();
    loop_finish(&loop);
    for (int i = 0; i < STAGES; i++)
        stack_release(&arena, stacks[i]);
    stack_arena_finish(&arena);
    rc = trace_command_finish(&trace, &command, rc < 0 || has_failed);
    /* stdio buffers output, so a full disk may be reported only now. */
    return command_finish(&command, rc);
}

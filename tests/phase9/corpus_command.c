/* corpus_command.c: every case of the corpus through the program httpparse:
 * what it accepts, what it refuses, with which status, and where.
 *
 * The parser may be a learner's, in any language. So only the numbers of its
 * output are compared, blanks between its tokens do not matter, and a program
 * that never ends, or never stops printing, is stopped.
 *
 * Judges: httpparse. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "children.h"
#include "suite.h"

enum {
    CASE_MAX_S = 60,        /* for one run of the program */
    OUTPUT_MAX = 1 << 20,   /* bytes that one run may print */
    FAILURES_SHOWN_MAX = 5, /* per test */
    STREAM_SHOWN_MAX = 300  /* bytes of a stream */
};

/* The parts of the output that are compared. The text of a reason is the
 * parser's own. */
struct verdict {
    size_t requests; /* before the end or the error */
    int status;      /* of the error, 0 for none */
    long offset;     /* of the error */
    int code;        /* exit code */
    int signal;      /* that ended the program, or 0 */
    bool is_noise;   /* a line is neither a request nor an error */
    char words[80];  /* the start of the last line on stderr; not compared */
};

/* Returns the verdict that a case expects. Its text has a line per request, and
 * then "400 @17 reason", "incomplete head @30", or nothing. */
static struct verdict wanted(const struct loaded_case *loaded)
{
    struct verdict verdict = {0};
    const char *line = loaded->expected;

    while (*line != '\0') {
        const char *end = strchr(line, '\n');
        const char *at = strchr(line, '@');
        bool is_incomplete = strncmp(line, "incomplete ", 11) == 0;

        if (is_incomplete || (*line >= '0' && *line <= '9')) {
            verdict.status = is_incomplete ? 400 : (int)strtol(line, NULL, 10);
            verdict.offset = strtol(at + 1, NULL, 10);
            verdict.code = is_incomplete ? 2 : 1;
        } else {
            verdict.requests++;
        }
        line = end != NULL ? end + 1 : line + strlen(line);
    }
    return verdict;
}

/* Becomes httpparse. Its stdin, stdout and stderr are files: "stream", "lines"
 * and "words". */
static void become_httpparse(void)
{
    static char path[4096];
    const struct rlimit output = {OUTPUT_MAX, OUTPUT_MAX};
    int in = open("stream", O_RDONLY);
    int out = open("lines", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int words = open("words", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    snprintf(path, sizeof path, "%s/httpparse", suite_bin());
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(words, STDERR_FILENO) < 0 || setrlimit(RLIMIT_FSIZE, &output) < 0)
        _exit(126);
    signal(SIGXFSZ, SIG_DFL);
    alarm(CASE_MAX_S); /* stays set across execl */
    execl(path, "httpparse", (char *)NULL);
    _exit(127);
}

/* Returns the number after "KEY": in text, or -1. */
static long number_of(const char *text, const char *key)
{
    const char *p = strstr(text, key);

    if (p == NULL)
        return -1;
    p += strlen(key);
    p += strspn(p, " :");
    return isdigit((unsigned char)*p) ? strtol(p, NULL, 10) : -1;
}

/* Adds a line of the output to the verdict. */
static void read_line(struct verdict *verdict, const char *line)
{
    const char *p = line + strspn(line, " ");

    if (*p != '{') {
        verdict->is_noise = true;
        return;
    }
    p += 1 + strspn(p + 1, " ");
    if (strncmp(p, "\"error\"", 7) != 0) {
        verdict->requests++;
        return;
    }
    verdict->status = (int)number_of(p, "\"status\"");
    verdict->offset = number_of(p, "\"offset\"");
}

/* Runs httpparse with the case as stdin. */
static struct verdict parsed(const struct loaded_case *loaded)
{
    static char line[OUTPUT_MAX + 1];
    struct verdict verdict = {0};
    FILE *file = fopen("stream", "w");
    pid_t child;
    int status;

    check(file != NULL);
    check(fwrite(loaded->input, 1, loaded->len, file) == loaded->len);
    check(fclose(file) == 0);
    child = fork();
    if (child == 0)
        become_httpparse();
    check(child > 0 && children_wait(child, &status, 0) == child);
    verdict.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    verdict.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    file = fopen("lines", "r");
    check(file != NULL);
    while (fgets(line, sizeof line, file) != NULL)
        read_line(&verdict, line);
    fclose(file);
    file = fopen("words", "r");
    check(file != NULL);
    while (fgets(line, sizeof line, file) != NULL)
        snprintf(verdict.words, sizeof verdict.words, "%.*s",
                 (int)strcspn(line, "\n"), line);
    fclose(file);
    return verdict;
}

static bool is_same(const struct verdict *one, const struct verdict *two)
{
    return one->requests == two->requests && one->status == two->status &&
           one->offset == two->offset && one->code == two->code &&
           one->signal == two->signal && one->is_noise == two->is_noise;
}

static char report[16384];
static size_t report_len;

static void say(const char *format, ...)
{
    size_t room = sizeof report - report_len;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(report + report_len, room, format, args);
    va_end(args);
    report_len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

/* Says the commands that repeat the i-th case in a shell. */
static void say_commands(const struct loaded_case *loaded, size_t i)
{
    if (loaded->len > STREAM_SHOWN_MAX) {
        say("ninja build/fuzz/seeds; build/fuzz/seeds FOLDER; "
            "httpparse <FOLDER/case-%03zu", i);
        return;
    }
    say("printf '");
    for (i = 0; i < loaded->len; i++) {
        unsigned char c = (unsigned char)loaded->input[i];

        if (c == '\r' || c == '\n')
            say(c == '\r' ? "\\r" : "\\n");
        else if (c < 0x20 || c >= 0x7f || strchr("'\\", c) != NULL)
            say("\\%03o", c);
        else
            say(c == '%' ? "%%%%" : "%c", c);
    }
    say("' | httpparse");
}

static void say_verdict(const struct verdict *verdict)
{
    say("%zu request%s", verdict->requests, verdict->requests == 1 ? "" : "s");
    if (verdict->status != 0)
        say(", then status %d at offset %ld", verdict->status, verdict->offset);
    if (verdict->is_noise)
        say(", and a line that is not a JSON object");
    if (verdict->signal == SIGALRM)
        say("; it did not end within %d s", CASE_MAX_S);
    else if (verdict->signal == SIGXFSZ)
        say("; it printed more than %d bytes", OUTPUT_MAX);
    else if (verdict->signal != 0)
        say("; signal %d ended it", verdict->signal);
    else
        say("; exit code %d", verdict->code);
    if (verdict->words[0] != '\0')
        say("; stderr: %s", verdict->words);
}

static bool is_in(const struct http_case *table, const struct http_case *one)
{
    while (table->name != NULL && table != one)
        table++;
    return table->name != NULL;
}

/* Checks the cases of a table whose status is in [from, to]: 0 for accepted
 * ones. Stops at a case that does not end, because the next ones may not end,
 * either. */
static void check_cases(const struct http_case *table, int from, int to)
{
    size_t failed = 0, tried = 0;
    bool is_stuck = false;

    check(chdir(getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp") == 0);
    for (size_t i = 0; i < cases_count() && !is_stuck; i++) {
        const struct loaded_case *loaded = cases_load(i);
        struct verdict expected = wanted(loaded), got;

        if (!is_in(table, loaded->origin) || expected.status < from ||
            expected.status > to)
            continue;
        got = parsed(loaded);
        tried++;
        is_stuck = got.signal == SIGALRM;
        if (is_same(&got, &expected) || ++failed > FAILURES_SHOWN_MAX)
            continue;
        say("\n  %s, %s:\n    run:      ", loaded->origin->row,
            loaded->origin->name);
        say_commands(loaded, i);
        say("\n    expected: ");
        say_verdict(&expected);
        say("\n    got:      ");
        say_verdict(&got);
    }
    ck_assert_msg(failed == 0, "%zu of %zu cases%s; the first ones:%s", failed,
                  tried, is_stuck ? ", then it stopped" : "", report);
    check(tried > 0);
}

/* A test per part of the grammar, so that a slow program has the time for one
 * part in one test. */
#define TESTS_OF(part)                                                         \
    TEST(part##_each_accepted_case_gives_its_requests)                         \
    {                                                                          \
        check_cases(cases_##part, 0, 0);                                       \
    }                                                                          \
    END_TEST                                                                   \
    TEST(part##_each_refused_case_gives_its_status_and_offset)                 \
    {                                                                          \
        check_cases(cases_##part, 400, 599);                                   \
    }                                                                          \
    END_TEST

TESTS_OF(line)
TESTS_OF(target)
TESTS_OF(fields)
TESTS_OF(framing)
TESTS_OF(chunked)
TESTS_OF(streams)
TESTS_OF(limits)

int main(void)
{
    suite_begin("corpus_command");
    suite_add(line_each_accepted_case_gives_its_requests);
    suite_add(target_each_accepted_case_gives_its_requests);
    suite_add(fields_each_accepted_case_gives_its_requests);
    suite_add(framing_each_accepted_case_gives_its_requests);
    suite_add(chunked_each_accepted_case_gives_its_requests);
    suite_add(streams_each_accepted_case_gives_its_requests);
    suite_add(limits_each_accepted_case_gives_its_requests);
    suite_stage("errors");
    suite_add(line_each_refused_case_gives_its_status_and_offset);
    suite_add(target_each_refused_case_gives_its_status_and_offset);
    suite_add(fields_each_refused_case_gives_its_status_and_offset);
    suite_add(framing_each_refused_case_gives_its_status_and_offset);
    suite_add(chunked_each_refused_case_gives_its_status_and_offset);
    suite_add(streams_each_refused_case_gives_its_status_and_offset);
    suite_add(limits_each_refused_case_gives_its_status_and_offset);
    return suite_end();
}

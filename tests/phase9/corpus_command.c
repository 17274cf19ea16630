/* corpus_command.c: every case of the corpus through the program httpparse:
 * what it accepts, what it refuses, with which status, and where.
 *
 * Judges: httpparse. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases.h"
#include "suite.h"

/* What is compared of the output. The text of a reason is the parser's own. */
struct verdict {
    size_t requests; /* that came before the end or the error */
    int status;      /* of the error, 0 for none */
    long offset;     /* of the error */
    int code;        /* exit code */
};

/* What a case expects: a line per request; then "400 @17 reason" or
 * "incomplete head @30", or nothing. */
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

/* Runs httpparse with the case as stdin. */
static struct verdict parsed(const struct loaded_case *loaded)
{
    static char line[1 << 17];
    static char command[4096];
    struct verdict verdict = {0};
    FILE *file = fopen("stream", "w");
    int status;

    check(file != NULL);
    check(fwrite(loaded->input, 1, loaded->len, file) == loaded->len);
    check(fclose(file) == 0);
    snprintf(command, sizeof command, "timeout 10 '%s/httpparse' <stream",
             suite_bin());
    file = popen(command, "r");
    check(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        const char *error = strstr(line, "{\"error\":{\"status\":");
        const char *offset = strstr(line, "\"offset\":");

        if (error != line || offset == NULL) {
            verdict.requests++;
            continue;
        }
        verdict.status = (int)strtol(error + 19, NULL, 10);
        verdict.offset = strtol(offset + 9, NULL, 10);
    }
    status = pclose(file);
    verdict.code = WEXITSTATUS(status);
    return verdict;
}

static bool is_same(const struct verdict *one, const struct verdict *two)
{
    return one->requests == two->requests && one->status == two->status &&
           one->offset == two->offset && one->code == two->code;
}

/* Adds to text how the case went. */
static void describe(char *text, size_t len, const struct http_case *origin,
                     struct verdict got, struct verdict expected)
{
    size_t used = strlen(text);

    snprintf(text + used, len - used,
             "\n    %s, %s: %zu requests, status %d at %ld, exit code %d; "
             "expected %zu, %d at %ld, %d",
             origin->row, origin->name, got.requests, got.status, got.offset,
             got.code, expected.requests, expected.status, expected.offset,
             expected.code);
}

/* Checks the cases whose status is in [from, to]: 0 for accepted ones. */
static void check_cases(int from, int to)
{
    static char failures[2048];
    size_t failed = 0;

    check(chdir(getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp") == 0);
    for (size_t i = 0; i < cases_count(); i++) {
        const struct loaded_case *loaded = cases_load(i);
        struct verdict expected = wanted(loaded), got;

        if (expected.status < from || expected.status > to)
            continue;
        got = parsed(loaded);
        if (is_same(&got, &expected))
            continue;
        failed++;
        describe(failures, sizeof failures, loaded->origin, got, expected);
    }
    ck_assert_msg(failed == 0, "%zu cases:%s", failed, failures);
}

TEST(each_accepted_case_gives_its_requests)
{
    check_cases(0, 0);
}

TEST(each_refused_case_gives_its_status_and_offset)
{
    check_cases(400, 599);
}

int main(void)
{
    suite_begin("corpus_command");
    suite_add(each_accepted_case_gives_its_requests);
    suite_stage("errors");
    suite_add(each_refused_case_gives_its_status_and_offset);
    return suite_end();
}

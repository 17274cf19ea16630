/* count-matches TEXT FILE...: how many lines of each file contain TEXT.
 *
 * What it teaches: a program can process a thousand files at once with code
 * that is written as for one file. Each file is a task, and a task is what one
 * would write with calls that wait. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "group.h"
#include "lines.h"

#define LINE_MAX_LEN 4096
#define BLOCK_LEN 16384

struct job {
    struct group_task task;
    const char *path;
    int result; /* lines that match, or -errno */
    char memory[LINES_MEMORY(LINE_MAX_LEN, BLOCK_LEN)];
};

static const char *text;
static char **paths;
static int count;

/* DOC: count-matches */
static int count_lines(void *arg)
{
    struct job *job = arg;
    AIO_SCOPED struct aio file = {0};
    struct lines lines;
    char *line;
    int rc = aio_await_open(&file, job->path, "r"), matches = 0;

    if (rc == 0) {
        lines_init(&lines, &file, job->memory, LINE_MAX_LEN, BLOCK_LEN);
        while ((rc = lines_await_line(&lines, &line)) > 0)
            matches += memmem(line, (size_t)rc, text, strlen(text)) != NULL;
        lines_await_finish(&lines);
    }
    job->result = rc < 0 ? rc : matches;
    return 0; /* a file that fails does not end the others */
}

static int print(const struct job *job)
{
    if (job->result < 0)
        fprintf(stderr, "count-matches: cannot read %s: %s (%s)\n", job->path,
                err_words(job->result), err_name(job->result));
    else
        printf("%s:%d\n", job->path, job->result);
    return job->result < 0;
}

static int count_all(void *arg)
{
    struct group group = {0};
    struct job *jobs = calloc((size_t)count + 1, sizeof *jobs);
    int failed = 0, rc = jobs == NULL ? -ENOMEM : 0;

    (void)arg;
    for (int i = 0; i < count && rc == 0; i++) {
        jobs[i].path = paths[i];
        rc = group_spawn(&group, &jobs[i].task, paths[i], count_lines,
                         &jobs[i]);
    }
    group_await_all(&group);
    for (int i = 0; i < count && rc == 0; i++)
        failed |= print(&jobs[i]);
    free(jobs);
    return rc < 0 ? rc : failed;
}

int main(int argc, char **argv)
{
    static struct loop loop;
    struct loop_options options = {.tasks_max = (uint32_t)argc};
    int rc;

    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("count-matches (one-ring) 0.1") < 0;
    if (argc < 3) {
        bool is_asked = argc == 2 && strcmp(argv[1], "--help") == 0;

        fputs("Usage: count-matches TEXT FILE...\n"
              "Prints how many lines of each file contain TEXT.\n",
              is_asked ? stdout : stderr);
        return is_asked ? 0 : 2;
    }
    text = argv[1];
    paths = argv + 2;
    count = argc - 2;
    rc = loop_init(&loop, &options);
    if (rc == 0)
        rc = loop_run(&loop, count_all, NULL);
    loop_finish(&loop);
    if (rc < 0)
        fprintf(stderr, "count-matches: %s (%s); envcheck says why\n",
                err_words(rc), err_name(rc));
    return rc < 0 ? 2 : rc;
}

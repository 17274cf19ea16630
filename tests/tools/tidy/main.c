/* main.c: tidy, the house style as a test; docs/style.md says why each rule.
 *
 * tidy [--report] [TREE] reads every text file below TREE and prints a line
 * FILE:LINE: SENTENCE for each place that breaks a rule. Exit code 0: none,
 * 1: some, 2: it could not look. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layers.h"
#include "names.h"
#include "rules.h"

#define FILES_MAX 2000
#define DEPTH_MAX 8
#define PATH_LEN 512
#define MEDIAN_LEN_MAX 12
#define P95_LEN_MAX 30
#define USED_ONCE_MAX 57 /* percent of static functions */
#define FEW 20           /* below, a median or a percentage means nothing */

static const char *const endings[] = {".c",   ".h",    ".S",  ".ninja",
                                      ".md",  ".bats", ".sh", ".bash",
                                      ".awk", ".css",  ".yml"};

static char *paths[FILES_MAX]; /* owned; relative to the tree */
static int path_count;

static bool is_script(const char *path)
{
    FILE *file = fopen(path, "rb");
    bool found = false;

    if (file != NULL) {
        found = fgetc(file) == '#' && fgetc(file) == '!';
        fclose(file);
    }
    return found;
}

/* By its ending; or a script, most of which have none. The data of tests may be
 * as odd as they need it. */
static bool is_text(const char *path)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (path_ends(path, endings[i]))
            return true;
    return is_script(path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* tidy does not check files that the build makes, files of git, or a learner's
 * answers (my). */
static bool is_skipped(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strcmp(name, ".git") == 0 || strcmp(name, "build") == 0 ||
           strcmp(name, "my") == 0;
}

/* folder ends in '/', or is empty: the top of the tree. */
static bool walk(const char *folder, int depth)
{
    DIR *dir = opendir(*folder ? folder : ".");
    char path[PATH_LEN];
    struct dirent *entry;
    struct stat info;

    if (dir == NULL || depth > DEPTH_MAX) {
        perror(folder);
        return false;
    }
    while ((entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof path, "%s%s", folder, entry->d_name);
        if (is_skipped(entry->d_name) || lstat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode)) {
            strncat(path, "/", sizeof path - strlen(path) - 1);
            walk(path, depth + 1);
        } else if (S_ISREG(info.st_mode) && is_text(path) &&
                   path_count < FILES_MAX) {
            paths[path_count++] = strdup(path);
        }
    }
    closedir(dir);
    return true;
}

static void check_file(const char *path, struct tally *tally)
{
    struct source source;

    if (!source_load(&source, path)) {
        complain(path, 1, "cannot be read");
        return;
    }
    rules_lines(&source);
    rules_words(&source);
    if (source_is_c(path)) {
        comments_count(&source);
        rules_functions(&source, tally);
    }
    if (path_begins(path, "lib/") &&
        (source_is_c(path) || path_ends(path, ".S")))
        rules_module(&source);
    if (path_ends(path, ".md"))
        rules_anchors(&source);
    source_finish(&source);
}

static void collect_anchors(void)
{
    for (int i = 0; i < path_count; i++) {
        struct source source;

        if (!source_is_c(paths[i]) || !source_load(&source, paths[i]))
            continue;
        anchors_collect(&source);
        source_finish(&source);
    }
}

/* lib/README.md lists every file of lib. */
static void check_table(void)
{
    struct source table;
    bool exists = false;

    for (int i = 0; i < path_count; i++)
        exists |= strcmp(paths[i], "lib/README.md") == 0;
    if (!exists || !source_load(&table, "lib/README.md"))
        return;
    for (int i = 0; i < path_count; i++) {
        char stem[128];

        if (!path_begins(paths[i], "lib/") ||
            !(source_is_c(paths[i]) || path_ends(paths[i], ".S")))
            continue;
        snprintf(stem, sizeof stem, "%s", strrchr(paths[i], '/') + 1);
        stem[strcspn(stem, ".")] = '\0';
        if (find_word(table.text, stem) == NULL)
            complain("lib/README.md", 1, "does not list %s", paths[i]);
    }
    source_finish(&table);
}

static int by_len(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The length that so many percent of all functions have at most. */
static int len_at(const struct tally *tally, int percent)
{
    if (tally->functions == 0)
        return 0;
    return tally->lens[(tally->functions * percent + 99) / 100 - 1];
}

static int used_once_percent(const struct tally *tally)
{
    if (tally->statics == 0)
        return 0;
    return (tally->used_once * 100 + tally->statics / 2) / tally->statics;
}

/* The rules that hold for all functions together. */
static void judge_functions(const struct tally *tally)
{
    const int median = len_at(tally, 50), p95 = len_at(tally, 95);
    const int once = used_once_percent(tally);

    if (tally->functions >= FEW && median > MEDIAN_LEN_MAX)
        complain("lib", 1,
                 "half of all functions have %d lines or more: at most %d",
                 median, MEDIAN_LEN_MAX);
    if (p95 > P95_LEN_MAX)
        complain("lib", 1,
                 "one function in 20 has %d lines or more: at most %d",
                 p95, P95_LEN_MAX);
    if (tally->statics >= FEW && once > USED_ONCE_MAX)
        complain("lib", 1,
                 "%d %% of static functions are used once: at most %d", once,
                 USED_ONCE_MAX);
}

/* The line that sums up. */
static void sum_up(const struct tally *tally, double comments)
{
    printf("tidy: %d files; lib and phases: %d functions (lines: median %d, "
           "95%% within %d, at most %d), %d%% of %d static ones used once, "
           "%.1f assertions each; lib: %.2f comments per line of code; ",
           path_count, tally->functions, len_at(tally, 50), len_at(tally, 95),
           len_at(tally, 100), used_once_percent(tally), tally->statics,
           tally->functions ? (double)tally->assertions / tally->functions : 0,
           comments);
    if (complaints() == 0)
        printf("clean\n");
    else
        printf("%d violations\n", complaints());
}

int main(int argc, char **argv)
{
    struct tally tally = {0};
    const bool report = argc > 1 && strcmp(argv[1], "--report") == 0;
    const char *tree = argv[1 + report] != NULL ? argv[1 + report] : ".";

    if (chdir(tree) != 0) {
        perror(tree);
        return 2;
    }
    if (!walk("", 0))
        return 2;
    qsort(paths, (size_t)path_count, sizeof *paths, by_name);
    collect_anchors();
    layers_load();
    for (int i = 0; i < path_count; i++)
        check_file(paths[i], &tally);
    check_table();
    names_check_headers(paths, path_count);
    qsort(tally.lens, (size_t)tally.functions, sizeof *tally.lens, by_len);
    judge_functions(&tally);
    sum_up(&tally, comments_judge(report));
    for (int i = 0; i < path_count; i++)
        free(paths[i]);
    free(tally.lens);
    return complaints() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

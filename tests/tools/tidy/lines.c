/* lines.c: rules about lines, and about how many there are. */
#include "rules.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS_MAX 80
#define LIB_LINES_MAX 300
#define HEADER_LINES_MAX 150
#define PHASE_LINES_MAX 300

/* In two halves, so that these files may be searched for them too. */
static const char *const unfinished[] = {"TO"
                                         "DO",
                                         "FIX"
                                         "ME",
                                         "XX"
                                         "X"};

/* Characters, not bytes: continuation bytes of UTF-8 take no column. */
static int columns(const char *line, int len)
{
    int count = 0;

    for (int i = 0; i < len; i++)
        count += ((unsigned char)line[i] & 0xc0) != 0x80;
    return count;
}

static void check_line(const struct source *source, const char *line, int len,
                       int number)
{
    char text[1024];

    if (memchr(line, '\t', (size_t)len) != NULL)
        complain(source->path, number, "a tab: indent with 4 spaces");
    if (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\r'))
        complain(source->path, number, "white space at the end of the line");
    if (source_is_c(source->path) && columns(line, len) > COLUMNS_MAX)
        complain(source->path, number, "%d columns: at most %d",
                 columns(line, len), COLUMNS_MAX);
    snprintf(text, sizeof text, "%.*s", len, line);
    for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++)
        if (find_word(text, unfinished[i]))
            complain(source->path, number, "%s: finish it, or leave it out",
                     unfinished[i]);
}

/* Assertions are part of the program. err.h refuses to compile without them;
 * nothing else has to know that the switch exists. */
static void check_assertions(const struct source *source)
{
    const char *word = find_word(source->text, "N"
                                               "DEBUG");

    if (word == NULL)
        word = find_word(source->text, "DN"
                                       "DEBUG");
    if (word != NULL && strcmp(source->path, "lib/base/err.h") != 0 &&
        !path_ends(source->path, ".md"))
        complain(source->path, source_line(source, word),
                 "N"
                 "DEBUG: assertions stay on in every build");
}

/* A file opens with what it teaches; its licence is the repository's. */
static void check_licence(const struct source *source)
{
    const char *found = strstr(source->text, "SPDX-"
                                             "License");

    if (found != NULL)
        complain(source->path, source_line(source, found),
                 "a licence tag: LICENSE speaks for every file");
}

static int lines_max(const char *path)
{
    if (!source_is_c(path) && !path_ends(path, ".S"))
        return 0;
    if (path_ends(path, ".md"))
        return 0; /* a lesson has its own measure: an hour's reading */
    if (path_begins(path, "lib/"))
        return path_ends(path, ".h") ? HEADER_LINES_MAX : LIB_LINES_MAX;
    if (path_begins(path, "phase"))
        return path_ends(path, ".h") ? HEADER_LINES_MAX : PHASE_LINES_MAX;
    return 0; /* tests are tables: as long as there are cases */
}

void rules_lines(const struct source *source)
{
    const char *line = source->text, *end = source->text + source->len;
    int number = 1;

    for (; line < end; number++) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));

        if (newline == NULL) {
            complain(source->path, number, "the last line does not end");
            newline = end;
        }
        check_line(source, line, (int)(newline - line), number);
        line = newline + 1;
    }
    if (source->line_count > lines_max(source->path) &&
        lines_max(source->path) > 0)
        complain(source->path, source->line_count,
                 "%d lines: at most %d; split it by concept",
                 source->line_count, lines_max(source->path));
    check_assertions(source);
    check_licence(source);
}

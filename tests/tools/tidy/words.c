/* words.c: words and openings of sentences that docs/style.md does not use.
 *
 * Reads the text for people: the comments of C and of scripts, Markdown outside
 * of code, and the names of tests. Joins lines first, since a phrase may begin
 * on one line and end on the next. */
#include "rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const unused[] = {
    "anew",      "in vain", "all the same", "for want of", "likewise",
    "by and by", "beneath", "meanwhile",    "at hand",     "of its own",
    "shall",     "hardly",  "some hundred"};

/* A test's name must be understood alone, in a log. */
static const char *const leaning[] = {"also", "so", "but", "the same"};

/* Text without line breaks or comment marks; '\n' ends a paragraph. */
struct prose {
    char *text; /* owned */
    int *lines; /* owned: the line of each character */
    size_t len;
};

static bool prose_init(struct prose *prose, size_t len_max)
{
    prose->text = malloc(len_max + 1);
    prose->lines = malloc((len_max + 1) * sizeof *prose->lines);
    prose->len = 0;
    return prose->text != NULL && prose->lines != NULL;
}

static void prose_finish(struct prose *prose)
{
    free(prose->text);
    free(prose->lines);
}

/* White space is one blank. */
static void prose_add(struct prose *prose, char c, int line)
{
    const char last = prose->len > 0 ? prose->text[prose->len - 1] : '\n';

    if (isspace((unsigned char)c) && c != '\n')
        c = ' ';
    if (c == ' ' && (last == ' ' || last == '\n'))
        return;
    prose->text[prose->len] = c;
    prose->lines[prose->len++] = line;
    prose->text[prose->len] = '\0';
}

/* A line without its comment mark. A line that is empty then ends a paragraph.
 * Code within backquotes is left out. */
static void prose_add_line(struct prose *prose, const char *start,
                           const char *end, int line)
{
    bool is_code = false;

    start += strspn(start, " \t*#/|>-");
    if (start >= end) {
        prose_add(prose, '\n', line);
        return;
    }
    for (const char *p = start; p < end; p++) {
        if (*p == '`')
            is_code = !is_code;
        else if (!is_code)
            prose_add(prose, *p, line);
    }
    prose_add(prose, ' ', line);
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool phrase_is_at(const struct prose *prose, size_t at,
                         const char *phrase)
{
    const size_t len = strlen(phrase);

    return strncasecmp(prose->text + at, phrase, len) == 0 &&
           (at == 0 || !is_word_char(prose->text[at - 1])) &&
           !is_word_char(prose->text[at + len]);
}

static void check_phrases(const struct source *source,
                          const struct prose *prose, size_t at)
{
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
        if (phrase_is_at(prose, at, unused[i]))
            complain(source->path, prose->lines[at],
                     "\"%s\": docs/style.md has a plainer word", unused[i]);
    if (phrase_is_at(prose, at, "some") && prose->text[at + 4] == ' ' &&
        isdigit((unsigned char)prose->text[at + 5]))
        complain(source->path, prose->lines[at],
                 "\"some\" before a number: write \"about\"");
}

/* A question may begin so; a statement names the actor. */
static void check_opening(const struct source *source,
                          const struct prose *prose, size_t at)
{
    const char *text = prose->text + at;

    if ((phrase_is_at(prose, at, "who") ||
         phrase_is_at(prose, at, "whoever")) &&
        *text == 'W' && text[strcspn(text, ".?!;\n")] != '?')
        complain(source->path, prose->lines[at],
                 "a sentence begins with \"%.*s\": name the actor",
                 (int)strcspn(text, " \n"), text);
}

static void check_prose(const struct source *source, const struct prose *prose)
{
    bool opens = true; /* a sentence, at the next word */

    for (size_t at = 0; at < prose->len; at++) {
        const char c = prose->text[at];

        check_phrases(source, prose, at);
        if (opens && isalpha((unsigned char)c)) {
            check_opening(source, prose, at);
            opens = false;
        }
        opens |= strchr(".?!:;\n", c) != NULL;
    }
}

/* The lines between start and end, without fenced code. only: lines that begin
 * so; "" takes all. */
static void prose_add_text(struct prose *prose, const char *start,
                           const char *end, int line, const char *only)
{
    bool is_fenced = false;

    while (start < end) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        const char *stop = newline != NULL ? newline : end;
        const char *text = start + strspn(start, " ");

        if (strncmp(start, "```", 3) == 0)
            is_fenced = !is_fenced;
        else if (!is_fenced && path_begins(text, only))
            prose_add_line(prose, start, stop, line);
        else
            prose_add(prose, '\n', line);
        start = stop + 1;
        line++;
    }
    prose_add(prose, '\n', line);
}

static void check_test_name(const struct source *source, int line,
                            const char *name)
{
    for (size_t i = 0; i < sizeof leaning / sizeof *leaning; i++) {
        const size_t len = strlen(leaning[i]);
        bool is_same = true;

        for (size_t k = 0; k < len; k++)
            is_same &= leaning[i][k] == (name[k] == '_' ? ' ' : name[k]);
        if (is_same && (name[len] == ' ' || name[len] == '_'))
            complain(source->path, line,
                     "a test's name begins with \"%s\": it must be understood "
                     "alone",
                     leaning[i]);
    }
}

static void check_test_names(const struct source *source)
{
    static const char *const marks[] = {"\nTEST(", "\nTASK_TEST(",
                                        "\n@test \""};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        for (const char *p = strstr(source->text, marks[i]); p != NULL;
             p = strstr(p + 1, marks[i]))
            check_test_name(source, source_line(source, p + 1),
                            p + strlen(marks[i]));
}

void rules_words(const struct source *source)
{
    struct prose prose;

    if (!prose_init(&prose, 2 * source->len + 2)) {
        complain(source->path, 1, "no memory to read it");
        prose_finish(&prose);
        return;
    }
    if (source_is_c(source->path)) {
        for (int i = 0; i < source->comments.count; i++) {
            const struct span *comment = &source->comments.items[i];

            prose_add_text(&prose, comment->text, comment->text + comment->len,
                           comment->line, "");
        }
    } else {
        const bool is_chapter = path_ends(source->path, ".md");

        prose_add_text(&prose, source->text, source->text + source->len, 1,
                       is_chapter ? "" : "#");
    }
    check_prose(source, &prose);
    check_test_names(source);
    prose_finish(&prose);
}

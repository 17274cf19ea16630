/* anchors.c: rules about what Markdown says of the source.
 *
 * Three forms, always in backquotes:
 *
 *     lib/task/future.c               a file that exists
 *     lib/task/future.c:future_wait   a word of that file; never a line number
 *     DOC: ready-before-run      a comment of some source, in one place only
 */
#include "rules.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define ANCHORS_MAX 512
#define TEXT_MAX 160

static const char *const places[] = {
    "lib/", "phase", "tests/", "docs/", ".ci/",
};

static struct anchor {
    char name[TEXT_MAX];
    char path[TEXT_MAX];
} anchors[ANCHORS_MAX];
static int anchor_count;

static struct anchor *find_anchor(const char *name)
{
    for (int i = 0; i < anchor_count; i++)
        if (strcmp(anchors[i].name, name) == 0)
            return &anchors[i];
    return NULL;
}

/* Copies the name after "DOC: ": letters, digits, dashes. */
static void anchor_name(const char *p, const char *end, char name[TEXT_MAX])
{
    int len = 0;

    while (p + len < end && len < TEXT_MAX - 1 &&
           (isalnum((unsigned char)p[len]) || p[len] == '-' || p[len] == '_'))
        len++;
    snprintf(name, TEXT_MAX, "%.*s", len, p);
}

void anchors_collect(const struct source *source)
{
    for (int i = 0; i < source->comments.count; i++) {
        const struct span *comment = &source->comments.items[i];
        const char *end = comment->text + comment->len;
        const char *p = strstr(comment->text, "DOC: ");
        struct anchor *anchor;
        char name[TEXT_MAX];

        if (p == NULL || p >= end ||
            path_begins(source->path, "tests/tools/tidy/"))
            continue;
        anchor_name(p + 5, end, name);
        anchor = find_anchor(name);
        if (anchor != NULL)
            complain(source->path, comment->line,
                     "DOC: %s stands in %s already", name, anchor->path);
        if (anchor != NULL || anchor_count == ANCHORS_MAX)
            continue;
        anchor = &anchors[anchor_count++];
        snprintf(anchor->name, sizeof anchor->name, "%s", name);
        snprintf(anchor->path, sizeof anchor->path, "%s", source->path);
    }
}

/* Whether text names a file of the tree: a known folder, no blanks or
 * wildcards, and an ending. Programs (phase3/tour) are made, not kept. */
static bool looks_like_path(const char *text)
{
    const char *name = strrchr(text, '/');
    bool known = false;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        known |= path_begins(text, places[i]);
    return known && name != NULL && strchr(name, '.') != NULL &&
           strchr(name, '.') > name + 1 && strpbrk(text, " *<>{}$") == NULL &&
           !path_begins(text, "phaseN") && strstr(text, "/phaseN") == NULL;
}

static void check_symbol(const struct source *source, int line,
                         const char *path, const char *symbol)
{
    struct source other;

    if (isdigit((unsigned char)*symbol)) {
        complain(source->path, line,
                 "%s:%s: a line number goes stale: name a symbol", path,
                 symbol);
        return;
    }
    if (!source_load(&other, path))
        return;
    if (find_word(other.text, symbol) == NULL)
        complain(source->path, line, "%s has no %s", path, symbol);
    source_finish(&other);
}

static void check_reference(const struct source *source, int line, char *text)
{
    char name[TEXT_MAX];
    char *colon;

    if (path_begins(text, "DOC: ")) {
        anchor_name(text + 5, text + strlen(text), name);
        if (find_anchor(name) == NULL)
            complain(source->path, line, "no source has the anchor DOC: %s",
                     name);
        return;
    }
    if (!looks_like_path(text))
        return;
    colon = strchr(text, ':');
    if (colon != NULL)
        *colon = '\0';
    if (!source_exists(text))
        complain(source->path, line, "names %s, which does not exist", text);
    else if (colon != NULL)
        check_symbol(source, line, text, colon + 1);
}

/* Calls check_reference for every `...` of a line. */
static void check_line(const struct source *source, const char *start,
                       const char *end, int line)
{
    const size_t len = (size_t)(end - start);
    const char *open = memchr(start, '`', len);

    while (open != NULL) {
        const char *close = memchr(open + 1, '`', (size_t)(end - open - 1));
        char text[TEXT_MAX];

        if (close == NULL)
            return;
        snprintf(text, sizeof text, "%.*s", (int)(close - open - 1), open + 1);
        check_reference(source, line, text);
        open = memchr(close + 1, '`', (size_t)(end - close - 1));
    }
}

void rules_anchors(const struct source *source)
{
    const char *line = source->text;
    bool fenced = false; /* inside a block of code, which is not ours to read */

    for (int number = 1; *line != '\0'; number++) {
        const char *end = strchr(line, '\n');

        if (end == NULL)
            end = line + strlen(line);
        if (strncmp(line, "```", 3) == 0)
            fenced = !fenced;
        else if (!fenced)
            check_line(source, line, end, number);
        line = *end == '\n' ? end + 1 : end;
    }
}

/* module.c: rules about a file of lib as a part of its layer.
 *
 * The second line of each file names the phase that introduces it and the files
 * that it needs. A learner plans by that line, so it has to be true. */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layers.h"

#define NEEDS_MAX 16
#define NAME_MAX_LEN 48

struct heading {
    int phase;
    char needs[NEEDS_MAX][NAME_MAX_LEN];
    int needs_count;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* "ring" of lib/ring/ring.c. */
static void stem_of(const char *path, char stem[NAME_MAX_LEN])
{
    snprintf(stem, NAME_MAX_LEN, "%s", base_name(path));
    stem[strcspn(stem, ".")] = '\0';
}

static const char *line_at(const char *text, int number)
{
    for (; number > 1 && text != NULL; number--) {
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return text;
}

/* Reads "x.h, y.h." up to the full stop that ends the sentence, which may be
 * lines further down. "nothing" is followed by any words, or by none. */
static bool read_needs(const char *p, struct heading *heading)
{
    if (path_begins(p, "nothing"))
        return true;
    while (heading->needs_count < NEEDS_MAX) {
        char *name = heading->needs[heading->needs_count];
        size_t len;

        p += strspn(p, " *\n,");
        len = strcspn(p, " ,\n");
        if (len == 0 || len >= NAME_MAX_LEN)
            return false;
        snprintf(name, NAME_MAX_LEN, "%.*s", (int)len, p);
        if (name[len - 1] == '.')
            name[len - 1] = '\0';
        if (path_ends(name, ".h"))
            heading->needs_count++;
        else
            return false;
        if (p[len - 1] == '.')
            return true;
        p += len;
    }
    return false;
}

static bool read_heading(const struct source *source, struct heading *heading)
{
    const char *line = line_at(source->text, 2);
    int end = 0;

    memset(heading, 0, sizeof *heading);
    if (line == NULL ||
        sscanf(line, " * Introduced in phase %d. Needs: %n", &heading->phase,
               &end) != 1 ||
        end == 0)
        return false;
    return read_needs(line + end, heading);
}

static bool includes(const struct source *source, const char *name)
{
    for (int i = 0; i < source->includes.count; i++) {
        const struct span *span = &source->includes.items[i];

        if (strlen(name) == (size_t)span->len &&
            memcmp(name, span->text, strlen(name)) == 0)
            return true;
    }
    return false;
}

static bool needs(const struct heading *heading, const char *name)
{
    for (int i = 0; i < heading->needs_count; i++)
        if (strcmp(heading->needs[i], name) == 0)
            return true;
    return false;
}

/* A header speaks for its module, and a source includes what its header does:
 * what one of the two includes, both may name. */
static bool module_includes(const struct source *source, const char *name)
{
    char path[NAME_MAX_LEN + 8];
    struct source other;
    bool found;

    if (includes(source, name))
        return true;
    snprintf(path, sizeof path, "%s", source->path);
    path[strlen(path) - 1] = path_ends(path, ".h") ? 'c' : 'h';
    if (!source_exists(path) || !source_load(&other, path))
        return false;
    found = includes(&other, name);
    source_finish(&other);
    return found;
}

static void check_needs(const struct source *source,
                        const struct heading *heading)
{
    for (int i = 0; i < source->includes.count; i++) {
        const struct span *span = &source->includes.items[i];
        char name[NAME_MAX_LEN];

        snprintf(name, sizeof name, "%.*s", span->len, span->text);
        if (!needs(heading, name))
            complain(source->path, span->line,
                     "includes %s, which its second line does not name", name);
    }
    for (int i = 0; i < heading->needs_count; i++)
        if (!module_includes(source, heading->needs[i]))
            complain(source->path, 2, "names %s, but does not include it",
                     heading->needs[i]);
}

/* Headers come from this layer, or from one that it may use. */
static void check_uses(const struct source *source,
                       const struct heading *heading, const char *layer)
{
    char other[LAYER_NAME_LEN];

    for (int i = 0; i < heading->needs_count; i++) {
        if (!layer_of_header(heading->needs[i], other))
            complain(source->path, 2, "names %s, which is not in lib",
                     heading->needs[i]);
        else if (!layer_may_use(layer, other))
            complain(source->path, 2,
                     "includes %s of lib/%s: the table in lib/README.md does "
                     "not let %s use it",
                     heading->needs[i], other, layer);
    }
}

/* A source that its layer's edges.ninja does not name is dead. */
static void check_built(const struct source *source, const char *layer)
{
    char edges[LAYER_NAME_LEN + 32], object[NAME_MAX_LEN + 16];
    char stem[NAME_MAX_LEN];
    struct source ninja;

    snprintf(edges, sizeof edges, "lib/%s/edges.ninja", layer);
    if (path_ends(source->path, ".h"))
        return;
    if (!source_exists(edges) || !source_load(&ninja, edges)) {
        complain(source->path, 1, "%s does not exist", edges);
        return;
    }
    stem_of(source->path, stem);
    snprintf(object, sizeof object, "/%s.o", stem);
    if (strstr(ninja.text, object) == NULL)
        complain(source->path, 1, "%s does not build it", edges);
    source_finish(&ninja);
}

void rules_module(const struct source *source)
{
    struct heading heading;
    char opening[NAME_MAX_LEN + 8];
    char layer[LAYER_NAME_LEN];

    snprintf(opening, sizeof opening, "/* %s: ", base_name(source->path));
    if (!path_begins(source->text, opening))
        complain(source->path, 1, "must open with \"%swhat it is\"", opening);
    if (!read_heading(source, &heading)) {
        complain(source->path, 2,
                 "must read \" * Introduced in phase N. Needs: x.h, y.h.\" "
                 "(or \"Needs: nothing.\")");
        return;
    }
    if (source_is_c(source->path))
        check_needs(source, &heading);
    if (!layer_of(source->path, layer) || !layer_exists(layer)) {
        complain(source->path, 1,
                 "is in no layer of the table in lib/README.md");
        return;
    }
    check_uses(source, &heading, layer);
    check_built(source, layer);
    if (!layer_has_phase(layer, heading.phase))
        complain(source->path, 2,
                 "says phase %d, which does not introduce lib/%s",
                 heading.phase, layer);
}

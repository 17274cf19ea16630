/* module.c: rules about a file of lib as a step of the staircase.
 *
 * The second line of each says on which phase's floor it stands and which other
 * files it needs. A learner plans by that line, so it has to be true. */
#include "rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* "ring" of lib/ring.c. */
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

/* Headers come from this floor or from one below. */
static void check_downward(const struct source *source,
                           const struct heading *heading)
{
    for (int i = 0; i < heading->needs_count; i++) {
        struct source other;
        struct heading below;
        char path[NAME_MAX_LEN + 8];

        snprintf(path, sizeof path, "lib/%s", heading->needs[i]);
        if (!source_exists(path) || !source_load(&other, path)) {
            complain(source->path, 2, "names %s, which is not in lib", path);
            continue;
        }
        if (read_heading(&other, &below) && below.phase > heading->phase)
            complain(source->path, 2,
                     "stands on floor %d but needs %s of floor %d",
                     heading->phase, heading->needs[i], below.phase);
        source_finish(&other);
    }
}

/* The floor on which lib/floors.ninja puts an object; -1: on none. */
static int built_floor(const char *floors, const char *stem)
{
    char object[NAME_MAX_LEN + 16];
    int floor = -1;

    snprintf(object, sizeof object, "/%s.o", stem);
    for (const char *p = floors; p != NULL && *p != '\0'; p = line_at(p, 2)) {
        const size_t len = strcspn(p, "\n");
        const char *found = strstr(p, object);

        while (found != NULL && isalnum((unsigned char)found[strlen(object)]))
            found = strstr(found + 1, object);
        if (found != NULL && found < p + len &&
            sscanf(p, "build $b/lib/phase%d.a: ar", &floor) == 1)
            return floor;
    }
    return -1;
}

static void check_floor(const struct source *source,
                        const struct heading *heading)
{
    struct source floors;
    char stem[NAME_MAX_LEN];
    int floor;

    if (!source_exists("lib/floors.ninja") ||
        !source_load(&floors, "lib/floors.ninja"))
        return;
    stem_of(source->path, stem);
    floor = built_floor(floors.text, stem);
    if (floor < 0 && !path_ends(source->path, ".h"))
        complain(source->path, 1, "no archive of lib/floors.ninja contains it");
    else if (floor >= 0 && floor != heading->phase)
        complain(source->path, 2, "says phase %d, but phase%d.a contains it",
                 heading->phase, floor);
    source_finish(&floors);
}

void rules_module(const struct source *source)
{
    struct heading heading;
    char opening[NAME_MAX_LEN + 8];

    snprintf(opening, sizeof opening, "/* %s: ", base_name(source->path));
    if (!path_begins(source->text, opening))
        complain(source->path, 1, "must open with \"%swhat it is\"", opening);
    if (!read_heading(source, &heading)) {
        complain(source->path, 2,
                 "must read \" * Introduced in phase N. Needs: x.h, y.h.\" "
                 "(or \"Needs: nothing.\")");
        return;
    }
    if (source_is_c(source->path)) {
        check_needs(source, &heading);
        check_downward(source, &heading);
    }
    check_floor(source, &heading);
}

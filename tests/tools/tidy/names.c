/* names.c: rules about names that are unique in the whole tree.
 *
 * The linker objects to two definitions only where one program links both. A
 * reader, a debugger and a search meet both, wherever they are. So no two
 * modules of lib and the phases define the same external name, and no two
 * headers have the same file name. */
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 4096
#define NAME_LEN 64
#define PATH_LEN 128

static struct definition {
    char name[NAME_LEN];
    char path[PATH_LEN];
} definitions[NAMES_MAX];
static int definition_count;

static bool is_judged(const struct source *s)
{
    return path_ends(s->path, ".c") &&
           (path_begins(s->path, "lib/") || path_begins(s->path, "phase"));
}

/* Whether the name is one of a door that the simulated kernel stands in for: it
 * defines liburing's functions, as lib/own does, and those of sys.h. */
static bool is_back_end(const struct source *s, const struct token *name)
{
    return path_begins(s->path, "phase6/sim/") &&
           (strncmp(name->text, "sys_", 4) == 0 ||
            strncmp(name->text, "io_uring_", 9) == 0 ||
            strncmp(name->text, "__io_uring_", 11) == 0);
}

/* A file may define a name twice: once for each branch of an #if. */
static void add(const struct source *s, const struct token *name)
{
    struct definition *d;

    for (int i = 0; i < definition_count; i++) {
        d = &definitions[i];
        if (strlen(d->name) != (size_t)name->len ||
            memcmp(d->name, name->text, (size_t)name->len) != 0)
            continue;
        if (strcmp(d->path, s->path) != 0)
            complain(s->path, name->line,
                     "%s is defined in %s already: external names are unique "
                     "in the tree", d->name, d->path);
        return;
    }
    if (definition_count == NAMES_MAX) {
        complain(s->path, name->line, "tidy has no room for more names");
        return;
    }
    d = &definitions[definition_count++];
    snprintf(d->name, sizeof d->name, "%.*s", name->len, name->text);
    snprintf(d->path, sizeof d->path, "%s", s->path);
}

void names_add_function(const struct source *s, const struct function *f)
{
    if (!is_judged(s) || token_is(&s->tokens[f->name], "main") ||
        is_back_end(s, &s->tokens[f->name]))
        return;
    for (int i = f->first; i < f->name; i++)
        if (token_is(&s->tokens[i], "static"))
            return;
    add(s, &s->tokens[f->name]);
}

/* Whether the name at token i is that of an object: what follows begins its
 * dimensions, its value, the next object, or ends the declaration. */
static bool is_object(const struct source *s, int i)
{
    static const char *const after[] = {"=", "[", ",", ";"};

    return s->tokens[i].kind == TOKEN_NAME &&
           token_in(&s->tokens[i + 1], after, sizeof after / sizeof *after);
}

/* The end of a value: the ',' or ';' behind it. */
static int value_end(const struct source *s, int i, int end)
{
    while (i < end && !token_is(&s->tokens[i], ",")) {
        if (token_is(&s->tokens[i], "{") || token_is(&s->tokens[i], "(") ||
            token_is(&s->tokens[i], "["))
            i = closing(s, i);
        i++;
    }
    return i;
}

void names_add_objects(const struct source *s, int first, int end)
{
    static const char *const not_defining[] = {"static", "extern", "typedef"};

    if (!is_judged(s) || token_in(&s->tokens[first], not_defining,
                                  sizeof not_defining / sizeof *not_defining))
        return;
    for (int i = first; i < end; i++) {
        if (token_is(&s->tokens[i], "{") || token_is(&s->tokens[i], "("))
            i = closing(s, i); /* members, constants, parameters */
        else if (i > first && is_object(s, i)) {
            add(s, &s->tokens[i]);
            i = value_end(s, i, end);
        }
    }
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static int by_base_name(const void *a, const void *b)
{
    const char *left = *(char *const *)a, *right = *(char *const *)b;
    int order = strcmp(base_name(left), base_name(right));

    return order != 0 ? order : strcmp(left, right);
}

void names_check_headers(char *const *paths, int count)
{
    char **headers = calloc((size_t)count + 1, sizeof *headers);
    int found = 0;

    if (headers == NULL)
        exit(2);
    for (int i = 0; i < count; i++)
        if (path_ends(paths[i], ".h"))
            headers[found++] = paths[i];
    qsort(headers, (size_t)found, sizeof *headers, by_base_name);
    for (int i = 1; i < found; i++)
        if (strcmp(base_name(headers[i - 1]), base_name(headers[i])) == 0)
            complain(headers[i], 1,
                     "%s has the same name: an #include would not say which",
                     headers[i - 1]);
    free(headers);
}

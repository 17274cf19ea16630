/* comments.c: how much is explained.
 *
 * The measure is comment lines per line of code, and its unit is the module:
 * the contract stands in the header, the reasons stand in the source, and one
 * makes up for the other. A line that has both, as a struct's field often has,
 * counts as both. */
#include "rules.h"

#include <stdio.h>
#include <string.h>

/* The house's range holds for lib as a whole; one module may be plainer or more
 * explained than the others. */
#define LIB_RATIO_MIN 0.25
#define LIB_RATIO_MAX 0.45
#define MODULE_RATIO_MIN 0.15
#define MODULE_RATIO_MAX 0.90
#define SMALL_LINES 40 /* of code; below, a ratio says nothing */

#define MODULES_MAX 512
#define NAME_LEN 128

struct module {
    char name[NAME_LEN]; /* "lib/ring" */
    char path[NAME_LEN]; /* of a file of it, to complain about */
    int code;
    int comments;
    bool has_header;
};

static struct module modules[MODULES_MAX];
static int module_count;

static struct module *find(const char *name)
{
    for (int i = 0; i < module_count; i++)
        if (strcmp(modules[i].name, name) == 0)
            return &modules[i];
    return NULL;
}

void comments_count(const struct source *source)
{
    struct module *module;
    char name[NAME_LEN];

    if (!path_begins(source->path, "lib/") &&
        !path_begins(source->path, "phase"))
        return;
    snprintf(name, sizeof name, "%.*s", (int)strlen(source->path) - 2,
             source->path);
    module = find(name);
    if (module == NULL) {
        if (module_count == MODULES_MAX)
            return;
        module = &modules[module_count++];
        snprintf(module->name, sizeof module->name, "%s", name);
        snprintf(module->path, sizeof module->path, "%s", source->path);
    }
    module->has_header |= path_ends(source->path, ".h");
    for (int i = 1; i <= source->line_count; i++) {
        module->code += (source->lines[i] & LINE_CODE) != 0;
        module->comments += (source->lines[i] & LINE_COMMENT) != 0;
    }
}

/* await_file.c has no header: it is a part of await. */
static void join_parts(void)
{
    for (int i = 0; i < module_count; i++) {
        struct module *part = &modules[i], *whole;
        char name[NAME_LEN];
        char *end;

        memcpy(name, part->name, sizeof name);
        end = strrchr(name, '_');
        if (part->has_header || end == NULL)
            continue;
        *end = '\0';
        whole = find(name);
        if (whole == NULL || !whole->has_header)
            continue;
        whole->code += part->code;
        whole->comments += part->comments;
        part->code = part->comments = 0;
    }
}

/* In hundredths, as it is printed: nobody is told that 0.15 is below 0.15. */
static double ratio(int comments, int code)
{
    return code > 0 ? (100 * comments + code / 2) / code / 100.0 : 0;
}

static void judge(const struct module *module)
{
    const double found = ratio(module->comments, module->code);

    if (module->code < SMALL_LINES)
        return;
    if (found < MODULE_RATIO_MIN)
        complain(module->path, 1,
                 "%.2f comment lines per line of code in this "
                 "module: say why (%.2f or more)",
                 found, MODULE_RATIO_MIN);
    if (found > MODULE_RATIO_MAX)
        complain(module->path, 1,
                 "%.2f comment lines per line of code in this "
                 "module: say less (%.2f or less)",
                 found, MODULE_RATIO_MAX);
}

double comments_judge(bool report)
{
    int code = 0, comments = 0;
    double lib;

    join_parts();
    for (int i = 0; i < module_count; i++) {
        const struct module *module = &modules[i];

        if (report && module->code > 0)
            printf("%-24s %4d lines of code, %.2f comments\n", module->name,
                   module->code, ratio(module->comments, module->code));
        judge(module);
        if (path_begins(module->name, "lib/")) {
            code += module->code;
            comments += module->comments;
        }
    }
    lib = ratio(comments, code);
    if (code >= SMALL_LINES && (lib < LIB_RATIO_MIN || lib > LIB_RATIO_MAX))
        complain("lib", 1,
                 "%.2f comment lines per line of code in all: "
                 "%.2f to %.2f",
                 lib, LIB_RATIO_MIN, LIB_RATIO_MAX);
    return lib;
}

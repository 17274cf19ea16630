/* layers.c: reads the table of layers; see layers.h.
 *
 * A row is "| phases | `layer` | used, used | words |". */
#include "layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

#define LAYERS_MAX 32
#define CELL_LEN 96

struct layer {
    char phases[CELL_LEN];
    char name[CELL_LEN];
    char uses[CELL_LEN];
};

static struct layer layers[LAYERS_MAX];
static int layer_count;

/* Copies the text up to the next '|' without blanks around it and without
 * backquotes. Returns the text after the '|'; NULL if the line ends first. */
static const char *read_cell(const char *p, char cell[CELL_LEN])
{
    size_t len = strcspn(p, "|\n"), used = 0;

    for (size_t i = 0; i < len && used < CELL_LEN - 1; i++)
        if (p[i] != '`' && (p[i] != ' ' || used > 0))
            cell[used++] = p[i];
    while (used > 0 && cell[used - 1] == ' ')
        used--;
    cell[used] = '\0';
    return p[len] == '|' ? p + len + 1 : NULL;
}

static bool read_row(const char *line, struct layer *layer)
{
    const char *p = line + 1;

    return *line == '|' && (p = read_cell(p, layer->phases)) != NULL &&
           (p = read_cell(p, layer->name)) != NULL &&
           read_cell(p, layer->uses) != NULL && layer->phases[0] >= '0' &&
           layer->phases[0] <= '9';
}

void layers_load(void)
{
    struct source table;

    if (!source_exists("lib/README.md") ||
        !source_load(&table, "lib/README.md"))
        return;
    for (const char *line = table.text; line != NULL && *line != '\0';) {
        if (layer_count < LAYERS_MAX && read_row(line, &layers[layer_count]))
            layer_count++;
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    source_finish(&table);
}

static const struct layer *find(const char *name)
{
    for (int i = 0; i < layer_count; i++)
        if (strcmp(layers[i].name, name) == 0)
            return &layers[i];
    return NULL;
}

bool layer_of(const char *path, char name[LAYER_NAME_LEN])
{
    size_t len;

    if (!path_begins(path, "lib/"))
        return false;
    len = strcspn(path + 4, "/");
    if (path[4 + len] != '/' || len >= LAYER_NAME_LEN)
        return false;
    snprintf(name, LAYER_NAME_LEN, "%.*s", (int)len, path + 4);
    return true;
}

bool layer_exists(const char *layer)
{
    return find(layer) != NULL;
}

bool layer_may_use(const char *layer, const char *other)
{
    const struct layer *found = find(layer);

    return strcmp(layer, other) == 0 ||
           (found != NULL && find_word(found->uses, other) != NULL);
}

bool layer_has_phase(const char *layer, int phase)
{
    const struct layer *found = find(layer);
    char number[16];

    snprintf(number, sizeof number, "%d", phase);
    return found != NULL && find_word(found->phases, number) != NULL;
}

bool layer_of_header(const char *header, char name[LAYER_NAME_LEN])
{
    char path[LAYER_NAME_LEN + CELL_LEN];

    for (int i = 0; i < layer_count; i++) {
        snprintf(path, sizeof path, "lib/%s/%s", layers[i].name, header);
        if (source_exists(path))
            return layer_of(path, name);
    }
    return false;
}

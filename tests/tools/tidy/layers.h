/* layers.h: the layers of lib, as the table in lib/README.md has them. */
#ifndef TIDY_LAYERS_H
#define TIDY_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#define LAYER_NAME_LEN 32

/* Reads the table. A tree without one has no layers. */
void layers_load(void);

/* The layer of lib/LAYER/x.c: copied to name. False: the path has no layer. */
bool layer_of(const char *path, char name[LAYER_NAME_LEN]);

/* True if the table has this layer. */
bool layer_exists(const char *layer);

/* True if a file of layer may include a header of other, or layer == other. */
bool layer_may_use(const char *layer, const char *other);

/* True if the table says that this phase introduces files of the layer. */
bool layer_has_phase(const char *layer, int phase);

/* The layer that has the header: copied to name. False: none has it. */
bool layer_of_header(const char *header, char name[LAYER_NAME_LEN]);

#endif

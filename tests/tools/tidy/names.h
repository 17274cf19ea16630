/* names.h: names that are unique in the whole tree. */
#ifndef TIDY_NAMES_H
#define TIDY_NAMES_H

#include "functions.h"

/* Remember what a source of lib or the phases defines for others: a function;
 * the objects of the declaration from token first to the semicolon at end.
 * Complain if another file defines the name. */
void names_add_function(const struct source *s, const struct function *f);
void names_add_objects(const struct source *s, int first, int end);

/* Complains about each header that has the name of another. */
void names_check_headers(char *const *paths, int count);

#endif

/* err.c: names and texts of results; see err.h.
 * Introduced in phase 0. Needs: err.h. */
#include "err.h"

#include <stddef.h>
#include <string.h>

const char *err_name(int result)
{
    const char *name;

    if (result >= 0)
        return "0";
    name = strerrorname_np(-result);
    return name != NULL ? name : "E?";
}

const char *err_words(int result)
{
    const char *words;

    if (result >= 0)
        return "success";
    words = strerrordesc_np(-result);
    return words != NULL ? words : "unknown error";
}

/* safe_path: the same as safe_path.c, in another way: it decodes into a buffer
 * first, with a byte for the slashes that no name can have, and then keeps a
 * stack of segments. */
#include "safe_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEPTH 64

int safe_path(const char *target, char *out, size_t size)
{
    char text[4096], *segments[DEPTH], *rest = text, *segment;
    size_t len = 0, depth = 0;

    if (strlen(target) >= sizeof text)
        return -ENAMETOOLONG;
    for (; *target != '\0'; target++) {
        unsigned byte = (unsigned char)*target;

        if (*target == '%') {
            char digits[3] = {target[1], target[1] ? target[2] : '\0', 0};
            int used = 0;

            if (strspn(digits, "0123456789abcdefABCDEF") != 2 ||
                sscanf(digits, "%x%n", &byte, &used) != 1 || byte == 0 ||
                byte == '/')
                return -EINVAL;
            target += 2;
        }
        text[len++] = (char)byte;
    }
    text[len] = '\0';
    while ((segment = strsep(&rest, "/")) != NULL) {
        if (strcmp(segment, "..") == 0) {
            if (depth-- == 0)
                return -EPERM;
        } else if (*segment != '\0' && strcmp(segment, ".") != 0) {
            if (depth == DEPTH)
                return -ENAMETOOLONG;
            segments[depth++] = segment;
        }
    }
    len = 0;
    for (size_t i = 0; i < depth; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s%s", i ? "/" : "",
                                segments[i]);
        if (len >= size)
            return -ENAMETOOLONG;
    }
    if (depth == 0)
        len = (size_t)snprintf(out, size, ".");
    return len < size ? (int)len : -ENAMETOOLONG;
}

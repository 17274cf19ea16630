/* safe_path: no name leads out of the root.
 *
 * What it teaches: decode, then split, then judge, each once and in this
 * order. The result cannot contain "..", so nothing has to look for it. */
#include "safe_path.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int hex(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = strchr(digits, tolower((unsigned char)c));

    return c != '\0' && found != NULL ? (int)(found - digits) : -1;
}

/* Decodes the byte at *text, and moves *text behind it. Returns the byte, or
 * -EINVAL. */
static int decoded(const char **text)
{
    const char *p = *text;
    int c;

    if (*p != '%') {
        ++*text;
        return (unsigned char)*p;
    }
    if (hex(p[1]) < 0 || hex(p[2]) < 0)
        return -EINVAL;
    c = hex(p[1]) * 16 + hex(p[2]);
    *text += 3;
    return c == '/' || c == '\0' ? -EINVAL : c;
}

/* Appends a segment at out[len]. Returns the new length, or -errno. */
static int append(const char **target, char *out, int len, size_t size)
{
    int begin = len > 0 ? len + 1 : 0, end = begin;

    while (**target != '/' && **target != '\0') {
        int c = decoded(target);

        if (c < 0)
            return c;
        if ((size_t)end + 1 >= size)
            return -ENAMETOOLONG;
        out[end++] = (char)c;
    }
    if (end == begin || (end - begin == 1 && out[begin] == '.'))
        return len;
    if (end - begin == 2 && memcmp(out + begin, "..", 2) == 0) {
        if (len == 0)
            return -EPERM;
        while (len > 0 && out[len - 1] != '/')
            len--;
        return len > 0 ? len - 1 : 0;
    }
    if (begin > 0)
        out[begin - 1] = '/';
    return end;
}

int safe_path(const char *target, char *out, size_t size)
{
    int len = 0;

    while (*target != '\0') {
        if (*target == '/') {
            target++;
            continue;
        }
        len = append(&target, out, len, size);
        if (len < 0)
            return len;
    }
    if (len == 0) {
        if (size < 2)
            return -ENAMETOOLONG;
        out[len++] = '.';
    }
    out[len] = '\0';
    return len;
}

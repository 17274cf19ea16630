/* json_plain.c: rewrites each line of JSON in one form, so that a test can
 * compare the output of two programs as text.
 *
 *     httpparse <stream | json-plain
 *
 * Removes blanks between tokens. Writes each character of a string in one way:
 * printable ASCII as it is, and \uXXXX for every other one, with a surrogate
 * pair beyond U+FFFF. Does not change the order of members. Checks nothing
 * (json_check.c does): it copies a byte that it does not understand. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the character at *p, an escape or UTF-8, and moves *p behind it. */
static unsigned long take_character(const char **p)
{
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    const unsigned char *s = (const unsigned char *)*p;
    char digits[5] = {0};
    int more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc2 ? 1 : 0;
    unsigned long code = s[0];

    if (s[0] == '\\' && s[1] == 'u' && strlen(*p) >= 6) {
        memcpy(digits, *p + 2, 4);
        *p += 6;
        return strtoul(digits, NULL, 16);
    }
    if (s[0] == '\\' && s[1] != '\0') {
        const char *name = strchr(names, s[1]);

        *p += 2;
        return name != NULL ? (unsigned long)values[name - names] : s[1];
    }
    if (more > 0)
        code &= 0x3fu >> more;
    for (int i = 1; i <= more && s[i] != '\0'; i++)
        code = code << 6 | (s[i] & 0x3f);
    *p += 1 + more;
    return code;
}

static void print_character(unsigned long code)
{
    if (code > 0xffff) {
        printf("\\u%04lx", 0xd800 + ((code - 0x10000) >> 10));
        code = 0xdc00 + ((code - 0x10000) & 0x3ff);
    }
    if (code == '"' || code == '\\')
        printf("\\%c", (char)code);
    else if (code >= 0x20 && code < 0x7f)
        putchar((char)code);
    else
        printf("\\u%04lx", code);
}

static void print_line(const char *p, const char *end)
{
    bool is_string = false;

    while (p < end) {
        if (is_string && *p != '"') {
            print_character(take_character(&p));
            continue;
        }
        is_string ^= *p == '"';
        if (strchr(" \t\r", *p) == NULL)
            putchar(*p);
        p++;
    }
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((len = getline(&line, &room, stdin)) > 0)
        print_line(line, line + len);
    free(line);
    return 0;
}

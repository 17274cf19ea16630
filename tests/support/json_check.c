/* json_check.c: checks strictly that stdin is JSON (RFC 8259).
 *
 *     envcheck --json | json-check
 *     httpparse <stream | json-check --lines
 *
 * With --lines, every line is a separate document. Exits with 0 if the input is
 * JSON. Otherwise prints the offset of the first invalid byte, and exits with
 * 1. Values may nest DEPTH_MAX levels deep. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 64
#define TEXT_MAX (4u << 20)

static char text[TEXT_MAX + 1];
static const char *at;

static void skip_blanks(void)
{
    at += strspn(at, " \t\r\n");
}

static bool take(const char *word)
{
    size_t len = strlen(word);

    if (strncmp(at, word, len) != 0)
        return false;
    at += len;
    return true;
}

static size_t take_digits(void)
{
    size_t count = strspn(at, "0123456789");

    at += count;
    return count;
}

static bool take_number(void)
{
    (void)take("-");
    if (!take("0") && take_digits() == 0)
        return false;
    if (take(".") && take_digits() == 0)
        return false;
    if (*at != 'e' && *at != 'E')
        return true;
    at++;
    at += *at == '+' || *at == '-';
    return take_digits() > 0;
}

/* Takes one non-ASCII character of UTF-8. Refuses surrogates, and encodings
 * that are longer than necessary. */
static bool take_wide(void)
{
    const unsigned char *p = (const unsigned char *)at;
    int more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : 1;
    unsigned code = p[0] & (0x3fu >> more);

    if (p[0] < 0xc2 || p[0] > 0xf4)
        return false;
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return false;
        code = code << 6 | (p[i] & 0x3f);
    }
    at += more + 1;
    if (code >= 0xd800 && code <= 0xdfff)
        return false;
    return more == 1 || code >= (more == 2 ? 0x800u : 0x10000u);
}

static bool take_escape(void)
{
    if (*at == 'u') {
        at++;
        if (strspn(at, "0123456789abcdefABCDEF") < 4)
            return false;
        at += 4;
        return true;
    }
    return *at != '\0' && strchr("\"\\/bfnrt", *at++) != NULL;
}

static bool take_string(void)
{
    if (!take("\""))
        return false;
    while (*at != '"') {
        unsigned char byte = (unsigned char)*at;

        if (byte < 0x20)
            return false; /* the NUL at the end of the text, too */
        if (byte >= 0x80 && !take_wide())
            return false;
        if (byte < 0x80)
            at++;
        if (byte == '\\' && !take_escape())
            return false;
    }
    at++;
    return true;
}

/* recursive: a value may contain values. */
static bool take_value(int depth);

/* Takes the members of an object or array, and the closing bracket. */
static bool take_members(int depth, bool has_keys, const char *close)
{
    skip_blanks();
    if (take(close))
        return true;
    do {
        skip_blanks();
        if (has_keys && !take_string())
            return false;
        skip_blanks();
        if (has_keys && !take(":"))
            return false;
        if (!take_value(depth + 1))
            return false;
        skip_blanks();
    } while (take(","));
    return take(close);
}

static bool take_value(int depth)
{
    skip_blanks();
    if (depth > DEPTH_MAX)
        return false;
    if (take("{"))
        return take_members(depth, true, "}");
    if (take("["))
        return take_members(depth, false, "]");
    if (*at == '"')
        return take_string();
    return take("true") || take("false") || take("null") || take_number();
}

/* Takes every line of the text. Replaces the newline of each with a NUL. */
static bool take_lines(void)
{
    while (*at != '\0') {
        char *end = text + (at - text) + strcspn(at, "\n");

        if (*end != '\n')
            return false; /* the last line must end with a newline, too */
        *end = '\0';
        if (!take_value(0) || *at != '\0')
            return false;
        at++;
    }
    return true;
}

int main(int argc, char **argv)
{
    size_t len = fread(text, 1, TEXT_MAX, stdin);
    bool is_json;

    at = text;
    if (argc > 1 && strcmp(argv[1], "--lines") == 0) {
        is_json = take_lines();
    } else {
        is_json = take_value(0);
        skip_blanks();
    }
    /* A NUL in the text stops the parser before the end of the input. */
    if (is_json && (size_t)(at - text) == len)
        return 0;
    fprintf(stderr, "not JSON at byte %td of %zu: %.20s\n", at - text, len,
            at);
    return 1;
}

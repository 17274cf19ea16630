/* site_lines.c: the header lines that a site adds to its answers; see
 * site_lines.h. */
#include "site_lines.h"

#include <errno.h>
#include <string.h>

/* Fields that the server writes itself, that determine the end of a message, or
 * that belong to the connection (RFC 9110 7.6.1, RFC 9112 6). */
static const char *const framing[] = {
    "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "TE",
    "Trailer", "Transfer-Encoding", "Upgrade",
};
static const char *const own[] = {
    "Accept-Ranges", "Allow", "Content-Encoding", "Content-Range",
    "Content-Type", "Date", "ETag", "Last-Modified", "Location",
    "Retry-After", "Server", "X-Content-Type-Options",
};

#define countof(array) (sizeof array / sizeof *array)

static bool is_in(struct view name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (view_equal_nocase(name, view_of(names[i])))
            return true;
    return false;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

/* Returns true if text is a token (RFC 9110 5.6.2). text has no NUL. */
static bool is_token(struct view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("!#$%&'*+-.^_`|~", text.at[i]) == NULL &&
            !is_letter_or_digit(text.at[i]))
            return false;
    return text.len > 0;
}

bool site_lines_is_value(struct view value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if (c < ' ' || c == 127)
            return false;
    }
    return value.len > 0 && value.at[0] != ' ' &&
           value.at[value.len - 1] != ' ';
}

const char *site_lines_why_not(const char *header, bool has_cors)
{
    const char *colon = strchr(header, ':');
    struct view name, value;

    if (colon == NULL)
        return "has no colon; write 'Name: value'";
    name = (struct view){header, (size_t)(colon - header)};
    value = view_trim(view_of(colon + 1));
    if (!is_token(name))
        return "does not begin with the name of a field and a colon";
    if (is_in(name, framing, countof(framing)))
        return "would change where an answer ends, or its connection";
    if (is_in(name, own, countof(own)))
        return "is a field that serve writes itself";
    if (view_equal_nocase(name, view_of("Cache-Control")))
        return "has an option: use --cache-control";
    if (has_cors &&
        view_equal_nocase(name, view_of("Access-Control-Allow-Origin")))
        return "contradicts --cors";
    return site_lines_is_value(value)
               ? NULL
               : "has no value, or one with a control character";
}

/* Lines that are being written. */
struct writer {
    char *at;
    size_t len;
    bool is_full;
};

static void add(struct writer *writer, struct view text)
{
    if (text.len > SITE_LINES_MAX - writer->len) {
        writer->is_full = true;
        return;
    }
    memcpy(writer->at + writer->len, text.at, text.len);
    writer->len += text.len;
}

static void add_field(struct writer *writer, struct view name,
                      struct view value)
{
    add(writer, name);
    add(writer, view_of(": "));
    add(writer, value);
    add(writer, view_of("\r\n"));
}

/* Adds the lines of every answer: --cors and --header. */
static void add_common(struct writer *writer,
                       const struct site_lines_source *source)
{
    if (source->has_cors)
        add(writer, view_of("Access-Control-Allow-Origin: *\r\n"
                            "Access-Control-Expose-Headers: *\r\n"));
    for (unsigned i = 0; i < source->header_count; i++) {
        const char *header = source->headers[i], *colon = strchr(header, ':');

        add_field(writer, (struct view){header, (size_t)(colon - header)},
                  view_trim(view_of(colon + 1)));
    }
}

/* Writes the common lines, and then more, into text. */
static struct view lines_of(char *text, const struct site_lines_source *source,
                            const char *more, const char *cache_control,
                            bool *is_full)
{
    struct writer writer = {.at = text};

    add_common(&writer, source);
    add(&writer, view_of(more));
    if (cache_control != NULL)
        add_field(&writer, view_of("Cache-Control"), view_of(cache_control));
    *is_full |= writer.is_full;
    return (struct view){text, writer.len};
}

/* A browser sends a preflight before it sends a page's request with an unusual
 * method or field (Fetch Standard, CORS-preflight request). */
#define PREFLIGHT                                                             \
    "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"                    \
    "Access-Control-Allow-Headers: *\r\n"                                     \
    "Access-Control-Max-Age: 86400\r\n"

/* With this line, even a name without an escape cannot load or run anything. */
#define NO_SCRIPTS                                                            \
    "Content-Security-Policy: default-src 'none'; style-src "                 \
    "'unsafe-inline'\r\n"

int site_lines_init(struct site_lines *lines,
                    const struct site_lines_source *source)
{
    /* A cache must not give the copy of one client to another that accepts
     * other codings. Every name has the line, because a sibling may be added to
     * any file later. With --spa, the answer also depends on Accept. */
    const char *vary = source->has_spa ? "Vary: Accept-Encoding, Accept\r\n"
                                       : "Vary: Accept-Encoding\r\n";
    const char *no_scripts =
        source->has_spa ? "Vary: Accept-Encoding, Accept\r\n" NO_SCRIPTS
                        : "Vary: Accept-Encoding\r\n" NO_SCRIPTS;
    const char *preflight = source->has_cors ? PREFLIGHT : "";
    bool full = false;

    lines->always = lines_of(lines->text[0], source, "", NULL, &full);
    lines->preflight = lines_of(lines->text[1], source, preflight, NULL, &full);
    lines->name = lines_of(lines->text[2], source, vary, NULL, &full);
    lines->file = lines_of(lines->text[3], source, vary,
                           source->cache_control, &full);
    lines->listing = lines_of(lines->text[4], source, no_scripts, "no-cache",
                              &full);
    lines->moved = lines_of(lines->text[5], source, "", "no-cache", &full);
    lines->error = lines_of(lines->text[6], source, vary, "no-store", &full);
    return full ? -EMSGSIZE : 0;
}

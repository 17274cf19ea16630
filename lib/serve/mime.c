/* mime.c: finds content types by extension; see mime.h.
 * Introduced in phase 10. Needs: mime.h, sys.h.
 *
 * What it teaches: a table that is filled once and then only read needs neither
 * a lock nor an allocator. It is a hash table with open addressing: an
 * extension goes into the slot that its hash selects or, if that slot is in
 * use, into the next free slot. Slots are never freed, so a search can end at
 * the first free slot. */
#include "mime.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sys.h"

#define UTF8 "; charset=utf-8"

/* The most common web types. They override those of /etc/mime.types, which are
 * made for mail and desktops: there, .ts is a translation, not video. Most are
 * registered with IANA: JavaScript, for example, is a text type (RFC 9239).
 * Files that people read, such as .rs and .yaml, have a text type, so that a
 * browser shows them. A browser would save a file with the type
 * application/yaml. */
static const struct {
    const char *extension;
    const char *type;
} builtin_types[] = {
    {"html", "text/html" UTF8},
    {"htm", "text/html" UTF8},
    {"css", "text/css" UTF8},
    {"js", "text/javascript" UTF8},
    {"mjs", "text/javascript" UTF8},
    {"cjs", "text/javascript" UTF8},
    {"txt", "text/plain" UTF8},
    {"md", "text/markdown" UTF8},
    {"csv", "text/csv" UTF8},
    {"c", "text/x-csrc" UTF8},
    {"h", "text/x-chdr" UTF8},
    {"rs", "text/plain" UTF8},
    {"log", "text/plain" UTF8},
    {"toml", "text/plain" UTF8},
    {"yaml", "text/plain" UTF8},
    {"yml", "text/plain" UTF8},
    {"vtt", "text/vtt" UTF8},
    {"json", "application/json"},
    {"map", "application/json"},
    {"webmanifest", "application/manifest+json"},
    {"xml", "application/xml"},
    {"atom", "application/atom+xml"},
    {"rss", "application/rss+xml"},
    {"xhtml", "application/xhtml+xml"},
    {"pdf", "application/pdf"},
    {"wasm", "application/wasm"},
    {"gz", "application/gzip"},
    {"tar", "application/x-tar"},
    {"zip", "application/zip"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"ico", "image/vnd.microsoft.icon"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"ttf", "font/ttf"},
    {"otf", "font/otf"},
    {"m3u8", "application/vnd.apple.mpegurl"},
    {"mpd", "application/dash+xml"},
    {"mp3", "audio/mpeg"},
    {"m4a", "audio/mp4"},
    {"ogg", "audio/ogg"},
    {"wav", "audio/x-wav"},
    {"mp4", "video/mp4"},
    {"webm", "video/webm"},
    {"ts", "video/mp2t"},
};

/* Names of files that have no extension and that people read. */
static const char *const text_names[] = {
    "authors", "changelog", "changes", "contributing", "copying", "dockerfile",
    "install", "license", "licence", "makefile", "news", "notice", "readme",
    "todo",
};

static bool is_text_name(struct view name)
{
    for (size_t i = 0; i < sizeof text_names / sizeof *text_names; i++)
        if (view_equal_nocase(name, view_of(text_names[i])))
            return true;
    return false;
}

/* Returns the slot of extension, or the free slot for it. There is always a
 * free slot, because MIME_EXTENSIONS_MAX is less than MIME_SLOTS. */
static size_t find_slot(const struct mime *types, struct view extension)
{
    uint32_t hash = 2166136261u;
    size_t i;

    /* This is FNV-1a, ignoring case. Clients cannot add extensions, so the hash
     * does not have to resist attacks. */
    for (i = 0; i < extension.len; i++) {
        unsigned char c = (unsigned char)extension.at[i];

        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        hash = (hash ^ c) * 16777619u;
    }
    i = hash % MIME_SLOTS;
    while (types->slots[i].extension.len > 0 &&
           !view_equal_nocase(types->slots[i].extension, extension))
        i = (i + 1) % MIME_SLOTS;
    return i;
}

/* Sets or replaces the type of an extension. Keeps a built-in type, which is
 * one that is not in the pool. Both views must stay valid as long as types is
 * in use. Returns 0 or -EFBIG. */
static int set_type(struct mime *types, struct view extension, struct view type)
{
    struct mime_slot *slot = &types->slots[find_slot(types, extension)];

    if (slot->extension.len == 0) {
        if (types->count == MIME_EXTENSIONS_MAX)
            return -EFBIG;
        slot->extension = extension;
        types->count++;
    } else if (slot->type.at < types->pool ||
               slot->type.at >= types->pool + sizeof types->pool) {
        return 0;
    }
    slot->type = type;
    return 0;
}

/* Copies text and then `more` into the pool. Returns 0 or -EFBIG. */
static int keep(struct mime *types, struct view text, const char *more,
                struct view *kept)
{
    size_t more_len = strlen(more), len = text.len + more_len;

    if (len > MIME_POOL_MAX - types->used)
        return -EFBIG;
    *kept = (struct view){types->pool + types->used, len};
    memcpy(types->pool + types->used, text.at, text.len);
    memcpy(types->pool + types->used + text.len, more, more_len);
    types->used += len;
    return 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Removes the first word from line and returns it. The word is empty if there
 * is none. */
static struct view take_word(struct view *line)
{
    struct view word;

    while (line->len > 0 && is_space(line->at[0])) {
        line->at++;
        line->len--;
    }
    word = (struct view){line->at, 0};
    while (word.len < line->len && !is_space(word.at[word.len]))
        word.len++;
    line->at += word.len;
    line->len -= word.len;
    return word;
}

/* Removes the first line from text and returns it without '\n' and comment. */
static struct view take_line(struct view *text)
{
    const char *end = memchr(text->at, '\n', text->len);
    struct view line = {text->at, end ? (size_t)(end - text->at) : text->len};
    size_t taken = line.len + (end ? 1 : 0);
    const char *comment = memchr(line.at, '#', line.len);

    text->at += taken;
    text->len -= taken;
    if (comment != NULL)
        line.len = (size_t)(comment - line.at);
    return line;
}

/* Returns true if word is safe in a header field: visible ASCII with a '/'
 * inside. The grammar of media types is stricter. */
static bool is_type(struct view word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] <= ' ' || word.at[i] > '~')
            return false;
    return word.len > 2 && memchr(word.at + 1, '/', word.len - 2) != NULL;
}

/* Adds the extensions of one line of the file. A type without extensions is not
 * stored. Returns 0 or -EFBIG. */
static int add_line(struct mime *types, struct view line)
{
    struct view type = take_word(&line), word = take_word(&line), extension;
    bool is_text;
    int result;

    if (!is_type(type) || word.len == 0)
        return 0;
    is_text = (type.len >= 5 && memcmp(type.at, "text/", 5) == 0) ||
              view_equal(type, view_of("application/javascript"));
    result = keep(types, type, is_text ? UTF8 : "", &type);
    for (; result == 0 && word.len > 0; word = take_word(&line)) {
        if (word.len > MIME_EXTENSION_MAX)
            continue;
        result = keep(types, word, "", &extension);
        if (result == 0)
            result = set_type(types, extension, type);
    }
    return result;
}

/* Reads the file into temporary memory and adds its lines. */
static int add_file(struct mime *types, const char *file)
{
    struct view text;
    void *memory;
    int len, result = sys_map(&memory, MIME_FILE_MAX);

    if (result < 0)
        return result;
    len = sys_read_text(file, memory, MIME_FILE_MAX);
    if (len < 0)
        result = len;
    /* The buffer is full, so the file may be longer and its last line
     * incomplete. */
    else if (len == MIME_FILE_MAX - 1)
        result = -EFBIG;
    text = (struct view){memory, result < 0 ? 0 : (size_t)len};
    while (text.len > 0 && result == 0)
        result = add_line(types, take_line(&text));
    (void)sys_unmap(memory, MIME_FILE_MAX); /* cannot fail: it is mapped */
    return result;
}

int mime_init(struct mime *types, const char *file)
{
    int result = 0;

    memset(types, 0, sizeof *types);
    for (size_t i = 0; i < sizeof builtin_types / sizeof *builtin_types; i++) {
        result = set_type(types, view_of(builtin_types[i].extension),
                          view_of(builtin_types[i].type));
        assert(result == 0);
    }
    if (file != NULL)
        result = add_file(types, file);
    return result < 0 ? result : (int)types->count;
}

struct view mime_type(const struct mime *types, struct view path)
{
    const char *slash = memrchr(path.at, '/', path.len);
    struct view name = path, extension;
    const struct mime_slot *slot;
    size_t i = 1;

    if (slash != NULL)
        name = (struct view){slash + 1,
                             (size_t)(path.at + path.len - (slash + 1))};
    /* An extension begins after a dot, but not after one at the start of the
     * name. It has at most MIME_EXTENSION_MAX bytes. */
    if (name.len > MIME_EXTENSION_MAX + 1)
        i = name.len - MIME_EXTENSION_MAX - 1;
    for (; i < name.len; i++) {
        if (name.at[i] != '.')
            continue;
        extension = (struct view){name.at + i + 1, name.len - i - 1};
        slot = &types->slots[find_slot(types, extension)];
        if (slot->extension.len > 0)
            return slot->type;
    }
    return view_of(is_text_name(name) ? "text/plain" UTF8
                                      : "application/octet-stream");
}

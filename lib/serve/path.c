/* path.c: converts a request target to a name below the root; see path.h.
 * Introduced in phase 10. Needs: path.h.
 *
 * What it teaches: security depends on the order of the steps. The code splits
 * the target, decodes each segment once, and then checks it. A server that
 * decodes after the check accepts "%2e%2e" as "..". A server that decodes twice
 * accepts "%252e%252e".
 *
 * Before a segment is added, the name is always empty or ends in '/', so there
 * is only one state to reason about. Only the last segment may end without a
 * '/'. */
#include "path.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Bytes that encode() does not encode, besides letters and digits. In a path
 * they are the unreserved characters and sub-delims of RFC 3986, ':', '@', and
 * the separator '/'. In a query, '?' is kept, too, and '%', because a query is
 * already encoded. */
#define PATH_PUNCTUATION "-._~!$&'()*+,;=:@/"
#define QUERY_PUNCTUATION PATH_PUNCTUATION "?%"

static struct view view_after(struct view v, size_t count)
{
    assert(count <= v.len);
    return (struct view){v.at + count, v.len - count};
}

/* Returns the number of bytes of v before the first byte that is a or b. */
static size_t length_before(struct view v, char a, char b)
{
    size_t len = 0;

    while (len < v.len && v.at[len] != a && v.at[len] != b)
        len++;
    return len;
}

/* Removes one character, percent-encoded or not, from the start of text.
 * Returns its byte, or -EINVAL if the rules of path.h refuse it. */
static int take_byte(struct view *text)
{
    int byte = (unsigned char)text->at[0], high, low;

    if (byte != '%') {
        *text = view_after(*text, 1);
        return byte <= ' ' || byte > '~' || byte == '\\' ? -EINVAL : byte;
    }
    if (text->len < 3)
        return -EINVAL;
    high = view_hex_digit(text->at[1]);
    low = view_hex_digit(text->at[2]);
    if (high < 0 || low < 0)
        return -EINVAL;
    *text = view_after(*text, 3);
    byte = high * 16 + low;
    return byte == '\0' || byte == '/' || byte == '\\' ? -EINVAL : byte;
}

static int append_byte(struct path *path, int byte)
{
    if (path->len + 1 >= path->size)
        return -ENAMETOOLONG;
    path->text[path->len++] = (char)byte;
    return 0;
}

bool path_is_hidden(struct view segment, bool is_first)
{
    if (is_first && view_equal(segment, view_of(".well-known")))
        return false;
    return segment.at[0] == '.' || segment.at[segment.len - 1] == '~';
}

/* Decodes a segment, appends it to the name, and then checks it. */
static int add_segment(struct path *path, struct view raw, bool allow_hidden)
{
    size_t start = path->len;
    struct view segment;
    int result = 0;

    while (raw.len > 0 && result == 0) {
        result = take_byte(&raw);
        if (result >= 0)
            result = append_byte(path, result);
    }
    if (result < 0)
        return result;

    segment = (struct view){path->text + start, path->len - start};
    if (view_equal(segment, view_of("."))) {
        path->len = start;
    } else if (view_equal(segment, view_of(".."))) {
        path->len = start;
        if (start == 0)
            return -EINVAL;
        do /* remove the segment before it, which ends in '/' */
            path->len--;
        while (path->len > 0 && path->text[path->len - 1] != '/');
    } else if (!allow_hidden && path_is_hidden(segment, start == 0)) {
        return -ENOENT;
    }
    return 0;
}

/* Removes the first segment and the '/' before it from rest, and adds the
 * segment to path. */
static int take_segment(struct path *path, struct view *rest, bool allow_hidden)
{
    struct view segment = view_after(*rest, 1);
    int result;

    assert(rest->at[0] == '/');
    segment.len = length_before(segment, '/', '/');
    *rest = view_after(*rest, 1 + segment.len);
    if (segment.len == 0)
        return 0;
    result = add_segment(path, segment, allow_hidden);
    if (result < 0 || rest->len == 0 || path_is_directory(path))
        return result;
    return append_byte(path, '/');
}

int path_decode(struct path *path, struct view target, bool allow_hidden)
{
    struct view rest = {target.at, length_before(target, '?', '#')};
    int result = rest.len > 0 && rest.at[0] == '/' ? 0 : -EINVAL;

    assert(path->size > 0);
    path->len = 0;
    while (result == 0 && rest.len > 0)
        result = take_segment(path, &rest, allow_hidden);
    if (result < 0)
        path->len = 0;
    path->text[path->len] = '\0';
    return result;
}

bool path_is_directory(const struct path *path)
{
    return path->len == 0 || path->text[path->len - 1] == '/';
}

struct view path_last_segment(const struct path *path)
{
    size_t start = path->len;

    while (start > 0 && path->text[start - 1] != '/')
        start--;
    return (struct view){path->text + start, path->len - start};
}

static int append_text(struct path *path, struct view text)
{
    assert(path->len < path->size);
    if (text.len >= path->size - path->len)
        return -ENAMETOOLONG;
    memcpy(path->text + path->len, text.at, text.len);
    path->len += text.len;
    path->text[path->len] = '\0';
    return 0;
}

int path_append(struct path *path, struct view name)
{
    assert(path_is_directory(path));
    return append_text(path, name);
}

int path_append_suffix(struct path *path, struct view suffix)
{
    assert(!path_is_directory(path));
    return append_text(path, suffix);
}

/* Appends text to out. Percent-encodes every byte except letters, digits and
 * the characters in `punctuation`. Also encodes a '%' without two hex digits
 * after it. */
static int encode(struct path *out, struct view text, const char *punctuation)
{
    static const char hex[16] = "0123456789ABCDEF";
    int result = 0;

    for (size_t i = 0; i < text.len && result == 0; i++) {
        unsigned char byte = (unsigned char)text.at[i], lower = byte | 0x20;
        bool is_kept = (lower >= 'a' && lower <= 'z') ||
                       (byte >= '0' && byte <= '9') ||
                       (byte != '\0' && strchr(punctuation, byte) != NULL);

        if (byte == '%' && (text.len - i < 3 ||
                            view_hex_digit(text.at[i + 1]) < 0 ||
                            view_hex_digit(text.at[i + 2]) < 0))
            is_kept = false;
        result = append_byte(out, is_kept ? byte : '%');
        if (result == 0 && !is_kept)
            result = append_byte(out, hex[byte / 16]);
        if (result == 0 && !is_kept)
            result = append_byte(out, hex[byte % 16]);
    }
    return result;
}

/* Appends a relative reference to name. Returns 0 or -ENAMETOOLONG. */
static int append_link(struct path *out, struct view name, bool is_directory)
{
    int result = 0;

    if (memchr(name.at, ':', name.len) != NULL)
        result = encode(out, view_of("./"), PATH_PUNCTUATION);
    if (result == 0)
        result = encode(out, name, PATH_PUNCTUATION);
    if (result == 0 && is_directory)
        result = append_byte(out, '/');
    return result;
}

int path_link(char *out, size_t size, struct view name, bool is_directory)
{
    struct path link = {.text = out, .size = size};
    int result = append_link(&link, name, is_directory);

    if (result < 0)
        return result;
    out[link.len] = '\0';
    return (int)link.len;
}

int path_location(char *out, size_t size, const struct path *path,
                  struct view query)
{
    struct path location = {.text = out, .size = size};
    const char *slash = memrchr(path->text, '/', path->len);
    size_t start = slash != NULL ? (size_t)(slash + 1 - path->text) : 0;
    struct view name = {path->text + start, path->len - start};
    int result;

    assert(size > 0);
    assert(!path_is_directory(path));
    result = append_link(&location, name, true);
    if (result == 0 && !view_is_none(query))
        result = append_byte(&location, '?');
    if (result == 0)
        result = encode(&location, query, QUERY_PUNCTUATION);
    if (result < 0)
        return result;
    out[location.len] = '\0';
    return (int)location.len;
}

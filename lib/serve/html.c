/* html.c: escapes text of unknown origin for an HTML page; see html.h.
 * Introduced in phase 10. Needs: html.h.
 *
 * What it teaches: escape a text for the format that contains it. A name in a
 * link is escaped twice: first for the address, then for the page. */
#include "html.h"

#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* Returns true if byte i of text exists and is in the range. */
static bool has_byte(struct view text, size_t i, unsigned low, unsigned high)
{
    return i < text.len && (unsigned char)text.at[i] >= low &&
           (unsigned char)text.at[i] <= high;
}

unsigned html_utf8_length(struct view text)
{
    unsigned first = text.len > 0 ? (unsigned char)text.at[0] : 0xFF;
    unsigned low = 0x80, high = 0xBF, len = 0;

    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        len = 2;
    else if (first >= 0xE0 && first <= 0xEF)
        len = 3;
    else if (first >= 0xF0 && first <= 0xF4)
        len = 4;
    /* After some first bytes, the second byte (byte 2) has a smaller range. */
    if (first == 0xE0) /* a lower byte 2 would be overlong */
        low = 0xA0;
    else if (first == 0xED) /* a higher byte 2 would be a surrogate */
        high = 0x9F;
    else if (first == 0xF0) /* a lower byte 2 would be overlong */
        low = 0x90;
    else if (first == 0xF4) /* a higher byte 2: above U+10FFFF */
        high = 0x8F;
    if (len == 0 || !has_byte(text, 1, low, high))
        return 0;
    for (unsigned i = 2; i < len; i++)
        if (!has_byte(text, i, 0x80, 0xBF))
            return 0;
    return len;
}

/* Returns the escape of the character of len bytes at text, or its bytes if it
 * needs no escape. len is 0 if text does not begin with a character. */
static struct view escape_of(struct view text, unsigned len)
{
    const unsigned char *at = (const unsigned char *)text.at;

    if (len == 0 || at[0] < ' ' || at[0] == 0x7F || /* C0, and then C1: */
        (len == 2 && at[0] == 0xC2 && at[1] < 0xA0))
        return view_of(REPLACEMENT);
    switch (at[0]) {
    case '&':
        return view_of("&amp;");
    case '<':
        return view_of("&lt;");
    case '>':
        return view_of("&gt;");
    case '"':
        return view_of("&quot;");
    case '\'':
        return view_of("&#39;");
    default:
        return (struct view){text.at, len};
    }
}

int html_escape(char *out, size_t size, struct view text)
{
    size_t len = 0;

    while (text.len > 0) {
        unsigned taken = html_utf8_length(text);
        struct view escape = escape_of(text, taken);

        if (escape.len > size - len)
            return -EMSGSIZE;
        memcpy(out + len, escape.at, escape.len);
        len += escape.len;
        taken += taken == 0; /* a byte that is not a part of a character */
        text.at += taken;
        text.len -= taken;
    }
    return (int)len;
}

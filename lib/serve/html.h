/* html.h: escapes text of unknown origin for an HTML page.
 * Introduced in phase 10. Needs: view.h.
 *
 *     <b>&  --html_escape-->  &lt;b&gt;&amp;
 *
 * A file may have any name. In a page, "<" would begin an element, and a quote
 * would end an attribute. The result is safe as text, and as the value of an
 * attribute in quotes. Escape for the page last: an address, for example, is
 * percent-encoded first (path.h: path_link).
 *
 * A name consists of bytes, and a page consists of characters. Each byte that
 * is not a part of a UTF-8 character, and each control character, becomes
 * U+FFFD. */
#ifndef ONE_RING_HTML_H
#define ONE_RING_HTML_H

#include "view.h"

/* The maximum number of result bytes per byte of text. */
#define HTML_ESCAPE_MAX 6u

/* Writes the escaped text to out, without a NUL.
 *
 * Returns  >= 0       the number of bytes
 *          -EMSGSIZE  out is too small; its content is undefined */
int html_escape(char *out, size_t size, struct view text);

/* Returns the length of the UTF-8 character at the start of text, 1 to 4.
 * Returns 0 if text is empty, or if the encoding is truncated, longer than
 * necessary, a surrogate, or above U+10FFFF. Source: Unicode 15, table 3-7. */
unsigned html_utf8_length(struct view text);

#endif

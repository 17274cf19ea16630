/* log_line.c: writes one line of an access log; see log_line.h.
 * Introduced in phase 10. Needs: log_line.h, date.h.
 *
 * What it teaches: if each part has a limit, the whole has a limit. The
 * compiler checks the sum, so the code that appends cannot fail. */
#include "log_line.h"

#include <assert.h>
#include <string.h>

#include "date.h"

#define REMOTE_MAX 64u
#define ELSE_MAX 384u /* keys, quotes, and five numbers */
static_assert(LOG_METHOD_MAX + LOG_TARGET_MAX + 2 * LOG_TEXT_MAX + REMOTE_MAX +
                      ELSE_MAX <= LOG_LINE_MAX,
              "every line fits");

struct line {
    char *bytes; /* borrowed: LOG_LINE_MAX bytes */
    size_t len;
    enum log_format format;
};

static void put(struct line *line, const char *bytes, size_t len)
{
    assert(len <= LOG_LINE_MAX - line->len);
    memcpy(line->bytes + line->len, bytes, len);
    line->len += len;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* Appends value in decimal, with at least width digits. */
static void put_number(struct line *line, uint64_t value, unsigned width)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || sizeof digits - at < width);
    put(line, digits + at, sizeof digits - at);
}

/* Appends microseconds as seconds, with three decimals. */
static void put_seconds(struct line *line, uint64_t us)
{
    put_number(line, us / 1000000, 1);
    put_text(line, ".");
    put_number(line, us / 1000 % 1000, 3);
}

/* Writes the escaped form of c into out. Returns its length. */
static size_t escape(char out[6], enum log_format format, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    size_t len = 0;

    if (c >= ' ' && c < 127 && c != '"' && c != '\\') {
        out[0] = (char)c;
        return 1;
    }
    out[len++] = '\\';
    if (format == LOG_JSON && (c == '"' || c == '\\')) {
        out[len++] = (char)c;
        return len;
    }
    out[len++] = format == LOG_JSON ? 'u' : 'x';
    if (format == LOG_JSON) {
        out[len++] = '0';
        out[len++] = '0';
    }
    out[len++] = hex[c >> 4];
    out[len++] = hex[c & 15];
    return len;
}

/* Appends a client's text in escaped form, at most max bytes. */
static void put_escaped(struct line *line, struct view text, size_t max)
{
    static const char cut[] = "...";
    size_t end = line->len + max - (sizeof cut - 1), rest_len;
    char out[6];

    for (size_t i = 0; i < text.len; i++) {
        rest_len = escape(out, line->format, (unsigned char)text.at[i]);
        if (line->len + rest_len > end) {
            put_text(line, cut);
            return;
        }
        put(line, out, rest_len);
    }
}

/* Appends a client's text between quotes. If text is empty, appends "-" or, in
 * JSON, null. */
static void put_quoted(struct line *line, struct view text, size_t max)
{
    if (text.len == 0) {
        put_text(line, line->format == LOG_JSON ? "null" : "\"-\"");
        return;
    }
    put_text(line, "\"");
    put_escaped(line, text, max);
    put_text(line, "\"");
}

static struct view remote_of(const struct log_entry *entry)
{
    return entry->remote.len > 0 ? entry->remote : view_of("-");
}

/* Appends a line in the combined format, without its newline. date has the form
 * "DDD, 06 Nov 1994 08:49:37 GMT". The line has these parts in another
 * order. */
static void put_combined(struct line *line, const struct log_entry *entry,
                         const char *date)
{
    put_escaped(line, remote_of(entry), REMOTE_MAX);
    put_text(line, " - - [");
    put(line, date + 5, 2);
    put_text(line, "/");
    put(line, date + 8, 3);
    put_text(line, "/");
    put(line, date + 12, 4);
    put_text(line, ":");
    put(line, date + 17, 8);
    put_text(line, " +0000] \"");
    if (entry->method.len > 0) {
        put_escaped(line, entry->method, LOG_METHOD_MAX);
        put_text(line, " ");
        put_escaped(line, entry->target, LOG_TARGET_MAX);
        put_text(line, " HTTP/1.");
        put_number(line, entry->minor, 1);
    } else {
        put_text(line, "-");
    }
    put_text(line, "\" ");
    put_number(line, (unsigned)entry->status, 3);
    put_text(line, " ");
    put_number(line, entry->sent, 1);
    put_text(line, " ");
    put_quoted(line, entry->referer, LOG_TEXT_MAX);
    put_text(line, " ");
    put_quoted(line, entry->agent, LOG_TEXT_MAX);
    put_text(line, " ");
    put_seconds(line, entry->spent_us);
}

/* Returns the number of a month, 1 to 12, by its short name. */
static unsigned month_of(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    unsigned month = 0;

    while (memcmp(names + 3 * (size_t)month, name, 3) != 0)
        month++;
    return month + 1;
}

static void put_json(struct line *line, const struct log_entry *entry,
                     const char *date)
{
    put_text(line, "{\"time\":\"");
    put(line, date + 12, 4);
    put_text(line, "-");
    put_number(line, month_of(date + 8), 2);
    put_text(line, "-");
    put(line, date + 5, 2);
    put_text(line, "T");
    put(line, date + 17, 8);
    put_text(line, "Z\",\"remote\":");
    put_quoted(line, remote_of(entry), REMOTE_MAX);
    put_text(line, ",\"method\":");
    put_quoted(line, entry->method, LOG_METHOD_MAX);
    put_text(line, ",\"target\":");
    put_quoted(line, entry->target, LOG_TARGET_MAX);
    put_text(line, ",\"version\":\"1.");
    put_number(line, entry->minor, 1);
    put_text(line, "\",\"status\":");
    put_number(line, (unsigned)entry->status, 3);
    put_text(line, ",\"bytes\":");
    put_number(line, entry->sent, 1);
    put_text(line, ",\"seconds\":");
    put_seconds(line, entry->spent_us);
    put_text(line, ",\"referer\":");
    put_quoted(line, entry->referer, LOG_TEXT_MAX);
    put_text(line, ",\"agent\":");
    put_quoted(line, entry->agent, LOG_TEXT_MAX);
    put_text(line, "}");
}

int log_line_write(char bytes[LOG_LINE_MAX], enum log_format format,
                   const struct log_entry *entry)
{
    struct line line = {.bytes = bytes, .format = format};
    char date[DATE_LEN];

    assert(format != LOG_OFF);
    if (date_format(date, entry->time_s) < 0)
        (void)date_format(date, 0); /* a clock that is not set */
    if (format == LOG_JSON)
        put_json(&line, entry, date);
    else
        put_combined(&line, entry, date);
    put_text(&line, "\n");
    return (int)line.len;
}

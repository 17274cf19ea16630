/* listing_page.c: the HTML page of a directory; see listing_page.h. */
#include "listing_page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "html.h"
#include "path.h"
#include "sys.h"
#include "view.h"

/* Relative units, one column of names, and no script. On a narrow screen, size
 * and time move below the name. */
#define STYLE                                                                 \
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;"                \
    "margin:0 auto;padding:1rem}"                                             \
    "h1{font-size:1.25rem;overflow-wrap:anywhere}"                            \
    "ul{list-style:none;margin:0;padding:0}"                                  \
    "li{display:grid;grid-template-columns:1fr 6rem 10rem;gap:0 1rem;"        \
    "border-top:1px solid #8884}"                                             \
    "li a{padding:.4rem 0;overflow-wrap:anywhere}"                            \
    "li span{padding:.4rem 0;text-align:right;opacity:.75;"                   \
    "font-variant-numeric:tabular-nums}"                                      \
    "a{color:#05c;text-decoration:none}a:hover{text-decoration:underline}"    \
    "@media(prefers-color-scheme:dark){a{color:#8bf}}"                        \
    "@media(max-width:40rem){li{grid-template-columns:1fr auto}"              \
    "li a{grid-column:1/-1;padding-bottom:0}"                                 \
    "li span{padding-top:0;font-size:.875rem}"                                \
    "li span:first-of-type{text-align:left}}"

#define HEAD                                                                  \
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"         \
    "<meta name=\"viewport\" content=\"width=device-width\">\n"               \
    "<meta name=\"color-scheme\" content=\"light dark\">\n"                   \
    "<style>" STYLE "</style>\n"

/* A page that is being written. After a failure it ignores what follows. */
struct page {
    int fd;
    int result; /* 0 or the first -errno */
    uint64_t written;
    size_t len;
    char buf[32768]; /* has room for any path with escapes */
};

static void flush(struct page *page)
{
    for (size_t done = 0; done < page->len && page->result == 0;) {
        ssize_t got = write(page->fd, page->buf + done, page->len - done);

        if (got > 0)
            done += (size_t)got;
        else if (got == 0 || errno != EINTR)
            page->result = got == 0 ? -EIO : -errno;
    }
    page->written += page->len;
    page->len = 0;
}

/* Adds text that needs no escape. */
static void add(struct page *page, const char *text)
{
    size_t len = strlen(text);

    if (len > sizeof page->buf - page->len)
        flush(page);
    memcpy(page->buf + page->len, text, len);
    page->len += len;
}

__attribute__((format(printf, 2, 3))) static void
add_format(struct page *page, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add(page, text);
}

/* Adds text with escapes: a name, a link, or a path. */
static void add_escaped(struct page *page, struct view text)
{
    int len;

    if (HTML_ESCAPE_MAX * text.len > sizeof page->buf - page->len)
        flush(page);
    len = html_escape(page->buf + page->len, sizeof page->buf - page->len,
                      text);
    if (len < 0)
        page->result = len; /* longer than any path */
    else
        page->len += (size_t)len;
}

/* Adds a link to the directory that is `up` levels higher. Adds nothing if up
 * is 0. */
static void add_link_up(struct page *page, unsigned up)
{
    if (up > 0)
        add(page, "<a href=\"");
    for (unsigned i = 0; i < up; i++)
        add(page, "../");
    if (up > 0)
        add(page, "\">");
}

/* Adds the path with a link to each directory above. The links are relative,
 * because a proxy may serve the site below a prefix. */
static void add_crumbs(struct page *page, const char *path)
{
    unsigned up = 0;

    for (const char *at = path; *at != '\0'; at++)
        up += *at == '/';
    add_link_up(page, up);
    add(page, up > 0 ? "/</a>" : "/");
    while (up-- > 0) {
        struct view segment = {path, strcspn(path, "/")};

        add(page, " ");
        add_link_up(page, up);
        add(page, "<bdi>");
        add_escaped(page, segment);
        add(page, up > 0 ? "</bdi>/</a>" : "</bdi>/");
        path += segment.len + 1;
    }
}

static void add_size(struct page *page, uint64_t size)
{
    static const char units[] = "KMGTPE";
    double value = (double)size;
    int unit = -1;

    while (value >= 1024 && unit < 5) {
        value /= 1024;
        unit++;
    }
    if (unit < 0)
        add_format(page, "%u B", (unsigned)size);
    else
        add_format(page, "%.*f %ciB", value < 10 ? 1 : 0, value, units[unit]);
}

static void add_entry(struct page *page, const struct directory_entry *entry)
{
    char link[PATH_LINK_MAX(DIRECTORY_NAME_BYTES)];
    struct tm utc;
    time_t time = entry->modified_s;
    int len = path_link(link, sizeof link, view_of(entry->name),
                        entry->is_directory);

    if (len < 0)
        page->result = len;
    add(page, "<li><a href=\"");
    add_escaped(page, (struct view){link, len < 0 ? 0 : (size_t)len});
    add(page, "\"><bdi>");
    add_escaped(page, view_of(entry->name));
    add(page, entry->is_directory ? "</bdi>/</a><span>" : "</bdi></a><span>");
    if (!entry->is_directory)
        add_size(page, entry->size);
    add(page, "</span><span>");
    if (gmtime_r(&time, &utc) != NULL)
        add_format(page, "%04ld-%02d-%02d %02d:%02d", 1900L + utc.tm_year,
                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min);
    add(page, "</span></li>\n");
}

static void write_page(struct page *page, const struct directory *directory,
                       const char *path)
{
    add(page, HEAD "<title>/");
    add_escaped(page, view_of(path));
    add(page, "</title>\n<h1>");
    add_crumbs(page, path);
    add(page, "</h1>\n<ul>\n");
    for (size_t i = 0; i < directory->count && page->result == 0; i++)
        add_entry(page, &directory->entries[i]);
    add(page, "</ul>\n");
    if (directory->is_cut)
        add_format(page, "<p>There are more than %u names. The others are not "
                   "shown.</p>\n", DIRECTORY_NAMES_MAX);
    else if (directory->count == 0)
        add(page, "<p>This directory is empty.</p>\n");
    add(page, "<p>Times are in UTC.</p>\n</html>\n");
    flush(page);
}

int listing_page_write(const struct directory *directory, const char *path,
                       uint64_t *len)
{
    struct page *page;
    void *memory;
    int fd, rc = sys_map(&memory, sizeof *page);

    if (rc < 0)
        return rc;
    page = memory;
    fd = page->fd = memfd_create("listing", MFD_CLOEXEC);
    if (fd < 0) {
        rc = -errno;
    } else {
        write_page(page, directory, path);
        *len = page->written;
        rc = page->result;
    }
    (void)sys_unmap(memory, sizeof *page);
    if (fd >= 0 && rc < 0)
        close(fd);
    return rc < 0 ? rc : fd;
}

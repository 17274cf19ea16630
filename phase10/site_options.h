/* site_options.h: the options that describe a site.
 *
 * What it teaches: the administrator must learn of a wrong option at the start,
 * and not from the first visitor. So the program checks and formats all values
 * before it listens. */
#ifndef PHASE10_SITE_OPTIONS_H
#define PHASE10_SITE_OPTIONS_H

#include <stdbool.h>

#include "command.h"
#include "site_lines.h"

#define SITE_HEADERS_MAX 32u
#define SITE_ERROR_PAGES_MAX 16u

/* The page of a status. */
struct site_error_page {
    int status;
    struct view name; /* borrowed: below the root; a NUL follows it */
};

/* command_read sets these, and site_options_check checks them. Then the struct
 * is read-only, so all rings share it. Texts are borrowed from argv. */
struct site_options {
    bool shows_hidden, lists, has_cors;
    bool refuses_links; /* symbolic ones, even those inside the root */
    unsigned tag_kind; /* enum validator_kind: the parts of a tag */
    unsigned requests_max; /* per connection */
    const char *spa; /* a name below the root; NULL: not given */
    const char *cache_control;
    const char *headers[SITE_HEADERS_MAX];
    unsigned header_count;
    const char *error_texts[SITE_ERROR_PAGES_MAX]; /* "404=404.html" */
    unsigned error_count;
    struct site_error_page error_pages[SITE_ERROR_PAGES_MAX];
    struct site_lines lines;
};

/* The words of --etag, in the order of enum validator_kind. */
extern const char *const site_tag_kinds[];

/* The rows for the table of options. */
#define SITE_OPTIONS(site)                                                    \
    {.name = "hidden", .flag = &(site).shows_hidden},                         \
    {.name = "no-symlinks", .flag = &(site).refuses_links},                   \
    {.name = "etag", .word = &(site).tag_kind, .words = site_tag_kinds},      \
    {.name = "listing", .flag = &(site).lists},                               \
    {.name = "cors", .flag = &(site).has_cors},                               \
    {.name = "spa", .text = &(site).spa},                                     \
    {.name = "max-requests", .number = &(site).requests_max, .min = 1,        \
     .max = 1u << 30},                                                        \
    {.name = "cache-control", .text = &(site).cache_control},                 \
    {.name = "header", .text = (site).headers, .count = &(site).header_count, \
     .max = SITE_HEADERS_MAX},                                                \
    {.name = "error-page", .text = (site).error_texts,                        \
     .count = &(site).error_count, .max = SITE_ERROR_PAGES_MAX}

/* The lines of --help, and of --help-all, for SITE_OPTIONS. */
#define SITE_OPTIONS_HELP                                                     \
    "  --hidden         also serve names that begin with a dot\n"             \
    "  --listing        list directories without index.html\n"                \
    "  --spa FILE       send FILE to a browser for a page that does not\n"    \
    "                   exist: a name without an extension\n"
#define SITE_OPTIONS_HELP_MORE                                                \
    "  --no-symlinks    do not follow symbolic links below DIR\n"             \
    "  --etag KIND      ctime: make a file's ETag from its ctime, inode\n"    \
    "                   and size; mtime: from mtime and size, the same on\n"  \
    "                   all machines that have the file with its time,\n"     \
    "                   but a rollback may go unnoticed (ctime)\n"            \
    "  --error-page STATUS=FILE\n"                                            \
    "                   send FILE with that status, 400 to 599 (up to 16)\n"  \
    "  --cache-control VALUE\n"                                               \
    "                   add the field Cache-Control to files\n"               \
    "  --header 'NAME: VALUE'\n"                                              \
    "                   add this field to every answer (up to 32)\n"          \
    "  --cors           let pages of other sites read the files\n"

/* Checks the options, and formats their lines. Returns COMMAND_GO_ON, or
 * COMMAND_USAGE after printing a message. */
int site_options_check(struct site_options *site,
                       const struct command *command);

/* Returns the page for the status, or NULL. */
const struct site_error_page *
site_error_page_of(const struct site_options *site, int status);

#endif

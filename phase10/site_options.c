/* site_options.c: the options that describe a site; see site_options.h. */
#include "site_options.h"

#include <stdint.h>
#include <string.h>

#include "status.h"

const char *const site_tag_kinds[] = {"ctime", "mtime", NULL};

/* Returns true if name is the path of a file below a directory and has no
 * empty, "." or ".." segment: the cache knows each file by one name. */
static bool is_name_below(const char *name)
{
    const char *at = name;

    for (;;) {
        struct view segment = {at, strcspn(at, "/")};

        if (segment.len == 0 || view_equal(segment, view_of(".")) ||
            view_equal(segment, view_of("..")))
            return false;
        if (at[segment.len] == '\0')
            return true;
        at += segment.len + 1;
    }
}

/* Parses "STATUS=FILE". Returns false after printing a message. */
static bool take_error_page(struct site_error_page *page, const char *text,
                            const struct command *command)
{
    const char *equals = strchr(text, '=');
    struct view digits = {text, equals != NULL ? (size_t)(equals - text) : 0};
    uint64_t status = 0;

    if (equals == NULL || view_to_number(digits, 599, &status) < 0 ||
        status == 416 || !status_has_page((int)status)) {
        command_misuse(command, "--error-page '%.200s': write STATUS=FILE, "
                       "with a status from 400 to 599 that serve uses, such "
                       "as 404=404.html", text);
        return false;
    }
    if (!is_name_below(equals + 1)) {
        command_misuse(command, "--error-page '%.200s': the file must be a "
                       "name below the root, such as 404.html", text);
        return false;
    }
    *page = (struct site_error_page){(int)status, view_of(equals + 1)};
    return true;
}

/* Returns false after printing a message. */
static bool check_headers(const struct site_options *site,
                          const struct command *command)
{
    for (unsigned i = 0; i < site->header_count; i++) {
        const char *why = site_lines_why_not(site->headers[i], site->has_cors);

        if (why == NULL)
            continue;
        command_misuse(command, "--header '%.200s' %s", site->headers[i], why);
        return false;
    }
    return true;
}

int site_options_check(struct site_options *site, const struct command *command)
{
    const struct site_lines_source source = {
        .headers = site->headers,
        .header_count = site->header_count,
        .cache_control = site->cache_control,
        .has_cors = site->has_cors,
        .has_spa = site->spa != NULL,
    };

    for (unsigned i = 0; i < site->error_count; i++)
        if (!take_error_page(&site->error_pages[i], site->error_texts[i],
                             command))
            return COMMAND_USAGE;
    if (site->spa != NULL && !is_name_below(site->spa))
        return command_misuse(command, "--spa '%.200s': the file must be a "
                              "name below the root, such as index.html",
                              site->spa);
    if (site->cache_control != NULL &&
        !site_lines_is_value(view_of(site->cache_control)))
        return command_misuse(command, "--cache-control '%.200s' is not a "
                              "value, such as 'public, max-age=3600'",
                              site->cache_control);
    if (!check_headers(site, command))
        return COMMAND_USAGE;
    if (site_lines_init(&site->lines, &source) < 0)
        return command_misuse(command, "the lines of --header and "
                              "--cache-control have more than %u bytes in all",
                              SITE_LINES_MAX);
    return COMMAND_GO_ON;
}

const struct site_error_page *
site_error_page_of(const struct site_options *site, int status)
{
    for (unsigned i = 0; i < site->error_count; i++)
        if (site->error_pages[i].status == status)
            return &site->error_pages[i];
    return NULL;
}

/* status.c: status lines, pages, and the status for an -errno; see status.h.
 * Introduced in phase 10. Needs: status.h, err.h. */
#include "status.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "err.h"

/* The compiler joins these strings and computes their lengths. */
#define TEXT(string) {string, sizeof string - 1}
#define LINE(code, reason) "HTTP/1.1 " code " " reason "\r\n"
#define PAGE(code, reason, words)                                             \
    "<!DOCTYPE html>\n"                                                       \
    "<html lang=\"en\"><meta charset=\"utf-8\">"                              \
    "<title>" code " " reason "</title>\n"                                    \
    "<h1>" code " " reason "</h1>\n"                                          \
    "<p>" words "</p></html>\n"

#define BARE(code, reason) {code, TEXT(LINE(#code, reason)), {NULL, 0}}
#define WITH_PAGE(code, reason, words)                                        \
    {code, TEXT(LINE(#code, reason)), TEXT(PAGE(#code, reason, words))}

struct status {
    int code;
    struct view line;
    struct view page; /* empty: none */
};

/* find_status searches from the top, so the most frequent codes come first. */
static const struct status statuses[] = {
    BARE(200, "OK"),
    BARE(304, "Not Modified"),
    WITH_PAGE(404, "Not Found", "There is no such file."),
    BARE(206, "Partial Content"),
    WITH_PAGE(301, "Moved Permanently", "This is a directory: add a slash."),
    WITH_PAGE(400, "Bad Request", "The request was malformed."),
    WITH_PAGE(403, "Forbidden", "This file may not be read."),
    WITH_PAGE(405, "Method Not Allowed", "Files can only be read here."),
    WITH_PAGE(408, "Request Timeout", "The request took too long to arrive."),
    WITH_PAGE(412, "Precondition Failed", "The file is another one now."),
    WITH_PAGE(413, "Content Too Large", "The body was too large."),
    WITH_PAGE(414, "URI Too Long", "The address was too long."),
    WITH_PAGE(416, "Range Not Satisfiable", "The file ends before this range."),
    WITH_PAGE(417, "Expectation Failed", "Only 100-continue can be expected."),
    WITH_PAGE(431, "Request Header Fields Too Large",
              "The header was too large."),
    WITH_PAGE(500, "Internal Server Error", "The file could not be read."),
    WITH_PAGE(501, "Not Implemented", "This server does not know how."),
    WITH_PAGE(503, "Service Unavailable", "The server is busy: try again."),
    WITH_PAGE(505, "HTTP Version Not Supported", "This is an HTTP/1.1 server."),
    BARE(100, "Continue"),
    BARE(204, "No Content"),
};

static const struct status *find_status(int code)
{
    size_t i = 0, count = sizeof statuses / sizeof *statuses;

    while (i < count && statuses[i].code != code)
        i++;
    assert(i < count);
    return &statuses[i];
}

struct view status_line(int status)
{
    return find_status(status)->line;
}

struct view status_page(int status)
{
    return find_status(status)->page;
}

bool status_has_page(int status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].code == status)
            return status >= 400;
    return false;
}

struct view status_page_no_index(void)
{
    static const struct view page =
        TEXT(PAGE("404", "Not Found", "This directory has no index.html."));

    return page;
}

bool status_has_content(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

int status_of_result(int result)
{
    if (result >= 0)
        return 200;
    switch (-result) {
    case EINVAL:
    case EILSEQ:
        return 400;
    case EACCES:
    case EPERM:
        return 403;
    case ENOENT:
    case ENOTDIR:
    case EXDEV:
    case ELOOP:
    case ENXIO:
    case ENAMETOOLONG:
        return 404;
    case ETIME:
    case ETIMEDOUT:
        return 408;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EAGAIN:
    case ERR_NO_WORKER:
        return 503;
    default:
        return 500;
    }
}

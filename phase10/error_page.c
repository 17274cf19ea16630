/* error_page.c: the page of an answer that is not a file; see error_page.h. */
#include "error_page.h"

#include <errno.h>

#include "find.h"

/* Adds a head and, unless the head omits the body, the file. Returns 0 or
 * -errno. Returns 1 if the file could not be read; nothing was added then. */
static int error_page_await_file(struct answer *answer,
                                 struct response_head head,
                                 const struct resource *file)
{
    const struct range whole = {0, file->size};
    struct outbox *outbox = &answer->outbox;
    int rc, result;

    head.length = file->size;
    head.lines = answer->site->options->lines.error;
    rc = outbox_await_head(outbox, &head);
    if (rc < 0 || head.omits_body)
        return rc;
    if (file->content != NULL)
        return outbox_await_copy(outbox, &answer->site->cache, file, whole);
    return outbox_await_file(outbox, &answer->site->pool, file, whole,
                             &result);
}

int error_page_await_send(struct answer *answer,
                          const struct response_head *head)
{
    struct site *site = answer->site;
    const struct site_error_page *page =
        site_error_page_of(site->options, head->status);
    struct response_head with_file = *head;
    struct resource file;
    int rc = -ENOENT;

    if (page != NULL)
        rc = find_await_open(answer, page->name, &file);
    if (answer_must_end(answer, rc))
        return rc;
    if (rc == 0) {
        with_file.type = mime_type(site->types, page->name);
        rc = file.is_directory
                 ? 1
                 : error_page_await_file(answer, with_file, &file);
        cache_await_close(&site->cache, &file);
        if (rc <= 0)
            return rc;
    }
    return outbox_await_page(&answer->outbox, head);
}

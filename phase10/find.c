/* find.c: from a request to its open file; see find.h. */
#include "find.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "await.h"
#include "listing.h"
#include "status.h"

#define NS_PER_MS UINT64_C(1000000)

/* Sends the answers that are in the outbox, because the task is about to wait
 * for a disk. Then sets a deadline for this wait, which is as long as that for
 * a peer. Returns 0 or -errno. */
static int find_await_flush(struct answer *answer)
{
    int rc = outbox_await_flush(&answer->outbox);

    deadline_set_ns(answer->limits->send_ms * NS_PER_MS);
    return rc;
}

/* Looks for a new root if that is due. If there is one, makes the cached copies
 * of the old root's files out of date. Returns 0 or -errno. */
static int find_await_root(struct answer *answer)
{
    struct site *site = answer->site;
    unsigned generation;
    int rc = 0;

    if (docroot_is_due(site->root)) {
        rc = find_await_flush(answer);
        if (rc == 0)
            rc = docroot_await_look(site->root);
    }
    generation = atomic_load(&site->root->generation);
    if (site->generation != generation)
        watch_forget(&site->cache.watch);
    site->generation = generation;
    return rc;
}

int find_await_open(struct answer *answer, struct view path,
                    struct resource *file)
{
    struct cache *cache = &answer->site->cache;
    int rc;

    if (cache_take(cache, path, file))
        return 0;
    rc = find_await_flush(answer);
    return rc < 0 ? rc : cache_await_open(cache, path, file);
}

static struct view path_of(const struct answer *answer)
{
    return (struct view){answer->path.text, answer->path.len};
}

static bool is_older(const struct resource *a, const struct resource *b)
{
    /* The times are modulo 2^64 (validator.h), so look at the difference. */
    return (int64_t)(a->validator.modified_ns - b->validator.modified_ns) < 0;
}

/* Opens the sibling of original in a coding. original is NULL if the file
 * itself does not exist.
 *
 * Returns 0        sibling is open
 *         -ENOENT  there is no sibling, or it must not be sent
 *         -errno   like find_await_file */
static int find_await_sibling(struct answer *answer, enum coding coding,
                              const struct resource *original,
                              struct resource *sibling)
{
    struct path *path = &answer->path;
    const size_t len = path->len;
    int rc = path_append_suffix(path, coding_suffix(coding));

    if (rc == 0 && !answer->site->options->shows_hidden &&
        path_is_hidden(path_last_segment(path), false))
        rc = -ENOENT; /* .well-known is not hidden, but .well-known.gz is */
    if (rc == 0)
        rc = find_await_open(answer, path_of(answer), sibling);
    path->len = len;
    path->text[len] = '\0';
    if (rc < 0)
        return rc;
    if (sibling->is_directory ||
        (original != NULL && is_older(sibling, original))) {
        cache_await_close(&answer->site->cache, sibling);
        return -ENOENT;
    }
    return 0;
}

/* Opens the sibling of original, and closes original. original may be NULL. The
 * note of a cached original records which siblings are absent. All siblings are
 * in the directory of the original. So when a sibling is added, the copy
 * becomes out of date, and its note with it.
 *
 * Returns 1       *file is the sibling, and original is closed
 *         0       there is none
 *         -errno  the task must end; original is open */
static int find_await_coding(struct answer *answer, enum coding coding,
                             struct resource *original, struct resource *file)
{
    struct resource_note *note = original != NULL ? original->note : NULL;
    struct resource sibling;
    int rc;

    if (note != NULL && note->absent & 1u << coding)
        return 0;
    rc = find_await_sibling(answer, coding, original, &sibling);
    if (rc == -ETIME || answer_must_end(answer, rc))
        return rc;
    if (rc < 0) {
        if (note != NULL && status_of_result(rc) != 503) /* not temporary */
            note->absent |= (uint8_t)(1u << coding);
        return 0;
    }
    if (original != NULL)
        cache_await_close(&answer->site->cache, original);
    *file = sibling;
    answer->coding = coding;
    return 1;
}

/* Writes the codings that the client accepts, the best first. Returns their
 * number. */
static unsigned find_codings(const struct http_request *request,
                             enum coding order[CODING_COUNT])
{
    const struct view name = view_of("accept-encoding");
    struct negotiation negotiation;

    negotiate_init(&negotiation);
    for (size_t i = 0; i < request->fields.count; i++)
        if (view_equal_nocase(http_fields_name(&request->fields, i), name))
            negotiate_add(&negotiation,
                          http_fields_value(&request->fields, i));
    return negotiate_order(&negotiation, order);
}

/* Opens the file in the coding that the client prefers and that exists. result
 * is the result of opening the file itself. Returns like find_await_file. */
static int find_await_best(struct answer *answer, int result,
                           struct resource *file)
{
    struct resource *original = result == 0 ? file : NULL;
    enum coding order[CODING_COUNT];
    unsigned count = find_codings(answer->request, order);
    int rc = 0;

    for (unsigned i = 0; i < count && rc == 0; i++) {
        if (order[i] == CODING_IDENTITY && original != NULL)
            return 0;
        if (order[i] != CODING_IDENTITY)
            rc = find_await_coding(answer, order[i], original, file);
    }
    if (rc < 0 && original != NULL)
        cache_await_close(&answer->site->cache, original);
    if (rc == 0)
        return result;
    return rc < 0 ? rc : 0;
}

/* Returns true if the file itself must be sent, because the request has a
 * range, which counts the bytes of the file. */
static bool is_ranged(const struct http_request *request)
{
    return !view_is_none(http_header(request, "range"));
}

/* Opens the file in answer->path, or its best sibling. */
static int find_await_named(struct answer *answer, struct resource *file)
{
    int rc = find_await_open(answer, path_of(answer), file);

    if ((rc == 0 && !file->is_directory && !is_ranged(answer->request)) ||
        rc == -ENOENT)
        rc = find_await_best(answer, rc, file);
    return rc;
}

/* Opens the directory in answer->path, which has no index, and writes its page.
 * Returns 0 if file is the page, -ENOENT if the site has no listings, or
 * -errno. */
static int find_await_listing(struct answer *answer, struct resource *file)
{
    struct site *site = answer->site;
    bool lists = site->options->lists;
    int rc = find_await_open(answer, path_of(answer), file);

    if (rc < 0)
        return rc;
    answer->found = lists ? FOUND_LISTING : FOUND_NO_INDEX;
    rc = lists ? listing_await_page(site, path_of(answer), file) : -ENOENT;
    if (rc < 0)
        cache_await_close(&site->cache, file);
    return rc;
}

/* Opens the index of the directory in answer->path, or its listing. */
static int find_await_index(struct answer *answer, struct resource *file)
{
    struct path *path = &answer->path;
    const size_t len = path->len;
    int rc = path_append(path, view_of("index.html"));

    if (rc < 0)
        return rc;
    rc = find_await_named(answer, file);
    if (rc == 0 && file->is_directory) { /* a directory called index.html */
        cache_await_close(&answer->site->cache, file);
        rc = -ENOENT;
    }
    if (rc != -ENOENT)
        return rc;
    path->len = len;
    path->text[len] = '\0';
    return find_await_listing(answer, file);
}

/* Returns true if a browser requests a page that a script of the site makes:
 * the name has no extension, because there is no such file. For a script or an
 * image that is missing, the answer must be 404: if the browser got a page
 * instead, it would fail later, and the cause would be hard to find. */
static bool is_for_the_spa(const struct answer *answer)
{
    const struct http_fields *fields = &answer->request->fields;
    const struct view name = path_last_segment(&answer->path);

    if (answer->site->options->spa == NULL ||
        (name.len > 0 && memchr(name.at, '.', name.len) != NULL))
        return false;
    for (size_t i = 0; i < fields->count; i++)
        if (view_equal_nocase(http_fields_name(fields, i), view_of("accept")) &&
            negotiate_names(http_fields_value(fields, i),
                            view_of("text/html")))
            return true;
    return false;
}

/* Opens the file of --spa in place of a name that was not found. */
static int find_await_spa(struct answer *answer, struct resource *file)
{
    struct path *path = &answer->path;
    int rc;

    answer->found = FOUND_FILE;
    path->len = 0;
    rc = path_append(path, view_of(answer->site->options->spa));
    if (rc == 0)
        rc = find_await_named(answer, file);
    if (rc == 0 && file->is_directory) {
        cache_await_close(&answer->site->cache, file);
        rc = -ENOENT;
    }
    return rc;
}

int find_await_file(struct answer *answer, struct resource *file)
{
    struct path *path = &answer->path;
    int rc;

    answer->found = FOUND_FILE;
    answer->coding = CODING_IDENTITY;
    path->text = answer->path_text;
    path->size = sizeof answer->path_text;
    rc = path_decode(path, http_view(answer->request, answer->request->path),
                     answer->site->options->shows_hidden);
    if (rc == 0)
        rc = find_await_root(answer);
    if (rc < 0)
        return rc;
    rc = path_is_directory(path) ? find_await_index(answer, file)
                                 : find_await_named(answer, file);
    if (rc == -ENOENT && is_for_the_spa(answer))
        rc = find_await_spa(answer, file);
    return rc;
}

void find_await_close(struct answer *answer, struct resource *file)
{
    if (answer->found == FOUND_LISTING)
        listing_await_close(answer->site, file);
    else
        cache_await_close(&answer->site->cache, file);
}

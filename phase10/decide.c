/* decide.c: from a request and its file to a status; see decide.h. */
#include "decide.h"

#include <assert.h>
#include <string.h>

#include "condition.h"

struct view decide_tag(const struct site *site, const struct resource *file,
                       enum coding coding, char text[DECIDE_TAG_MAX])
{
    const struct view suffix = coding_suffix(coding);
    size_t len;

    if (site->options->tag_kind == VALIDATOR_MTIME && !decide_has_date(file))
        return (struct view){NULL, 0};
    len = validator_write(text, &file->validator, file->size,
                          (enum validator_kind)site->options->tag_kind);
    assert(suffix.len <= DECIDE_SUFFIX_MAX);
    if (suffix.len > 0) { /* in front of the last quote */
        memcpy(text + len - 1, suffix.at, suffix.len);
        len += suffix.len;
        text[len - 1] = '"';
    }
    return (struct view){text, len};
}

int decide_status(const struct site *site, const struct http_request *request,
                  const struct resource *file, enum coding coding,
                  struct range *part)
{
    char text[DECIDE_TAG_MAX];
    struct condition_file as_seen;
    int status;

    *part = (struct range){0, file->size};
    if (!condition_is_asked(&request->fields))
        return 200;
    as_seen = (struct condition_file){
        .tag = decide_tag(site, file, coding, text),
        .modified_s = file->modified_s,
        .has_modified = decide_has_date(file),
    };
    status = condition_decide(&request->fields, request->method == HTTP_HEAD,
                              &as_seen, site->now_s);
    if (status != 206)
        return status;
    return range_parse(http_header(request, "range"), file->size, part);
}

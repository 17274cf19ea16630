/* decide.c: from a request and its file to a status; see decide.h. */
#include "decide.h"

#include "condition.h"

struct view decide_tag(const struct site *site, const struct resource *file,
                       char text[VALIDATOR_MAX])
{
    if (site->options->tag_kind == VALIDATOR_MTIME && !decide_has_date(file))
        return (struct view){NULL, 0};
    return (struct view){
        text, validator_write(text, &file->validator, file->size,
                              (enum validator_kind)site->options->tag_kind)};
}

int decide_status(const struct site *site, const struct http_request *request,
                  const struct resource *file, struct range *part)
{
    char text[VALIDATOR_MAX];
    struct condition_file as_seen;
    int status;

    *part = (struct range){0, file->size};
    if (!condition_is_asked(&request->fields))
        return 200;
    as_seen = (struct condition_file){
        .tag = decide_tag(site, file, text),
        .modified_s = file->modified_s,
        .has_modified = decide_has_date(file),
    };
    status = condition_decide(&request->fields, request->method == HTTP_HEAD,
                              &as_seen, site->now_s);
    if (status != 206)
        return status;
    return range_parse(http_header(request, "range"), file->size, part);
}

/* condition.c: evaluates the conditions of a request; see condition.h.
 * Introduced in phase 10. Needs: condition.h, date.h, validator.h.
 *
 * What it teaches: the order of the checks is a part of the protocol. A client
 * that sends two conditions gets the answer to the more precise one. */
#include "condition.h"

#include "date.h"
#include "validator.h"

typedef bool compare_fn(struct view a, struct view b);

bool condition_is_asked(const struct http_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct http_span name = fields->field[i].name;
        const char *at = fields->base + name.at;
        char first = (char)(at[0] | 0x20);

        if (first == 'r' && name.len == 5)
            return true;
        if (first == 'i' && name.len >= 8 && at[2] == '-')
            return true;
    }
    return false;
}

/* Returns the value of the field, or (NULL, 0) if the field is absent or
 * repeated. */
static struct view find_single(const struct http_fields *fields,
                               const char *name)
{
    if (http_fields_count(fields, name) != 1)
        return (struct view){NULL, 0};
    return http_fields_find(fields, name);
}

/* Returns true if the value is "*", or a list with the file's tag. */
static bool list_has_tag(struct view value, struct view file_tag,
                         compare_fn *is_equal)
{
    struct view tag;

    if (view_equal(value, view_of("*")))
        return true;
    while (validator_next(&value, &tag))
        if (!view_is_none(file_tag) && is_equal(tag, file_tag))
            return true;
    return false;
}

/* Returns true if one of the lines with this name has the file's tag. */
static bool has_tag(const struct http_fields *fields, const char *name,
                    struct view file_tag, compare_fn *is_equal)
{
    for (size_t i = 0; i < fields->count; i++)
        if (view_equal_nocase(http_fields_name(fields, i), view_of(name)) &&
            list_has_tag(http_fields_value(fields, i), file_tag, is_equal))
            return true;
    return false;
}

static bool has_field(const struct http_fields *fields, const char *name)
{
    return http_fields_count(fields, name) > 0;
}

/* Reads the date of a field. Returns false if there is no valid date. */
static bool find_date(const struct http_fields *fields, const char *name,
                      int64_t now_s, int64_t *date_s)
{
    struct view text = find_single(fields, name);

    return !view_is_none(text) && date_parse(text, now_s, date_s) == 0;
}

/* (1) Returns true if If-Match or If-Unmodified-Since is false for the file. */
static bool is_refused(const struct http_fields *fields,
                       const struct condition_file *file, int64_t now_s)
{
    int64_t since_s;

    if (has_field(fields, "if-match"))
        return !has_tag(fields, "if-match", file->tag, validator_equal_strong);
    return file->has_modified &&
           find_date(fields, "if-unmodified-since", now_s, &since_s) &&
           file->modified_s > since_s;
}

/* (2) Returns true if the client has the file already. Ignores a date in the
 * future, because the client's clock is wrong. */
static bool is_known(const struct http_fields *fields,
                     const struct condition_file *file, int64_t now_s)
{
    int64_t since_s;

    if (has_field(fields, "if-none-match"))
        return has_tag(fields, "if-none-match", file->tag,
                       validator_equal_weak);
    return file->has_modified &&
           find_date(fields, "if-modified-since", now_s, &since_s) &&
           since_s <= now_s && file->modified_s <= since_s;
}

/* Returns true if value is the file's Last-Modified, and at least one second
 * has passed since that time. During that second, the file could change again
 * and keep the same date (section 8.8.2.2). */
static bool is_strong_date(struct view value,
                           const struct condition_file *file, int64_t now_s)
{
    int64_t date_s;

    return file->has_modified && date_parse(value, now_s, &date_s) == 0 &&
           date_s == file->modified_s && now_s - date_s >= 1;
}

/* (3) Returns true if the request has no If-Range, or one that matches the
 * file, so that the client may combine the range with the part that it has. */
static bool allows_range(const struct http_fields *fields,
                         const struct condition_file *file, int64_t now_s)
{
    struct view value = find_single(fields, "if-range"), tag, list = value;

    if (!has_field(fields, "if-range"))
        return true;
    if (view_is_none(value))
        return false;
    if (!validator_next(&list, &tag))
        return is_strong_date(value, file, now_s);
    return tag.len == value.len && !view_is_none(file->tag) &&
           validator_equal_strong(tag, file->tag);
}

int condition_decide(const struct http_fields *fields, bool is_head,
                     const struct condition_file *file, int64_t now_s)
{
    if (is_refused(fields, file, now_s))
        return 412;
    if (is_known(fields, file, now_s))
        return 304;
    if (!is_head && !view_is_none(find_single(fields, "range")) &&
        allows_range(fields, file, now_s))
        return 206;
    return 200;
}

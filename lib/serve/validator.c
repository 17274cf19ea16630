/* validator.c: the entity tag of a file; see validator.h.
 * Introduced in phase 10. Needs: validator.h.
 *
 * What it teaches: equal tags must mean equal bytes, so a tag consists of
 * values that the kernel changes whenever the bytes change. But the clock has
 * ticks, and two changes in one tick may have the same time. So a tag that is
 * made just after a change is weak. */
#include "validator.h"

#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

bool validator_is_settled(uint64_t changed_ns, uint64_t now_ns)
{
    int64_t age_ns = (int64_t)(now_ns - changed_ns);

    /* If the ctime has no fraction, the file system may store whole seconds. */
    if (changed_ns % NS_PER_S == 0)
        return age_ns >= VALIDATOR_SECOND_NS;
    return age_ns >= VALIDATOR_TICK_NS;
}

/* Writes number in hexadecimal. Returns the address after the last digit. */
static char *write_hex(char *at, uint64_t number)
{
    unsigned shift = 60;

    while (shift > 0 && number >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        *at++ = "0123456789abcdef"[number >> shift & 15];
        if (shift == 0)
            return at;
    }
}

size_t validator_write(char out[VALIDATOR_MAX],
                       const struct validator *validator, uint64_t size,
                       enum validator_kind kind)
{
    char *at = out;

    if (!validator->is_settled) {
        *at++ = 'W';
        *at++ = '/';
    }
    *at++ = '"';
    if (kind == VALIDATOR_CTIME) {
        at = write_hex(at, validator->inode);
        *at++ = '-';
    }
    at = write_hex(at, kind == VALIDATOR_CTIME ? validator->changed_ns
                                               : validator->modified_ns);
    *at++ = '-';
    at = write_hex(at, size);
    *at++ = '"';
    return (size_t)(at - out);
}

static bool is_weak(struct view tag)
{
    return tag.len >= 2 && tag.at[0] == 'W' && tag.at[1] == '/';
}

static struct view without_weakness(struct view tag)
{
    return is_weak(tag) ? (struct view){tag.at + 2, tag.len - 2} : tag;
}

bool validator_equal_strong(struct view a, struct view b)
{
    return !is_weak(a) && !is_weak(b) && view_equal(a, b);
}

bool validator_equal_weak(struct view a, struct view b)
{
    return view_equal(without_weakness(a), without_weakness(b));
}

/* Returns the length of the tag at the start of v, or 0 if there is none. */
static size_t tag_len(struct view v)
{
    size_t start = is_weak(v) ? 2 : 0;
    const char *end;

    if (v.len <= start || v.at[start] != '"')
        return 0;
    end = memchr(v.at + start + 1, '"', v.len - start - 1);
    return end == NULL ? 0 : (size_t)(end + 1 - v.at);
}

static void skip(struct view *v, size_t len)
{
    v->at += len;
    v->len -= len;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool validator_next(struct view *list, struct view *tag)
{
    while (list->len > 0) {
        size_t len;

        while (list->len > 0 && (is_blank(list->at[0]) || list->at[0] == ','))
            skip(list, 1);
        len = tag_len(*list);
        *tag = (struct view){list->at, len};
        skip(list, len);
        while (list->len > 0 && is_blank(list->at[0]))
            skip(list, 1);
        if (len > 0 && (list->len == 0 || list->at[0] == ','))
            return true;
        while (list->len > 0 && list->at[0] != ',')
            skip(list, 1);
    }
    return false;
}

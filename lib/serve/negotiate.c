/* negotiate.c: the content codings that a client accepts; see negotiate.h.
 * Introduced in phase 10. Needs: negotiate.h.
 *
 * What it teaches: a client's list of codings has gaps. "Not named", "named
 * with 0" and "covered by *" are three different cases, so the code first
 * collects all elements, and decides at the end. */
#include "negotiate.h"

#define WEIGHT_ONE 1000

/* The weight of identity if no element gives it one. Any other acceptable
 * coding is better. */
#define WEIGHT_LEAST 1

static const struct {
    const char *name, *suffix;
} codings[CODING_COUNT] = {
    [CODING_IDENTITY] = {"identity", ""},
    [CODING_GZIP] = {"gzip", ".gz"},
    [CODING_ZSTD] = {"zstd", ".zst"},
    [CODING_BR] = {"br", ".br"},
};

void negotiate_init(struct negotiation *negotiation)
{
    for (unsigned i = 0; i < CODING_COUNT; i++)
        negotiation->weights[i] = -1;
    negotiation->any = -1;
}

/* Removes the part before the first ';', and the ';', from the start of *text.
 * Returns the part, trimmed. If *text has no ';', *text becomes (NULL, 0). */
static struct view take_part(struct view *text)
{
    const char *end = memchr(text->at, ';', text->len);
    struct view part = *text;

    if (end == NULL) {
        *text = (struct view){NULL, 0};
    } else {
        part.len = (size_t)(end - part.at);
        *text = (struct view){end + 1, text->len - part.len - 1};
    }
    return view_trim(part);
}

/* Parses a qvalue, which is a number from 0 to 1 with at most three decimals.
 * Returns thousandths, or -EINVAL. */
static int qvalue(struct view text)
{
    int value = 0, unit = WEIGHT_ONE;

    if (text.len == 0 || text.len > 5 || (text.len > 1 && text.at[1] != '.'))
        return -EINVAL;
    for (size_t i = 0; i < text.len; i++) {
        if (i == 1) /* the point */
            continue;
        if (text.at[i] < '0' || text.at[i] > '9')
            return -EINVAL;
        value += (text.at[i] - '0') * unit;
        unit /= 10;
    }
    return value <= WEIGHT_ONE ? value : -EINVAL;
}

static bool is_weight(struct view part)
{
    return part.len >= 2 && (part.at[0] | 0x20) == 'q' && part.at[1] == '=';
}

/* Returns the weight of an element. parameters is the text after its name:
 * none, or one parameter q. Returns -EINVAL if the text breaks the grammar. */
static int weight_of(struct view parameters)
{
    struct view part;

    if (view_is_none(parameters))
        return WEIGHT_ONE;
    part = take_part(&parameters);
    if (!view_is_none(parameters) || !is_weight(part))
        return -EINVAL;
    return qvalue((struct view){part.at + 2, part.len - 2});
}

/* Returns a pointer to the weight of the coding with that name, or NULL if this
 * server does not have the coding. */
static int16_t *place_of(struct negotiation *negotiation, struct view name)
{
    if (view_equal(name, view_of("*")))
        return &negotiation->any;
    if (view_equal_nocase(name, view_of("x-gzip")))
        return &negotiation->weights[CODING_GZIP];
    for (unsigned i = 0; i < CODING_COUNT; i++)
        if (view_equal_nocase(name, coding_name(i)))
            return &negotiation->weights[i];
    return NULL;
}

void negotiate_add(struct negotiation *negotiation, struct view value)
{
    struct view element;

    while (view_next_element(&value, &element)) {
        struct view name = element.len > 0 ? take_part(&element) : element;
        int16_t *place = place_of(negotiation, name);
        int weight = name.len > 0 ? weight_of(element) : -EINVAL;

        if (place != NULL && weight >= 0 && (*place < 0 || weight < *place))
            *place = (int16_t)weight;
    }
}

/* Returns the weight of a coding; 0: not acceptable. */
static int weight_in(const struct negotiation *negotiation, enum coding coding)
{
    if (negotiation->weights[coding] >= 0)
        return negotiation->weights[coding];
    if (negotiation->any >= 0)
        return negotiation->any;
    return coding == CODING_IDENTITY ? WEIGHT_LEAST : 0;
}

unsigned negotiate_order(const struct negotiation *negotiation,
                         enum coding order[CODING_COUNT])
{
    unsigned count = 0;

    /* Sort by insertion. Of two codings with equal weights, the one that is
     * later in enum coding is first. */
    for (int i = CODING_COUNT - 1; i >= 0; i--) {
        enum coding coding = (enum coding)i;
        int weight = weight_in(negotiation, coding);
        unsigned at = count;

        if (weight == 0)
            continue;
        for (; at > 0 && weight_in(negotiation, order[at - 1]) < weight; at--)
            order[at] = order[at - 1];
        order[at] = coding;
        count++;
    }
    return count;
}

bool negotiate_names(struct view value, struct view type)
{
    struct view element;

    while (view_next_element(&value, &element)) {
        struct view part = element.len > 0 ? take_part(&element) : element;
        int weight = WEIGHT_ONE;

        if (part.len == 0 || !view_equal_nocase(part, type))
            continue;
        while (!view_is_none(element)) { /* other parameters may be before q */
            part = take_part(&element);
            if (is_weight(part))
                weight = qvalue((struct view){part.at + 2, part.len - 2});
        }
        if (weight > 0)
            return true;
    }
    return false;
}

struct view coding_name(enum coding coding)
{
    return view_of(codings[coding].name);
}

struct view coding_suffix(enum coding coding)
{
    return view_of(codings[coding].suffix);
}

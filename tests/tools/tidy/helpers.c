/* helpers.c: short functions that only one place calls.
 *
 * A reader has to jump to each of them and back. That is worth it for a
 * predicate, whose name reads as a statement, and for a function whose comment
 * gives a reason; any other is better read where it is called. */
#include "functions.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HELPER_LEN_MAX 8 /* lines; a longer one is a step that has a name */

/* A comment that gives a reason has one of these words. A machine cannot judge
 * the reason; the reviewer can. */
static const char *const reasons[] = {
    "because", "before", "cannot", "could", "may",   "must",  "never",
    "not",     "only",   "otherwise", "since", "so", "unless", "until", "would",
};

static bool same_name(const struct token *a, const struct token *b)
{
    return a->kind == TOKEN_NAME && a->len == b->len &&
           memcmp(a->text, b->text, (size_t)a->len) == 0;
}

static bool is_static(const struct source *s, const struct function *f)
{
    for (int i = f->first; i < f->name; i++)
        if (token_is(&s->tokens[i], "static"))
            return true;
    return false;
}

static bool is_predicate(const struct source *s, const struct function *f)
{
    return token_is(&s->tokens[f->name - 1], "bool");
}

/* x.name, x->name, struct name: another thing of that name. */
static bool is_function(const struct source *s, int i)
{
    const struct token *before = &s->tokens[i - 1];

    return !token_is(before, ".") && !token_is(before, ">") &&
           !token_is(before, "struct") && !token_is(before, "enum");
}

/* The function whose body has token i; NULL: none has. */
static const struct function *around(const struct functions *all, int i)
{
    for (int k = 0; k < all->count; k++)
        if (i > all->items[k].open && i < all->items[k].close)
            return &all->items[k];
    return NULL;
}

/* How often a file uses one of its functions. */
struct uses {
    const struct function *caller; /* the last one found */
    int calls;                     /* by others: recursion is not counted */
    int addresses;                 /* a callback, an entry of a table */
};

static struct uses uses_of(const struct source *s, const struct functions *all,
                           const struct function *f)
{
    struct uses uses = {0};

    for (int i = 1; i < s->token_count; i++) {
        const struct function *caller = around(all, i);
        const bool call = is_call(s, i);

        if (!same_name(&s->tokens[i], &s->tokens[f->name]) ||
            !is_function(s, i) || caller == f || (caller == NULL && call))
            continue;
        uses.calls += call;
        uses.addresses += !call;
        uses.caller = caller;
    }
    return uses;
}

/* The comment that ends just above f; NULL: there is none. */
static const struct span *comment_of(const struct source *s,
                                     const struct function *f)
{
    for (int i = 0; i < s->comments.count; i++)
        if (s->comments.items[i].last + 1 == s->tokens[f->first].line)
            return &s->comments.items[i];
    return NULL;
}

static bool names_hazard(const struct source *s, const struct function *f)
{
    const struct span *comment = comment_of(s, f);
    const char *p, *end;

    if (comment == NULL)
        return false;
    end = comment->text + comment->len;
    for (p = comment->text; p < end; p++) {
        size_t len = 0;

        while (p + len < end && isalpha((unsigned char)p[len]))
            len++;
        for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
            if (strlen(reasons[i]) == len &&
                strncasecmp(reasons[i], p, len) == 0)
                return true;
        p += len;
    }
    return false;
}

void check_helpers(const struct source *s, const struct functions *all,
                   struct tally *tally)
{
    for (int k = 0; k < all->count; k++) {
        const struct function *f = &all->items[k];
        const struct token *name = &s->tokens[f->name];
        const int line = s->tokens[f->first].line;
        const int len = s->tokens[f->close].line - line + 1;
        struct uses uses;

        if (!is_static(s, f))
            continue;
        uses = uses_of(s, all, f);
        tally->statics++;
        tally->used_once += uses.calls + uses.addresses == 1;
        if (uses.calls == 1 && uses.addresses == 0 && len <= HELPER_LEN_MAX &&
            !is_predicate(s, f) && !names_hazard(s, f))
            complain(s->path, line,
                     "%.*s has %d lines, and only %.*s calls it: merge it, or "
                     "say in a comment above what would go wrong",
                     name->len, name->text, len,
                     s->tokens[uses.caller->name].len,
                     s->tokens[uses.caller->name].text);
    }
}

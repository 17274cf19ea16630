/* nesting.c: statements inside statements, and the brackets around them. */
#include "functions.h"

#include <string.h>

static const char *const not_calls[] = {
    "if",     "while",    "for",      "switch",         "return",
    "sizeof", "_Alignof", "_Alignas", "_Static_assert", "__attribute__",
};

bool token_in(const struct token *token, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (token_is(token, list[i]))
            return true;
    return false;
}

bool is_call(const struct source *s, int i)
{
    return i + 1 < s->token_count && s->tokens[i].kind == TOKEN_NAME &&
           token_is(&s->tokens[i + 1], "(") &&
           !token_in(&s->tokens[i], not_calls,
                     sizeof not_calls / sizeof *not_calls);
}

int closing(const struct source *s, int i)
{
    int depth = 0;

    for (; i < s->token_count; i++) {
        const struct token *t = &s->tokens[i];

        if (token_is(t, "(") || token_is(t, "{") || token_is(t, "["))
            depth++;
        if (token_is(t, ")") || token_is(t, "}") || token_is(t, "]"))
            if (--depth == 0)
                return i;
    }
    return s->token_count - 1;
}

/* Recursive: a statement governs statements. */
static int statement_end(const struct source *s, int i, int depth,
                         int *deepest);

/* After the head of an if, while, for or switch: what it governs. */
static int governed_end(const struct source *s, int i, int depth, int *deepest)
{
    if (depth > *deepest)
        *deepest = depth;
    return statement_end(s, i, depth, deepest);
}

static int if_end(const struct source *s, int i, int depth, int *deepest)
{
    i = governed_end(s, closing(s, i + 1) + 1, depth + 1, deepest);
    if (i >= s->token_count || !token_is(&s->tokens[i], "else"))
        return i;
    if (token_is(&s->tokens[i + 1], "if")) /* a chain, not a level */
        return if_end(s, i + 1, depth, deepest);
    return governed_end(s, i + 1, depth + 1, deepest);
}

/* An expression or a declaration; or a macro that is a loop, such as
 * io_uring_for_each_cqe(...) {. */
static int plain_end(const struct source *s, int i, int depth, int *deepest)
{
    if (is_call(s, i)) {
        int after = closing(s, i + 1) + 1;

        if (after < s->token_count && token_is(&s->tokens[after], "{"))
            return governed_end(s, after, depth + 1, deepest);
    }
    while (i < s->token_count && !token_is(&s->tokens[i], ";")) {
        if (token_is(&s->tokens[i], "}"))
            return i; /* lost, as after a macro without ';' */
        if (token_is(&s->tokens[i], "(") || token_is(&s->tokens[i], "{"))
            i = closing(s, i);
        i++;
    }
    return i + 1;
}

static int label_end(const struct source *s, int i)
{
    while (i < s->token_count && !token_is(&s->tokens[i], ":"))
        i++;
    return i + 1;
}

/* Walks over the statement at token i, which is inside `depth` control
 * statements, and returns the token after it. */
static int statement_end(const struct source *s, int i, int depth, int *deepest)
{
    const struct token *t;

    if (i >= s->token_count)
        return i;
    t = &s->tokens[i];
    if (token_is(t, "{")) {
        const int close = closing(s, i);

        for (i++; i < close;)
            i = statement_end(s, i, depth, deepest);
        return close + 1;
    }
    if (token_is(t, "if"))
        return if_end(s, i, depth, deepest);
    if (token_is(t, "while") || token_is(t, "for") || token_is(t, "switch"))
        return governed_end(s, closing(s, i + 1) + 1, depth + 1, deepest);
    if (token_is(t, "do")) /* its while (...); is walked as a plain statement */
        return plain_end(s, governed_end(s, i + 1, depth + 1, deepest), depth,
                         deepest);
    if (token_is(t, "case") || token_is(t, "default"))
        return label_end(s, i);
    return plain_end(s, i, depth, deepest);
}

int function_nesting(const struct source *s, const struct function *f)
{
    int deepest = 0;

    statement_end(s, f->open, 0, &deepest);
    return deepest;
}

/* functions.c: rules about functions: where they are, and their shape. */
#include "functions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

#define LEN_MAX 45
#define NESTING_MAX 3
#define PARAMETERS_MAX 5

bool function_is_task_test(const struct source *s, const struct function *f)
{
    static const char *const macros[] = {"TASK_TEST", "TASK_TEST_WITH",
                                         "TASK_TEST_IN"};

    return token_in(&s->tokens[f->name], macros,
                    sizeof macros / sizeof *macros);
}

bool function_is_test(const struct source *s, const struct function *f)
{
    return token_is(&s->tokens[f->name], "TEST") || function_is_task_test(s, f);
}

static int count_parameters(const struct source *s, int open)
{
    const int close = closing(s, open);
    int count = 1;

    if (close == open + 1 ||
        (close == open + 2 && token_is(&s->tokens[open + 1], "void")))
        return 0;
    for (int i = open + 1; i < close; i++) {
        if (token_is(&s->tokens[i], "(") || token_is(&s->tokens[i], "["))
            i = closing(s, i);
        count += token_is(&s->tokens[i], ",");
    }
    return count;
}

static void check_shape(const struct source *s, const struct function *f,
                        struct tally *tally)
{
    const struct token *name =
        &s->tokens[f->name + (function_is_test(s, f) ? 2 : 0)];
    const int line = s->tokens[f->first].line;
    const int len = s->tokens[f->close].line - line + 1;
    const int parameters = count_parameters(s, f->name + 1);
    const int deepest = function_nesting(s, f);

    if (len > LEN_MAX)
        complain(s->path, line, "%.*s has %d lines: at most %d", name->len,
                 name->text, len, LEN_MAX);
    if (deepest > NESTING_MAX)
        complain(s->path, line, "%.*s nests %d levels deep: at most %d",
                 name->len, name->text, deepest, NESTING_MAX);
    if (parameters > PARAMETERS_MAX)
        complain(s->path, line,
                 "%.*s has %d parameters: at most %d; take a struct of options",
                 name->len, name->text, parameters, PARAMETERS_MAX);
    if (s->tokens[f->open].column != 1)
        complain(s->path, s->tokens[f->open].line,
                 "the brace of a function stands on a line of its own");
    if (path_begins(s->path, "tests/"))
        return;
    tally->lens = realloc(tally->lens,
                          ((size_t)tally->functions + 1) * sizeof *tally->lens);
    if (tally->lens == NULL)
        exit(2);
    tally->lens[tally->functions++] = len;
}

static void check_order(const struct source *s, const struct function *f,
                        int next)
{
    if (token_is(&s->tokens[f->name], "main") && next < s->token_count)
        complain(s->path, s->tokens[next].line, "main stands last");
}

/* The name in a static function's prototype at tokens first to end; -1: it is
 * something else. */
static int prototype_name(const struct source *s, int first, int end)
{
    if (!token_is(&s->tokens[first], "static") ||
        !token_is(&s->tokens[end - 1], ")"))
        return -1;
    for (int i = first + 1; i < end; i++) {
        if (token_is(&s->tokens[i], "="))
            return -1;
        if (is_call(s, i)) /* "int (*f)(...)" is a variable */
            return token_is(&s->tokens[i + 2], "*") ? -1 : i;
        if (token_is(&s->tokens[i], "(")) /* of an attribute */
            i = closing(s, i);
    }
    return -1;
}

/* A declaration, from first to the semicolon at end. */
static void check_declaration(const struct source *s, int first, int end)
{
    int name;

    if (end < first + 2)
        return;
    if (token_is(&s->tokens[first], "typedef") &&
        (token_is(&s->tokens[first + 1], "struct") ||
         token_is(&s->tokens[first + 1], "union")))
        complain(s->path, s->tokens[first].line,
                 "a typedef of a struct: write struct foo");
    names_add_objects(s, first, end);
    name = prototype_name(s, first, end);
    if (name >= 0 && path_ends(s->path, ".c") &&
        !comment_above(s, s->tokens[first].line, "ecursive"))
        complain(s->path, s->tokens[first].line,
                 "a forward prototype of %.*s: a helper stands above its first "
                 "user (unless a comment says: recursive)",
                 s->tokens[name].len, s->tokens[name].text);
}

/* The end of the declaration or signature at token i: its ';' or '{'. */
static int declaration_end(const struct source *s, int i, bool *assigned)
{
    *assigned = false;
    for (; i < s->token_count; i++) {
        if (token_is(&s->tokens[i], ";") || token_is(&s->tokens[i], "{"))
            return i;
        *assigned |= token_is(&s->tokens[i], "=");
        if (token_is(&s->tokens[i], "("))
            i = closing(s, i);
    }
    return s->token_count;
}

static bool is_signature(const struct source *s, int first, int end)
{
    return end > first && end < s->token_count &&
           token_is(&s->tokens[end], "{") && token_is(&s->tokens[end - 1], ")");
}

/* Finds the next function at or after token i. False: there is none. */
static bool next_function(const struct source *s, int i, struct function *f)
{
    while (i < s->token_count) {
        bool assigned;

        f->first = i;
        i = declaration_end(s, i, &assigned);
        if (!assigned && is_signature(s, f->first, i)) {
            f->open = i;
            f->close = closing(s, i);
            f->name = f->first;
            while (f->name < i && !is_call(s, f->name))
                f->name++;
            return true;
        }
        while (i < s->token_count && !token_is(&s->tokens[i], ";"))
            i = token_is(&s->tokens[i], "{") ? closing(s, i) + 1 : i + 1;
        if (i < s->token_count)
            check_declaration(s, f->first, i);
        i++;
    }
    return false;
}

void rules_functions(const struct source *source, struct tally *tally)
{
    const bool tests = path_begins(source->path, "tests/");
    static struct functions all;
    struct function f;

    all.count = 0;
    for (int i = 0; next_function(source, i, &f); i = f.close + 1) {
        check_shape(source, &f, tally);
        check_order(source, &f, f.close + 1);
        names_add_function(source, &f);
        if (tests)
            continue;
        check_await(source, &f);
        if (all.count < FUNCTIONS_MAX)
            all.items[all.count++] = f;
    }
    check_helpers(source, &all, tally);
    for (int i = 0; i < source->token_count && !tests; i++)
        tally->assertions += token_is(&source->tokens[i], "assert");
}

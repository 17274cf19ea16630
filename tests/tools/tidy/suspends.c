/* suspends.c: every call at which another task can run shows in its name. */
#include "functions.h"

#include <stdio.h>
#include <string.h>

/* What may suspend a task besides everything called await_...: the primitives
 * that stand underneath those (lib/task/future.h, lib/task/task.h). */
static const char *const primitives[] = {
    "future_wait", "future_wait_until_done", "task_yield", "task_join",
    "task_park",
};

/* await_read, or a module's own server_await_idle. */
static bool says_await(const struct token *name)
{
    for (int i = 0; i + 6 <= name->len; i++)
        if (memcmp(name->text + i, "await_", 6) == 0 &&
            (i == 0 || name->text[i - 1] == '_'))
            return true;
    return false;
}

static bool may_suspend(const struct token *name)
{
    return says_await(name) ||
           token_in(name, primitives, sizeof primitives / sizeof *primitives);
}

/* A task's body is not called but passed to a spawn, in the same file; or the
 * comment above it says "task body", and another file passes it; or it is a
 * test that runs as a task. */
static bool is_task_body(const struct source *s, const struct function *f)
{
    const struct token *name = &s->tokens[f->name];

    if (function_is_task_test(s, f))
        return true;
    for (int i = 0; i < s->token_count; i++)
        if (i != f->name && s->tokens[i].len == name->len &&
            memcmp(s->tokens[i].text, name->text, (size_t)name->len) == 0 &&
            !is_call(s, i))
            return true;
    return comment_above(s, s->tokens[f->first].line, "ask body");
}

void check_await(const struct source *s, const struct function *f)
{
    const struct token *name = &s->tokens[f->name];
    const struct token *suspends = NULL;

    for (int i = f->open; i < f->close && suspends == NULL; i++)
        if (is_call(s, i) && may_suspend(&s->tokens[i]))
            suspends = &s->tokens[i];
    if (suspends != NULL && !may_suspend(name) && !token_is(name, "main") &&
        !is_task_body(s, f))
        complain(s->path, suspends->line,
                 "%.*s calls %.*s, which suspends: its name must begin with "
                 "await_, or it must be a task body",
                 name->len, name->text, suspends->len, suspends->text);
    /* The stub of an exercise does nothing yet. */
    if (suspends == NULL && says_await(name) &&
        strstr(s->path, "/exercises/") == NULL)
        complain(s->path, s->tokens[f->first].line,
                 "%.*s never suspends: await_ is for those that may", name->len,
                 name->text);
}

/* functions.h: what the rules about functions share. */
#ifndef TIDY_FUNCTIONS_H
#define TIDY_FUNCTIONS_H

#include "rules.h"

#define FUNCTIONS_MAX 256

/* A function definition, as indices of tokens. */
struct function {
    int first; /* of the signature */
    int name;
    int open; /* its brace */
    int close;
};

/* Those of one file. */
struct functions {
    struct function items[FUNCTIONS_MAX];
    int count;
};

bool token_in(const struct token *token, const char *const *list, size_t count);

/* Whether token i is a name before a parenthesis, and no keyword. */
bool is_call(const struct source *s, int i);

/* The token that closes the bracket at i; the last token if none does. */
int closing(const struct source *s, int i);

/* Whether f is a test, TEST(its name) {...}, and whether it is one that runs as
 * a task, TASK_TEST(its name) {...}. */
bool function_is_test(const struct source *s, const struct function *f);
bool function_is_task_test(const struct source *s, const struct function *f);

/* How many control statements deep a function goes. */
int function_nesting(const struct source *s, const struct function *f);

/* Whether the names of those that suspend a task say so. */
void check_await(const struct source *s, const struct function *f);

/* Whether what is short and called once has a reason; counts static functions
 * and those called once. */
void check_helpers(const struct source *s, const struct functions *all,
                   struct tally *tally);

#endif

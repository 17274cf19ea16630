/* generator.h: a function that yields values, one at a time.
 * Introduced in phase 3. Needs: ctx.h, stack.h, tools.h.
 *
 *     generator_next -->  runs  --generator_yield-->  SUSPENDED   (true)
 *                          ^                             |
 *                          +--- next, send or throw -----+
 *                          |
 *                          +--return-->  ENDED, with a result    (false)
 *
 *     while (generator_next(&numbers, &value))
 *         ... value ...
 *     rc = numbers.result;
 *
 * A task stops until something has happened; a generator stops until somebody
 * asks. It needs no scheduler: whoever resumes it waits in a call. So it works
 * in a task, between tasks, and where there are none. It is what Python had
 * before it had tasks: PEP 255 (yield), 342 (send, throw, close) and 380
 * (yield from).
 *
 * Rules
 *  - The caller owns the struct and the stack, and does not move them until
 *    generator_finish. Do finish: what the body holds is released there.
 *  - A value is borrowed: what it points to is valid until the generator that
 *    handed it out is resumed.
 *  - One resumes it at a time: not the body itself, and no other task while the
 *    body waits. Once it has ended it is not resumed. Both are asserted.
 *  - A body may call await_...; then to resume it may suspend the task, and who
 *    does so says it in his own name. */
#ifndef ONE_RING_GENERATOR_H
#define ONE_RING_GENERATOR_H

#include <stdbool.h>

#include "ctx.h"
#include "stack.h"
#include "tools.h"

struct generator;

/* Returns the generator's result: >= 0 or -errno. */
typedef int generator_fn(struct generator *self, void *arg);

enum generator_state {
    GENERATOR_NEW, /* the body has not begun */
    GENERATOR_SUSPENDED,
    GENERATOR_RUNNING, /* or it has resumed another, or its task waits */
    GENERATOR_ENDED
};

/* Zeroed: none. Everything is generator.c's to write, and anybody's to read. */
struct generator {
    struct ctx ctx;
    struct ctx resumer; /* who waits for the next value */
    struct tools_fiber fiber, resumer_fiber;
    enum generator_state state;
    generator_fn *fn;
    void *arg;   /* borrowed: the body's */
    void *value; /* borrowed: what was yielded, then what was sent */
    int error;   /* what was thrown, or 0 */
    int result;  /* valid once ENDED */
};

/* Makes a generator whose body is fn(generator, arg), on a stack that stays the
 * caller's. Nothing runs yet. Cannot fail. */
void generator_init(struct generator *g, struct stack stack, generator_fn *fn,
                    void *arg);

/* Resumes the body until it yields, or ends. Returns true, and *value is what
 * was yielded (NULL: not wanted); or false, and g->result is the result.
 *
 * send: the yield that it stands in gives the body what was sent. The first
 * time there is no such yield, and sent must be NULL. next sends NULL.
 *
 * throw: that yield returns error, a -errno; the body may handle it and yield
 * on. One that has not begun never does, and has ended with the error. */
bool generator_next(struct generator *g, void **value);
bool generator_send(struct generator *g, void *sent, void **value);
bool generator_throw(struct generator *g, int error, void **value);

/* For the body only, at any depth of calls: hands value to whoever resumed it
 * and stops here. Returns 0, and *sent is what came back (NULL: not wanted); or
 * the -errno that was thrown, and the body should clean up and return. */
int generator_yield(struct generator *self, void *value, void **sent);

/* For the body only: yields whatever inner yields, until it ends. What is sent
 * or thrown goes to inner. Returns inner's result; or -ECANCELED if that was
 * thrown: then inner was finished, whatever it made of it. inner stays the
 * caller's, who finishes it. */
int generator_delegate(struct generator *self, struct generator *inner);

/* Ends it: if the body stands in a yield, that returns -ECANCELED, and the body
 * must return without another. The stack may then be released. Accepts a zeroed
 * generator and one that has ended. Returns the result. */
int generator_finish(struct generator *g);

#endif

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
 * A task stops until an event occurs, and a generator stops until its caller
 * resumes it. A generator does not need a scheduler, because resuming it is a
 * function call. So a generator works without tasks, in one task, or with
 * several tasks that resume it in turn. Python had generators before tasks: PEP
 * 255 (yield), 342 (send, throw, close) and 380 (yield from).
 *
 * Rules
 *  - The caller owns the struct and the stack, and must not move them until
 *    generator_finish. Always call generator_finish, because it lets the body
 *    release its resources.
 *  - A yielded value is borrowed: it is valid until the generator is resumed.
 *  - Do not resume a generator from its own body, from another task while the
 *    body waits, or after it has ended (asserted).
 *  - A body may call await_... functions. If it does, resuming the generator
 *    may suspend the task, so a function that resumes the generator must have
 *    await in its name. */
#ifndef ONE_RING_GENERATOR_H
#define ONE_RING_GENERATOR_H

#include <stdbool.h>

#include "ctx.h"
#include "stack.h"
#include "tools.h"

struct generator;

/* The body. Returns the generator's result: >= 0 or -errno. */
typedef int generator_fn(struct generator *self, void *arg);

enum generator_state {
    GENERATOR_NEW, /* the body has not begun */
    GENERATOR_SUSPENDED,
    GENERATOR_RUNNING, /* perhaps waiting in an await_... call */
    GENERATOR_ENDED
};

/* A zeroed struct has no body: do not resume it. Only generator.c writes to the
 * struct. */
struct generator {
    struct ctx ctx;
    struct ctx resumer; /* the context that waits for a value */
    struct tools_fiber fiber, resumer_fiber;
    enum generator_state state;
    generator_fn *fn;
    void *arg;   /* borrowed: the argument of fn */
    void *value; /* borrowed: the yielded or the sent value */
    int error;   /* the thrown -errno, or 0 */
    int result;  /* valid once ENDED */
};

/* Makes a generator whose body is fn(g, arg), on a stack that the caller owns.
 * Does not run the body yet. Cannot fail. */
void generator_init(struct generator *g, struct stack stack, generator_fn *fn,
                    void *arg);

/* Resumes the body until it yields or ends. Suspends the task only if the body
 * does.
 *
 * generator_send passes `sent` to the yield at which the body stopped; before
 * the first yield, `sent` must be NULL. generator_next sends NULL.
 * generator_throw makes the yield at which the body stopped return error, which
 * is below 0. The body may handle the error and yield again. If the body has
 * not begun, generator_throw ends the generator without running it, and error
 * is the result.
 *
 * Returns true   the body yielded: *value is set, unless value is NULL
 *         false  the body ended: g->result is the result */
bool generator_next(struct generator *g, void **value);
bool generator_send(struct generator *g, void *sent, void **value);
bool generator_throw(struct generator *g, int error, void **value);

/* Passes value to the resumer and stops until the next resume. Only the body
 * and the functions that it calls may call this.
 *
 * Returns 0       *sent is the sent value, unless sent is NULL
 *         -errno  the thrown error: the body should clean up and return */
int generator_yield(struct generator *self, void *value, void **sent);

/* Yields each value of inner until inner ends, and passes each sent value and
 * thrown error to inner. Only the body and the functions that it calls may call
 * this. The caller owns inner and must finish it.
 *
 * Returns >= 0        inner's result
 *         -errno      inner's result
 *         -ECANCELED  this error was thrown, and inner was finished */
int generator_delegate(struct generator *self, struct generator *inner);

/* Ends the generator: the yield at which the body stopped returns -ECANCELED,
 * and the body must return without another yield. The caller may then release
 * the stack. Accepts a zeroed or ended generator. Returns the result. */
int generator_finish(struct generator *g);

#endif

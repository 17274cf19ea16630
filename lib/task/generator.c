/* generator.c: a function that yields values; see generator.h.
 * Introduced in phase 3. Needs: generator.h.
 *
 * What it teaches: a generator is a coroutine that stores the context of its
 * resumer, and switches back to it. Besides ctx_switch, it needs only two
 * contexts, and two fields for the value or the error that a switch passes. A
 * task is similar, but only the scheduler resumes it. */
#include "generator.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

/* Switches back to the resumer. */
static void leave(struct generator *g, bool ends)
{
    tools_switch_begin(&g->fiber, &g->resumer_fiber, ends);
    ctx_switch(&g->ctx, &g->resumer);
    tools_switch_end(&g->fiber, &g->resumer_fiber);
}

static void generator_main(void *arg)
{
    struct generator *g = arg;

    tools_switch_end(&g->fiber, &g->resumer_fiber);
    g->result = g->fn(g, g->arg);
    g->state = GENERATOR_ENDED;
    leave(g, true);
}

void generator_init(struct generator *g, struct stack stack, generator_fn *fn,
                    void *arg)
{
    assert(fn != NULL);
    *g = (struct generator){.fn = fn, .arg = arg};
    tools_fiber_init(&g->fiber, stack.memory, stack.len);
    ctx_make(&g->ctx, stack.memory, stack.len, generator_main, g);
}

static void end(struct generator *g, int result)
{
    g->state = GENERATOR_ENDED;
    g->result = result;
    tools_fiber_finish(&g->fiber);
}

/* Stores the resumer's context and fiber in each call, because the next call
 * may come from another stack. */
static bool resume(struct generator *g, void **value)
{
    assert(g->state == GENERATOR_NEW || g->state == GENERATOR_SUSPENDED);
    g->state = GENERATOR_RUNNING;
    tools_fiber_init(&g->resumer_fiber, NULL, 0);
    tools_switch_begin(&g->resumer_fiber, &g->fiber, false);
    ctx_switch(&g->resumer, &g->ctx);
    tools_switch_end(&g->resumer_fiber, &g->fiber);
    if (g->state == GENERATOR_ENDED) {
        end(g, g->result);
        return false;
    }
    if (value != NULL)
        *value = g->value;
    return true;
}

bool generator_send(struct generator *g, void *sent, void **value)
{
    /* A new generator has no yield that could return sent. */
    assert(sent == NULL || g->state != GENERATOR_NEW);
    g->value = sent;
    g->error = 0;
    return resume(g, value);
}

bool generator_next(struct generator *g, void **value)
{
    return generator_send(g, NULL, value);
}

bool generator_throw(struct generator *g, int error, void **value)
{
    assert(error < 0);
    if (g->state == GENERATOR_NEW) {
        end(g, error);
        return false;
    }
    g->value = NULL;
    g->error = error;
    return resume(g, value);
}

int generator_yield(struct generator *self, void *value, void **sent)
{
    assert(self->state == GENERATOR_RUNNING);
    self->value = value;
    self->state = GENERATOR_SUSPENDED;
    leave(self, false);
    if (self->error == 0 && sent != NULL)
        *sent = self->value;
    return self->error;
}

/* If n generators delegate to one another in a chain, each of them copies the
 * value and switches, which costs 2n switches per value. Python keeps a pointer
 * to the innermost generator instead. */
int generator_delegate(struct generator *self, struct generator *inner)
{
    void *value, *sent = NULL;
    bool goes_on = generator_next(inner, &value);

    while (goes_on) {
        int error = generator_yield(self, value, &sent);

        if (error == -ECANCELED) {
            generator_finish(inner);
            return error;
        }
        goes_on = error < 0 ? generator_throw(inner, error, &value)
                            : generator_send(inner, sent, &value);
    }
    return inner->result;
}

int generator_finish(struct generator *g)
{
    bool goes_on;

    if (g->fn == NULL || g->state == GENERATOR_ENDED)
        return g->result;
    goes_on = generator_throw(g, -ECANCELED, NULL);
    assert(!goes_on); /* the body must not yield again */
    return g->result;
}

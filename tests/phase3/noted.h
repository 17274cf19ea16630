/* noted.h: notes the steps of a loop in their order.
 *
 * Test support of phase 3. Needs: loop.h, with_loop.h. */
#ifndef TESTS_PHASE3_NOTED_H
#define TESTS_PHASE3_NOTED_H

#include "loop.h"
#include "with_loop.h"

static char order[4096];
static unsigned steps;

static inline void note(char what)
{
    if (steps < sizeof order - 1)
        order[steps++] = what;
}

static struct future noted_future;

static inline void note_completion(struct op *op, int result, uint32_t flags)
{
    (void)op;
    ck_assert_uint_eq(flags & IORING_CQE_F_MORE, 0);
    note('c');
    future_complete(&noted_future, result);
}

#endif

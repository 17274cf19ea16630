/* sim_errno.c: the errors of lib/ring/op_error.h, injected; see sim_errno.h.
 *
 * What it teaches: a table of errors is also a list of tests. With sim --all, a
 * small program runs once for each of its operations and each errno that the
 * table has for that operation. */
#include "sim_errno.h"

#include <errno.h>
#include <stdbool.h>

#include "op_error.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_op.h"
#include "sim_pick.h"

static int injected;

void errno_begin(void)
{
    injected = 0;
}

int errno_injected(void)
{
    return injected;
}

/* Returns true if the row names an errno of opcode that may be injected. A row
 * without an errno names none, and -ECANCELED needs a cause. */
static bool is_error_of(const struct op_error *row, unsigned opcode)
{
    return (row->ops >> opcode & 1) != 0 && row->error != 0 &&
           row->error != ECANCELED && row->kind != ERROR_NONE;
}

/* Injects no error into a close or a cancel. A close frees its descriptor even
 * if it fails, and the result of a cancel depends on its target. */
int errno_inject(const struct sim_op *op)
{
    const unsigned opcode = op->sqe.opcode;
    size_t rows, count = 0, chosen;
    const struct op_error *table = op_error_table(&rows);

    if (injected != 0 || !knob_is_on(KNOB_ERRNO) ||
        opcode == IORING_OP_CLOSE || opcode == IORING_OP_ASYNC_CANCEL)
        return 0;
    for (size_t i = 0; i < rows; i++)
        count += is_error_of(&table[i], opcode);
    chosen = pick((unsigned)count + 1);
    for (size_t i = 0; i < rows && chosen > 0; i++)
        if (is_error_of(&table[i], opcode) && --chosen == 0)
            injected = -table[i].error;
    if (injected != 0)
        check_trace("inject %d into %#llx", injected,
                    (unsigned long long)op->sqe.user_data);
    return injected;
}

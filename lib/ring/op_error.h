/* op_error.h: the meaning of an operation's errors, by opcode and errno.
 * Introduced in phase 2. Needs: nothing.
 *
 * The errno alone is not enough for a decision. -EAGAIN of a read means "poll
 * first", but -EAGAIN of a futex wait means "the word has changed". So each row
 * of the table applies to one errno of some opcodes. The row has a kind, which
 * tells the program what to do:
 *
 *     switch (op_error_kind(IORING_OP_ACCEPT, cqe.res)) {
 *     case ERROR_LIMIT: accept again after a delay
 *     ...
 *
 * The row of -ECANCELED is for an operation that the kernel cancelled without a
 * request. If the program cancelled the operation, or linked it to an operation
 * that failed, -ECANCELED is the expected result. So check for these two cases
 * before you call op_error_kind.
 *
 * docs/errors.md shows the table. The sources of the table are the manual pages
 * that op_error_source returns, and the kernel. */
#ifndef ONE_RING_OP_ERROR_H
#define ONE_RING_OP_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum error_kind {
    ERROR_NONE,   /* not a failure: this is how the operation ends */
    ERROR_RETRY,  /* not done yet: run it again, usually after a poll */
    ERROR_OBJECT, /* only this file or peer fails: report it, and go on */
    ERROR_LIMIT,  /* a limit of the process or machine: wait, or refuse work */
    ERROR_BUG,    /* a wrong argument: fix the program */
};

struct op_error {
    uint64_t ops;     /* bit N is set if the row applies to opcode N */
    int error;        /* an errno; 0: every errno that no row above matches */
    enum error_kind kind;
    bool is_provoked; /* true: tests/phase6/errors.c provokes the error; false:
                         we know it only from the manual page */
    const char *meaning;
};

/* Returns the first row that fits opcode (IORING_OP_*) and result (-errno). The
 * last row, whose kind is ERROR_OBJECT, fits every opcode and errno, so this
 * never returns NULL. */
const struct op_error *op_error_find(int opcode, int result);

/* Returns the kind of the row that op_error_find returns. */
static inline enum error_kind op_error_kind(int opcode, int result)
{
    return op_error_find(opcode, result)->kind;
}

/* Returns the table, which is static. Sets *count to its number of rows. */
const struct op_error *op_error_table(size_t *count);

/* Returns "retry" for ERROR_RETRY, and so on. The string is static. */
const char *op_error_kind_name(enum error_kind kind);

/* Returns the manual page that lists the errors of opcode, "read(2)" for
 * example, or NULL if op_error.c lists no page for opcode. The string is
 * static. */
const char *op_error_source(int opcode);

#endif

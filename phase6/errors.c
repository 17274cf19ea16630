/* errors.c: prints the table of errors, for an opcode or for all of them.
 *
 * What it teaches: the table of lib/ring/op_error.c is data, so a program can
 * print it, and a chapter can show what the program prints. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

#include "catalog.h"
#include "command.h"
#include "err.h"
#include "op_error.h"

#define ERRNO_MAX 200 /* above every errno; it stands for "any other" */

static const char help[] =
    "[OPCODE [ERRNO]]\n"
    "Prints what the errors of operations mean: of all operations, of OPCODE\n"
    "(for example accept), or only ERRNO (for example EAGAIN) of OPCODE.\n"
    "\n"
    "Each line has an errno, its kind, and how this course knows the line:\n"
    "\n"
    "  none    not a failure: the operation ends in this way\n"
    "  retry   no effect yet: wait for the event, then run it again\n"
    "  object  this file or peer: report it, and go on without it\n"
    "  limit   this process or machine: wait, slow down, or refuse\n"
    "  bug     a wrong argument: fix the program\n"
    "\n"
    "  run     tests/phase6/errors.c provokes it\n"
    "  read    only read in the manual page\n";

/* Prints the names of a set of opcodes, in lower case. */
static void print_ops(uint64_t ops)
{
    const char *before = "";

    if (ops == UINT64_MAX) {
        puts("every opcode");
        return;
    }
    for (int op = 0; op < 64; op++) {
        if (!(ops >> op & 1))
            continue; /* not in the set */
        fputs(before, stdout);
        for (const char *c = catalog_op_name(op); *c != '\0'; c++)
            putchar(tolower((unsigned char)*c));
        before = ", ";
    }
    putchar('\n');
}

/* Prints "any other" if the row is for every errno that no other row names. */
static void print_row(const struct op_error *row)
{
    printf("  %-13s %-7s %-5s %s\n",
           row->error != 0 ? err_name(-row->error) : "any other",
           op_error_kind_name(row->kind), row->is_provoked ? "run" : "read",
           row->meaning);
}

/* Prints the table in its order. A line with opcodes is the heading of the rows
 * below it. */
static void print_all(void)
{
    size_t count;
    const struct op_error *table = op_error_table(&count);
    uint64_t ops = 0;

    for (size_t i = 0; i < count; i++) {
        if (table[i].ops != ops)
            print_ops(table[i].ops);
        ops = table[i].ops;
        print_row(&table[i]);
    }
}

/* Prints the rows that an error of opcode can have. Skips a row that an earlier
 * one hides. */
static void print_opcode(int opcode)
{
    size_t count;
    const struct op_error *table = op_error_table(&count);

    print_ops(UINT64_C(1) << opcode);
    for (size_t i = 0; i < count; i++) {
        int error = table[i].error != 0 ? table[i].error : ERRNO_MAX;

        if (op_error_find(opcode, -error) == &table[i])
            print_row(&table[i]);
    }
    printf("  see %s\n", op_error_source(opcode));
}

/* err_name takes a result, which is a negative errno. */
static const char *name_of_errno(int number)
{
    return err_name(-number);
}

/* Returns the number from 0 to end - 1 that has this name, or -1. Ignores the
 * case of letters, because the table prints opcodes in lower case. */
static int number_of(const char *name, int end, const char *(*name_of)(int))
{
    for (int number = 0; number < end; number++)
        if (strcasecmp(name_of(number), name) == 0)
            return number;
    return -1;
}

int main(int argc, char **argv)
{
    struct command command = {
        .name = "errors", .help = help, .operands_max = 2};
    int code = command_read(&command, argc, argv);
    int opcode, error;

    if (code != COMMAND_GO_ON)
        return code;
    if (command.operand_count == 0) {
        print_all();
        return command_finish(&command, COMMAND_DONE);
    }
    opcode = number_of(command.operands[0], 64, catalog_op_name);
    if (op_error_source(opcode) == NULL) /* an opcode that we do not use */
        return command_misuse(&command, "the table has no opcode '%s'",
                              command.operands[0]);
    if (command.operand_count == 1) {
        print_opcode(opcode);
        return command_finish(&command, COMMAND_DONE);
    }
    error = number_of(command.operands[1], ERRNO_MAX, name_of_errno);
    if (error <= 0)
        return command_misuse(&command, "there is no errno '%s'",
                              command.operands[1]);
    print_row(op_error_find(opcode, -error));
    return command_finish(&command, COMMAND_DONE);
}

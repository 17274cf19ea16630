/* command.h: the command line of a program: options, --help, --version.
 * Introduced in phase 0. Needs: nothing.
 *
 * A program declares its name, its help text, and a table of its options:
 *
 *     unsigned rounds = 11;
 *     bool is_cold = false;
 *     const struct command_option options[] = {
 *         {.name = "rounds", .number = &rounds, .min = 1, .max = 1000},
 *         {.name = "cold", .flag = &is_cold},
 *         {0},
 *     };
 *     struct command command = {
 *         .name = "bench",
 *         .help = "[--rounds N] [--cold] FILE...\n...",
 *         .options = options,
 *         .operands_min = 1,
 *         .operands_max = COMMAND_ANY,
 *     };
 *     int code = command_read(&command, argc, argv);
 *
 *     if (code != COMMAND_GO_ON)
 *         return code;
 *
 * Options and operands may be mixed. command_read applies the options in the
 * order of the command line. It stops at --help, --help-all and --version, and
 * at the first invalid option. */
#ifndef ONE_RING_COMMAND_H
#define ONE_RING_COMMAND_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define COMMAND_OPTIONS_MAX 64 /* per program */
#define COMMAND_ANY INT_MAX    /* for operands_max: no limit */

/* The exit codes of every program, and COMMAND_GO_ON, which means "do not
 * exit". */
enum {
    COMMAND_GO_ON = -1,
    COMMAND_DONE = 0,
    COMMAND_FAILED = 1,
    COMMAND_USAGE = 2 /* invalid arguments, or an unsuitable environment */
};

/* Describes one option. Set exactly one of flag, text, word, number, and
 * number64: command_read stores the option's value there. */
struct command_option {
    const char *name;         /* "rounds" for --rounds, or NULL */
    char letter;              /* 'r' for -r, or 0 */
    bool *flag;               /* set to true; the option takes no value */
    const char **text;        /* the value, borrowed from argv */
    unsigned *count;          /* the number of values in text, which is an
                                 array of max values. Each use of the option
                                 adds one. NULL: text is one value */
    unsigned *word;           /* the value's index in words */
    const char *const *words; /* the allowed values, NULL-terminated */
    const char *absent;       /* the value if the option is given without one;
                                 NULL: the option needs a value */
    unsigned *number;         /* a decimal number from min to max */
    uint64_t *number64;
    uint64_t min, max;
    bool has_unit;            /* allows the suffix K (1024), M, or G */
};

struct command {
    const char *name;
    const char *help; /* the text of --help after "Usage: NAME " */
    const char *help_more; /* the end of --help-all, after help; NULL: the
                              program has no --help-all */
    const struct command_option *options; /* ends with {0}; NULL: none */
    int operands_min, operands_max;       /* both 0: no operands */
    int output_failed; /* exit code if stdout fails; 0: COMMAND_FAILED */

    /* Set by command_read; borrowed from argv, NULL-terminated. */
    char **operands;
    int operand_count;
};

/* Parses the command line and stores the value of each option. Handles --help,
 * --help-all and --version. Moves the operands to the end of argv.
 *
 * Returns COMMAND_GO_ON  the options and the number of operands are valid
 *         COMMAND_DONE   the help or the version was printed
 *         output_failed  writing to stdout failed; a message was printed
 *         COMMAND_FAILED writing to stdout failed, and output_failed is 0
 *         COMMAND_USAGE  the command line is invalid; a message was printed */
int command_read(struct command *command, int argc, char **argv);

/* Parses all of text as a decimal number from min to max, without blanks or
 * signs. Returns false, and leaves *value unchanged, if text is not such a
 * number. */
bool command_number(const char *text, uint64_t min, uint64_t max,
                    uint64_t *value);

/* Prints "NAME: MESSAGE; see --help" to stderr. Replaces each control character
 * of the message by '?'. Returns COMMAND_USAGE. */
int command_misuse(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints "PROGRAM: cannot set up io_uring" to stderr, followed by the text of
 * result (err_words) and by advice for the user (err_ring_advice). Returns
 * COMMAND_USAGE. */
int command_no_ring(const char *program, int result);

/* Flushes stdout. Call it last in main.
 *
 * Returns code            all output was written
 *         output_failed   writing to stdout failed; a message was printed
 *         COMMAND_FAILED  writing to stdout failed, and output_failed is 0 */
int command_finish(const struct command *command, int code);

#endif

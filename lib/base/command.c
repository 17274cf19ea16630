/* command.c: the command line of a program; see command.h.
 * Introduced in phase 0. Needs: command.h, err.h, sys.h, sys_output.h.
 *
 * What it teaches: strtoul reads "4x" as 4, " 4" as 4, and "-1" as a very large
 * number. A program that takes a number from its command line must check every
 * character. */
#include "command.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "sys.h"
#include "sys_output.h"

#define VERSION "0.1"
#define MESSAGE_LEN 512

/* For the long form of option n, getopt_long returns OPTION_FIRST + n, which is
 * larger than the code of any letter. */
enum {
    OPTION_FIRST = 256,
    OPTION_HELP = OPTION_FIRST + COMMAND_OPTIONS_MAX,
    OPTION_HELP_ALL,
    OPTION_VERSION
};

int command_misuse(const struct command *command, const char *format, ...)
{
    char text[MESSAGE_LEN], line[MESSAGE_LEN + 64];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* An argument that the message quotes may contain terminal escapes. */
    for (char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    (void)snprintf(line, sizeof line, "%.40s: %s; see --help\n", command->name,
                   text);
    sys_print_error(line, strlen(line));
    return COMMAND_USAGE;
}

int command_no_ring(const char *program, int result)
{
    char line[MESSAGE_LEN];

    (void)snprintf(line, sizeof line,
                   "%.40s: cannot set up io_uring: %s (%s): %s\n",
                   program, err_words(result), err_name(result),
                   err_ring_advice(result));
    sys_print_error(line, strlen(line));
    return COMMAND_USAGE;
}

int command_finish(const struct command *command, int code)
{
    int rc = sys_output_flush();
    char line[MESSAGE_LEN];

    if (rc == 0)
        return code;
    (void)snprintf(line, sizeof line, "%.40s: stdout: %s (%s)\n", command->name,
                   err_words(rc), err_name(rc));
    sys_print_error(line, strlen(line));
    return command->output_failed != 0 ? command->output_failed
                                       : COMMAND_FAILED;
}

static int print(const struct command *command, const char *before,
                 const char *after, const char *more)
{
    sys_output_print(before);
    sys_output_print(command->name);
    sys_output_print(" ");
    sys_output_print(after);
    sys_output_print(more);
    return command_finish(command, COMMAND_DONE);
}

bool command_number(const char *text, uint64_t min, uint64_t max,
                    uint64_t *value)
{
    uint64_t number = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        unsigned digit = (unsigned char)*text - (unsigned)'0';

        if (digit > 9 || digit > max || number > (max - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (number < min)
        return false;
    *value = number;
    return true;
}

static int refuse_word(const struct command *command,
                       const struct command_option *option, const char *value)
{
    char list[MESSAGE_LEN / 2] = "";

    for (unsigned i = 0; option->words[i] != NULL; i++) {
        size_t len = strlen(list);

        (void)snprintf(list + len, sizeof list - len, "%s %s", i > 0 ? "," : "",
                       option->words[i]);
    }
    return command_misuse(command, "--%s %.64s: not one of%s", option->name,
                          value, list);
}

static int apply_word(const struct command *command,
                      const struct command_option *option, const char *value)
{
    for (unsigned i = 0; option->words[i] != NULL; i++) {
        if (strcmp(value, option->words[i]) == 0) {
            *option->word = i;
            return COMMAND_GO_ON;
        }
    }
    return refuse_word(command, option, value);
}

/* Parses a number with an optional unit K, M or G, which shifts the number left
 * by 10, 20 or 30 bits. */
static bool read_number(const struct command_option *option, const char *value,
                        uint64_t *number)
{
    static const char units[] = "KMG";
    size_t len = strlen(value);
    char digits[32];
    const char *unit =
        option->has_unit && len > 0 ? strchr(units, value[len - 1]) : NULL;
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;

    len -= unit != NULL;
    if (len >= sizeof digits) /* more digits than any uint64_t has */
        return false;
    memcpy(digits, value, len);
    digits[len] = '\0';
    if (!command_number(digits, 0, option->max >> shift, number))
        return false;
    *number <<= shift;
    return *number >= option->min;
}

static int apply_number(const struct command *command,
                        const struct command_option *option, const char *value)
{
    uint64_t number;

    if (!read_number(option, value, &number))
        return command_misuse(command,
                              "--%s %.64s: not a number from %llu to %llu",
                              option->name, value,
                              (unsigned long long)option->min,
                              (unsigned long long)option->max);
    if (option->number != NULL) {
        assert(option->max <= UINT_MAX);
        *option->number = (unsigned)number;
    } else {
        *option->number64 = number;
    }
    return COMMAND_GO_ON;
}

static int apply(const struct command *command,
                 const struct command_option *option, const char *value)
{
    if (option->flag != NULL) {
        *option->flag = true;
        return COMMAND_GO_ON;
    }
    if (value == NULL)
        value = option->absent;
    if (option->word != NULL)
        return apply_word(command, option, value);
    if (option->text == NULL)
        return apply_number(command, option, value);
    if (option->count == NULL) {
        *option->text = value;
        return COMMAND_GO_ON;
    }
    if (*option->count == option->max)
        return command_misuse(command, "--%s %.64s: at most %llu are possible",
                              option->name, value,
                              (unsigned long long)option->max);
    option->text[(*option->count)++] = value;
    return COMMAND_GO_ON;
}

/* Handles one result of getopt_long: an option, or an error. */
static int take(const struct command *command, int found, char **argv)
{
    const struct command_option *option = command->options;

    if (found == OPTION_HELP)
        return print(command, "Usage: ", command->help, "");
    if (found == OPTION_HELP_ALL)
        return print(command, "Usage: ", command->help, command->help_more);
    if (found == OPTION_VERSION)
        return print(command, "", "(one-ring) " VERSION "\n", "");
    if (found == ':')
        return command_misuse(command, "%s: needs a value", argv[optind - 1]);
    /* One dash can precede several letters, so the message must not quote the
     * whole argument. optopt is the unknown letter. */
    if (found == '?' && optopt > 0 && optopt < OPTION_FIRST)
        return command_misuse(command, "-%c: unknown option", optopt);
    if (found == '?')
        return command_misuse(command, "%s: unknown option", argv[optind - 1]);
    if (found >= OPTION_FIRST)
        return apply(command, option + (found - OPTION_FIRST), optarg);
    while (option->letter != found)
        option++;
    return apply(command, option, optarg);
}

/* Holds the options in getopt_long's format. */
struct known {
    struct option names[COMMAND_OPTIONS_MAX + 4];
    char letters[2 * COMMAND_OPTIONS_MAX + 2];
};

static void list_options(struct known *known, const struct command *command)
{
    const struct command_option *option = command->options;
    char *letter = known->letters;
    int count = 0;

    *known = (struct known){0};
    *letter++ = ':'; /* makes getopt return ':' for a missing value */
    for (int i = 0; option != NULL && (option->name != NULL || option->letter);
         i++, option++) {
        int has_value = option->flag != NULL     ? no_argument
                        : option->absent != NULL ? optional_argument
                                                 : required_argument;

        assert(i < COMMAND_OPTIONS_MAX);
        if (option->letter) {
            *letter++ = option->letter;
            if (has_value == required_argument)
                *letter++ = ':';
        }
        if (option->name != NULL)
            known->names[count++] = (struct option){
                option->name, has_value, NULL, OPTION_FIRST + i};
    }
    known->names[count++] =
        (struct option){"help", no_argument, NULL, OPTION_HELP};
    if (command->help_more != NULL)
        known->names[count++] =
            (struct option){"help-all", no_argument, NULL, OPTION_HELP_ALL};
    known->names[count] =
        (struct option){"version", no_argument, NULL, OPTION_VERSION};
}

int command_read(struct command *command, int argc, char **argv)
{
    static struct known known; /* too large for a stack frame */
    int found, code;

    memset(&known, 0, sizeof known);
    list_options(&known, command);
    opterr = 0; /* command_misuse prints the messages */
    optind = 0; /* resets getopt for a second call */
    while ((found = getopt_long(argc, argv, known.letters, known.names,
                                NULL)) != -1) {
        code = take(command, found, argv);
        if (code != COMMAND_GO_ON)
            return code;
    }
    command->operands = argv + optind;
    command->operand_count = argc > optind ? argc - optind : 0;
    if (command->operand_count < command->operands_min)
        return command_misuse(command, "an argument is missing");
    if (command->operand_count > command->operands_max)
        return command_misuse(command, "unexpected argument '%s'",
                              command->operands[command->operands_max]);
    return COMMAND_GO_ON;
}

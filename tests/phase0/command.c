/* command.c: the command line that all programs share. */
#include "command.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static const char *const modes[] = {"slow", "fast", NULL};

/* The options set these. Each test has a process for itself. */
static bool is_cold, is_loud;
static const char *root;
static unsigned mode, rounds = 11;
static uint64_t bytes = 7, size = 1;
static const char *tags[2];
static unsigned tag_count;

static const struct command_option options[] = {
    {.name = "cold", .flag = &is_cold},
    {.name = "loud", .letter = 'l', .flag = &is_loud},
    {.letter = 'L', .flag = &is_loud},
    {.name = "root", .letter = 'r', .text = &root},
    {.name = "mode", .word = &mode, .words = modes, .absent = "fast"},
    {.name = "rounds", .number = &rounds, .min = 2, .max = 1000},
    {.name = "bytes", .number64 = &bytes, .max = UINT64_MAX},
    {.name = "size", .number64 = &size, .min = 4096, .max = 512 << 20,
     .has_unit = true},
    {.name = "tag", .text = tags, .count = &tag_count, .max = 2},
    {0},
};

static struct command command = {
    .name = "tool",
    .help = "[OPTION]... [FILE]...\nDoes it.\n",
    .options = options,
    .operands_max = 2,
};

static char said[2][4096]; /* on stdout and on stderr */

/* Reads a command line of words, and keeps what was printed. */
static int read_line(const char *words)
{
    static char copy[256], *argv[16];
    int argc = 0, code, saved[2];
    FILE *files[2];

    argv[argc++] = "path/to/tool";
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    for (int i = 0; i < 2; i++) {
        files[i] = tmpfile();
        check(files[i] != NULL);
        saved[i] = dup(i + 1);
        dup2(fileno(files[i]), i + 1);
    }
    code = command_read(&command, argc, argv);
    for (int i = 0; i < 2; i++) {
        dup2(saved[i], i + 1);
        close(saved[i]);
        rewind(files[i]);
        said[i][fread(said[i], 1, sizeof said[i] - 1, files[i])] = '\0';
        fclose(files[i]);
    }
    return code;
}

static void check_misuse(const char *words, const char *message)
{
    char line[256];

    ck_assert_int_eq(read_line(words), COMMAND_USAGE);
    snprintf(line, sizeof line, "tool: %s; see --help\n", message);
    ck_assert_str_eq(said[1], line);
    ck_assert_str_eq(said[0], "");
}

TEST(no_option_changes_nothing)
{
    ck_assert_int_eq(read_line(""), COMMAND_GO_ON);
    ck_assert_int_eq(command.operand_count, 0);
    check(command.operands[0] == NULL);
    check(!is_cold && !is_loud && root == NULL);
    ck_assert_uint_eq(rounds, 11);
    ck_assert_uint_eq(bytes, 7);
}

TEST(each_kind_of_option_is_stored)
{
    ck_assert_int_eq(read_line("--cold --root a --mode --rounds=5 --bytes "
                               "18446744073709551615"),
                     COMMAND_GO_ON);
    check(is_cold && !is_loud);
    ck_assert_str_eq(root, "a");
    ck_assert_uint_eq(mode, 1);
    ck_assert_uint_eq(rounds, 5);
    check(bytes == UINT64_MAX);
    ck_assert_int_eq(read_line("--mode=slow --bytes 0"), COMMAND_GO_ON);
    ck_assert_uint_eq(mode, 0);
    ck_assert_uint_eq(bytes, 0);
}

TEST(a_number_may_have_a_unit_if_its_option_says_so)
{
    static const char *const wrong[] = {
        "3K", "4095", "513M", "1G", "K", "4KK", "4k", "-4K",
        "18014398509481988K" /* 2^54 + 4: the shift would overflow */,
        "00000000000000000000000000004096" /* longer than any number */,
    };
    char words[64];

    ck_assert_int_eq(read_line("--size 4K"), COMMAND_GO_ON);
    ck_assert_uint_eq(size, 4096);
    ck_assert_int_eq(read_line("--size 512M"), COMMAND_GO_ON);
    ck_assert_uint_eq(size, 512 << 20);
    ck_assert_int_eq(read_line("--size 5000"), COMMAND_GO_ON);
    ck_assert_uint_eq(size, 5000);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(words, sizeof words, "--size=%s", wrong[i]);
        ck_assert_msg(read_line(words) == COMMAND_USAGE,
                      "%s is taken", wrong[i]);
    }
    ck_assert_uint_eq(size, 5000);
    check_misuse("--rounds 4K", "--rounds 4K: not a number from 2 to 1000");
}

TEST(an_option_that_may_be_repeated_keeps_each_value)
{
    ck_assert_int_eq(read_line("--tag a --root b --tag=c"), COMMAND_GO_ON);
    ck_assert_uint_eq(tag_count, 2);
    ck_assert_str_eq(tags[0], "a");
    ck_assert_str_eq(tags[1], "c");
    check_misuse("--tag d", "--tag d: at most 2 are possible");
    ck_assert_uint_eq(tag_count, 2);
}

TEST(letters_stand_for_options_and_share_a_dash)
{
    ck_assert_int_eq(read_line("-lr a"), COMMAND_GO_ON);
    check(is_loud);
    ck_assert_str_eq(root, "a");
    is_loud = false;
    ck_assert_int_eq(read_line("-rb -L"), COMMAND_GO_ON);
    check(is_loud);
    ck_assert_str_eq(root, "b");
}

TEST(operands_may_precede_options)
{
    ck_assert_int_eq(read_line("a --cold -"), COMMAND_GO_ON);
    check(is_cold);
    ck_assert_int_eq(command.operand_count, 2);
    ck_assert_str_eq(command.operands[0], "a");
    ck_assert_str_eq(command.operands[1], "-");
    ck_assert_int_eq(read_line("-- --cold"), COMMAND_GO_ON);
    ck_assert_str_eq(command.operands[0], "--cold");
}

TEST(the_number_of_operands_is_checked)
{
    check_misuse("a b c", "unexpected argument 'c'");
    command.operands_min = 2;
    check_misuse("a", "an argument is missing");
}

TEST(help_and_version_are_printed_on_stdout)
{
    ck_assert_int_eq(read_line("--help"), COMMAND_DONE);
    ck_assert_str_eq(said[0], "Usage: tool [OPTION]... [FILE]...\nDoes it.\n");
    ck_assert_str_eq(said[1], "");
    ck_assert_int_eq(read_line("--version"), COMMAND_DONE);
    ck_assert_str_eq(said[0], "tool (one-ring) 0.1\n");
    ck_assert_str_eq(said[1], "");
}

TEST(help_all_prints_more_than_help_if_there_is_more)
{
    check_misuse("--help-all", "--help-all: unknown option");
    command.help_more = "  --rare  more\n";
    ck_assert_int_eq(read_line("--help-all"), COMMAND_DONE);
    ck_assert_str_eq(said[0], "Usage: tool [OPTION]... [FILE]...\nDoes it.\n"
                              "  --rare  more\n");
    ck_assert_int_eq(read_line("--help"), COMMAND_DONE);
    ck_assert_str_eq(said[0], "Usage: tool [OPTION]... [FILE]...\nDoes it.\n");
}

TEST(the_first_of_help_and_a_mistake_decides)
{
    ck_assert_int_eq(read_line("--help --nonsense"), COMMAND_DONE);
    check_misuse("--nonsense --help", "--nonsense: unknown option");
    ck_assert_int_eq(read_line("a b c --version"), COMMAND_DONE);
}

TEST(a_mistake_is_named)
{
    check_misuse("--nonsense", "--nonsense: unknown option");
    check_misuse("--help=x", "--help=x: unknown option");
    check_misuse("-lxr a", "-x: unknown option");
    check_misuse("--root", "--root: needs a value");
    check_misuse("-lr", "-lr: needs a value");
    check_misuse("--mode=none", "--mode none: not one of slow, fast");
    check_misuse("--rounds 1", "--rounds 1: not a number from 2 to 1000");
    check_misuse("--rounds 1001",
                 "--rounds 1001: not a number from 2 to 1000");
    ck_assert_uint_eq(rounds, 11);
}

TEST(a_message_shows_no_control_characters)
{
    check_misuse("--\x1b[31m\n", "--?[31m?: unknown option");
}

TEST(a_message_is_cut_and_stays_one_line)
{
    char words[200], wanted[400];

    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    memcpy(words, "--rounds ", 9);
    snprintf(wanted, sizeof wanted,
             "--rounds %.64s: not a number from 2 to 1000", words + 9);
    check_misuse(words, wanted);
}

TEST(a_number_is_digits_and_nothing_else)
{
    static const char *const wrong[] = {
        "", " 8", "8 ", "-8", "+8", "8x", "0x8", "eight", "8.0",
        "18446744073709551616" /* 2^64 */,
        "18446744073709551624" /* 2^64 + 8 */,
        "99999999999999999999999999",
    };
    uint64_t value = 3;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!command_number(wrong[i], 0, UINT64_MAX, &value),
                      "'%s' is taken", wrong[i]);
    ck_assert_uint_eq(value, 3);
    check(command_number("0018446744073709551615", 0, UINT64_MAX, &value));
    check(value == UINT64_MAX);
}

TEST(the_ends_of_a_range_are_in_it)
{
    uint64_t value = 0;

    check(command_number("5", 5, 9, &value) && value == 5);
    check(command_number("9", 5, 9, &value) && value == 9);
    check(!command_number("4", 5, 9, &value));
    check(!command_number("10", 5, 9, &value));
    check(!command_number("9", 0, 5, &value)); /* a digit over the maximum */
    check(command_number("0", 0, 0, &value) && value == 0);
}

TEST(an_output_that_fails_has_its_exit_code)
{
    int full = open("/dev/full", O_WRONLY);

    check(full >= 0);
    dup2(full, STDOUT_FILENO);
    ck_assert_int_eq(command_finish(&command, 0), 0); /* nothing was printed */
    printf("x");
    ck_assert_int_eq(command_finish(&command, 0), COMMAND_FAILED);
    command.output_failed = 2;
    printf("x");
    ck_assert_int_eq(command_finish(&command, 0), 2);
    close(STDOUT_FILENO);
    ck_assert_int_eq(command_finish(&command, 0), 2); /* failed before */
}

int main(void)
{
    suite_begin("command");
    suite_add(no_option_changes_nothing);
    suite_add(each_kind_of_option_is_stored);
    suite_add(a_number_may_have_a_unit_if_its_option_says_so);
    suite_add(an_option_that_may_be_repeated_keeps_each_value);
    suite_add(letters_stand_for_options_and_share_a_dash);
    suite_add(operands_may_precede_options);
    suite_add(the_number_of_operands_is_checked);
    suite_add(help_and_version_are_printed_on_stdout);
    suite_add(help_all_prints_more_than_help_if_there_is_more);
    suite_add(the_first_of_help_and_a_mistake_decides);
    suite_add(a_mistake_is_named);
    suite_add(a_message_shows_no_control_characters);
    suite_add(a_message_is_cut_and_stays_one_line);
    suite_add(a_number_is_digits_and_nothing_else);
    suite_add(the_ends_of_a_range_are_in_it);
    suite_add_unless(access("/dev/full", W_OK) == 0 ? NULL : "no /dev/full",
                     an_output_that_fails_has_its_exit_code);
    return suite_end();
}

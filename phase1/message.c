/* message.c: prints the messages of this phase's programs; see message.h. */
#include "message.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "err.h"
#include "sys.h"

#define NO_OFFSET UINT64_MAX

static const char *program = "phase1";

void message_set_program(const char *name)
{
    program = name;
}

void message_hold_standard_fds(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void message_print_name(FILE *stream, const char *name)
{
    fputc('\'', stream);
    for (const char *p = name; *p != '\0'; p++) {
        unsigned char byte = (unsigned char)*p;

        if (byte < ' ' || byte == 0x7f || byte == '\\')
            fprintf(stream, "\\%03o", byte);
        else
            fputc(byte, stream); /* UTF-8 and other high bytes unchanged */
    }
    fputc('\'', stream);
}

/* Builds the message in memory and prints it with one write. If memory runs
 * out, prints the message without the name and the offset. */
static void print_message(const char *tried, const char *name, uint64_t offset,
                          const char *why, const char *error_name)
{
    char *text = NULL;
    size_t len = 0;
    FILE *line = open_memstream(&text, &len);

    if (line == NULL) {
        fprintf(stderr, "%s: %s: %s\n", program, tried, why);
        return;
    }
    fprintf(line, "%s: %s", program, tried);
    if (name != NULL) {
        fputc(' ', line);
        message_print_name(line, name);
    }
    if (offset != NO_OFFSET)
        fprintf(line, " at offset %llu", (unsigned long long)offset);
    fprintf(line, ": %s", why);
    if (error_name != NULL)
        fprintf(line, " (%s)", error_name);
    fputc('\n', line);
    fclose(line);
    if (text != NULL)
        sys_print_error(text, len);
    free(text);
}

int message_error(const char *tried, const char *name, int result)
{
    print_message(tried, name, NO_OFFSET, err_words(result), err_name(result));
    return result;
}

void message_error_at(const char *tried, const char *name, uint64_t offset,
                      int result)
{
    print_message(tried, name, offset, err_words(result), err_name(result));
}

void message_refusal(const char *tried, const char *name, const char *why)
{
    print_message(tried, name, NO_OFFSET, why, NULL);
}

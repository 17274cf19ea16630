/* trace_command.h: the options --trace FILE and --trace-format of a program.
 * Introduced in phase 6. Needs: command.h, trace.h.
 *
 *     static struct trace_command trace = TRACE_COMMAND_DEFAULT;
 *     static const struct command_option options[] = {
 *         TRACE_COMMAND_OPTIONS(trace),
 *         {0},
 *     };
 *
 *     code = command_read(&command, argc, argv);
 *     if (code == COMMAND_GO_ON)
 *         code = trace_command_start(&trace, &command);
 *     if (code != COMMAND_GO_ON)
 *         return code;
 *     ...                                    the program makes its rings here
 *     code = trace_command_finish(&trace, &command, code);
 *
 * A program adds TRACE_COMMAND_HELP to its help text. */
#ifndef ONE_RING_TRACE_COMMAND_H
#define ONE_RING_TRACE_COMMAND_H

#include "command.h"
#include "trace.h"

struct trace_command {
    const char *path; /* borrowed from argv; NULL: no trace */
    unsigned format;  /* enum trace_format */
};

#define TRACE_COMMAND_DEFAULT {.format = TRACE_BY_NAME}

/* The values of --trace-format, in the order of enum trace_format. */
extern const char *const trace_command_formats[];

/* The rows for a program's table of options. */
#define TRACE_COMMAND_OPTIONS(trace)                                          \
    {.name = "trace", .text = &(trace).path},                                 \
    {.name = "trace-format",                                                  \
     .word = &(trace).format,                                                 \
     .words = trace_command_formats}

/* The lines of --help for TRACE_COMMAND_OPTIONS. */
#define TRACE_COMMAND_HELP                                                    \
    "  --trace FILE     write each SQE and CQE to FILE at the end: a Chrome\n" \
    "                   trace (.json), JSON lines (.jsonl), or text\n"        \
    "  --trace-format text|chrome|jsonl\n"                                    \
    "                   for a FILE with another name\n"

/* Starts the trace that the options request, and sets ring_hook.
 *
 * Returns COMMAND_GO_ON  the trace has started, or none was requested
 *         COMMAND_USAGE  the file cannot be opened, or --trace-format was given
 *                        without --trace; a message was printed */
int trace_command_start(const struct trace_command *trace,
                        const struct command *command);

/* Writes the trace. Call it when all rings are closed.
 *
 * Returns code            success, or there is no trace, or the program had
 *                         failed before
 *         COMMAND_FAILED  code is COMMAND_DONE, but the file could not be
 *                         written; a message was printed */
int trace_command_finish(const struct trace_command *trace,
                         const struct command *command, int code);

#endif

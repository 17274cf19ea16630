/* trace_command.c: the option --trace; see trace_command.h.
 * Introduced in phase 6. Needs: trace_command.h, err.h, ring.h, sys.h. */
#include "trace_command.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "ring.h"
#include "sys.h"

const char *const trace_command_formats[] = {
    [TRACE_TEXT] = "text",
    [TRACE_CHROME] = "chrome",
    [TRACE_JSON_LINES] = "jsonl",
    NULL,
};

int trace_command_start(const struct trace_command *trace,
                        const struct command *command)
{
    const struct trace_options options = {
        .path = trace->path,
        .format = (enum trace_format)trace->format,
    };
    int rc;

    if (trace->path == NULL && trace->format != TRACE_BY_NAME)
        return command_misuse(command, "--trace-format needs --trace FILE");
    if (trace->path == NULL)
        return COMMAND_GO_ON;
    rc = trace_start(&options);
    if (rc < 0)
        return command_misuse(command, "--trace %.200s: %s (%s)", trace->path,
                              err_words(rc), err_name(rc));
    ring_hook = trace_hook;
    return COMMAND_GO_ON;
}

int trace_command_finish(const struct trace_command *trace,
                         const struct command *command, int code)
{
    char line[512];
    int rc;

    ring_hook = NULL;
    rc = trace_finish();
    if (rc == 0)
        return code;
    (void)snprintf(line, sizeof line,
                   "%s: cannot write the trace to '%.200s': %s (%s)\n",
                   command->name, trace->path, err_words(rc), err_name(rc));
    sys_print_error(line, strlen(line));
    return code == COMMAND_DONE ? COMMAND_FAILED : code;
}

/* sandbox.h: what serve may still do when it reads its first request.
 *
 * What it teaches: a program knows what it needs. serve reads files below its
 * root, and runs fifteen kinds of operations. The kernel refuses all else, also
 * after a bug has let a stranger in.
 *
 *   Landlock      files only below a few directories
 *   the ring      only the operations in sandbox_rules
 *   no_new_privs  no set-user-id program gives it more rights
 *
 * A rule of Landlock belongs to a directory, and not to its name. Another
 * directory may take the root's name: a build makes it again, or a link is
 * turned to the next release (docroot.h). No rule can be added then. So there
 * is a rule for the directory that contains the root. There is none if that is
 * / or the user's home, or if the root's name is "." and cannot be replaced.
 * With --may-read DIR there are rules for the root and each DIR only. If serve
 * may not open the new root, it reports that, and serves the old one. */
#ifndef PHASE10_SANDBOX_H
#define PHASE10_SANDBOX_H

#include <stdbool.h>

#include "command.h"
#include "confine.h"
#include "docroot.h"
#include "ring_register.h"
#include "service.h"

#define SANDBOX_DIRS_MAX 8 /* for --may-read */

struct sandbox {
    bool is_off;                            /* --no-sandbox */
    const char *log_name;                   /* borrowed; a file that SIGHUP
                                               creates again; NULL: none */
    const char *may_read[SANDBOX_DIRS_MAX]; /* borrowed; sandbox_enter may
                                               add the root's parent */
    unsigned may_read_count;
    struct confined confined;               /* set by sandbox_enter */
};

/* The rows for a program's table of options. */
#define SANDBOX_OPTIONS(sandbox)                                              \
    {.name = "no-sandbox", .flag = &(sandbox).is_off},                        \
    {.name = "may-read", .text = (sandbox).may_read,                          \
     .count = &(sandbox).may_read_count, .max = SANDBOX_DIRS_MAX}

/* The operations that serve uses. */
extern const struct ring_rules sandbox_rules;

/* Confines the process, and sets root->is_confined. Call it when everything is
 * open except the listeners and the files below the root, and before there is a
 * ring or a thread. Does nothing with --no-sandbox.
 *
 * Returns COMMAND_GO_ON  success; what the kernel lacks is left out
 *         COMMAND_USAGE  a directory of --may-read cannot be opened; a message
 *                        was printed */
int sandbox_enter(struct sandbox *sandbox, struct docroot *root,
                  const struct service_options *service,
                  const struct command *command);

/* Prints a line on stderr: what is in force, what is missing, and why. ring is
 * one of the server's. */
void sandbox_print(const struct sandbox *sandbox, const struct docroot *root,
                   const struct ring *ring);

#endif

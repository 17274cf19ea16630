/* sandbox.h: takes rights away from serve before it reads its first request.
 *
 * What it teaches: a program knows its needs. serve reads files below its root,
 * and runs fifteen kinds of operations. The kernel refuses everything else,
 * even if an attacker has taken over serve through a bug.
 *
 *   Landlock      files only below a few directories
 *   the ring      only the operations in sandbox_rules
 *   no_new_privs  no set-user-id program gives it more rights
 *
 * A rule of Landlock belongs to a directory, and not to its name. Another
 * directory may get the root's name: a build makes the directory again, or the
 * name is a link that is changed to the next release (docroot.h). No rule can
 * be added then. So sandbox_enter adds a rule for the directory that contains
 * the root. It adds none if that directory is / or the user's home, or if the
 * root's name is ".", which cannot be replaced. With --may-read DIR, it adds
 * rules only for the root and each DIR. If serve may not open the new root, it
 * reports that, and serves the old one. */
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

/* Confines the process, and sets root->is_confined. Call it after everything is
 * open except the listeners and the files below the root, but before there is a
 * ring or a thread. Does nothing with --no-sandbox.
 *
 * Returns COMMAND_GO_ON  success; parts that the kernel lacks are omitted
 *         COMMAND_USAGE  a directory of --may-read cannot be opened; a message
 *                        was printed */
int sandbox_enter(struct sandbox *sandbox, struct docroot *root,
                  const struct service_options *service,
                  const struct command *command);

/* Prints a line on stderr: the parts in force, the parts that are missing, and
 * the reasons. ring is one of the server's. */
void sandbox_print(const struct sandbox *sandbox, const struct docroot *root,
                   const struct ring *ring);

#endif

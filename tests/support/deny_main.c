/* deny_main.c: runs a command that may not use io_uring.
 *
 *     deny --all EPERM -- build/phase0/envcheck       as under Docker
 *     deny --all ENOSYS -- build/phase0/envcheck      as under Podman
 *     deny --register EPERM -- build/phase2/batch FILE
 *
 * Each option takes an errno's name, or KILL. Exits with the command's exit
 * code, with 126 if it cannot install the filter, or with 127 if it cannot run
 * the command. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deny.h"
#include "err.h"

#define ERRNO_MAX 200

static const char usage[] =
    "usage: deny [--all|--setup|--enter|--register|--landlock ERRNO|KILL]...\n"
    "            -- COMMAND\n"
    "Runs COMMAND under a seccomp filter that refuses the calls of io_uring\n"
    "(--all: each of them), or of Landlock.\n";

/* Converts "EPERM" to EPERM, and "KILL" to DENY_KILL. Returns 0 if name is not
 * the name of an errno. */
static int number_of(const char *name)
{
    if (strcmp(name, "KILL") == 0)
        return DENY_KILL;
    for (int number = 1; number < ERRNO_MAX; number++)
        if (strcmp(err_name(-number), name) == 0)
            return number;
    return 0;
}

static int read_options(int argc, char **argv, struct deny *deny)
{
    static const struct option options[] = {
        {"all", required_argument, NULL, 'a'},
        {"setup", required_argument, NULL, 's'},
        {"enter", required_argument, NULL, 'e'},
        {"register", required_argument, NULL, 'r'},
        {"landlock", required_argument, NULL, 'l'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        int number = optarg != NULL ? number_of(optarg) : 0;

        if (number == 0)
            return -EINVAL;
        if (option == 'a' || option == 's')
            deny->setup = number;
        if (option == 'a' || option == 'e')
            deny->enter = number;
        if (option == 'a' || option == 'r')
            deny->reg = number;
        if (option == 'l')
            deny->landlock = number;
    }
    return optind < argc ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
    struct deny deny = {0};
    int result = read_options(argc, argv, &deny);

    if (result < 0) {
        fputs(usage, stderr);
        return 2;
    }
    result = deny_install(&deny);
    if (result < 0) {
        fprintf(stderr, "deny: cannot install a seccomp filter: %s (%s)\n",
                err_words(result), err_name(result));
        return 126;
    }
    execvp(argv[optind], argv + optind);
    fprintf(stderr, "deny: %s: %s\n", argv[optind], err_words(-errno));
    return 127;
}

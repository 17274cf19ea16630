/* lookup: resolves many names at a time without blocking the loop.
 *
 * Most network programs call getaddrinfo(3), and io_uring has no operation for
 * it. The call reads files, queries servers, and blocks its thread until the
 * answers arrive. Here each name has a task, and one of a few worker threads
 * makes the call for it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "threadpool.h"

/* The number of calls that can block at the same time. More threads would not
 * make a name server faster. */
#define WORKERS 4
#define NAMES_MAX 256

struct lookup {
    struct task task;
    const char *name; /* borrowed */
    int failure;      /* 0, or EAI_* from getaddrinfo */
    char address[INET6_ADDRSTRLEN];
};

static struct threadpool pool;
static struct lookup lookups[NAMES_MAX]; /* workers have pointers to them */

/* Runs in a worker thread. Accesses only its own struct lookup, because the
 * loop's thread runs at the same time. getnameinfo formats the first
 * address. */
static int lookup_resolve(void *arg)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct lookup *lookup = arg;
    struct addrinfo *list = NULL;

    lookup->failure = getaddrinfo(lookup->name, NULL, &hints, &list);
    if (lookup->failure != 0)
        return -ENOENT;
    if (getnameinfo(list->ai_addr, list->ai_addrlen, lookup->address,
                    sizeof lookup->address, NULL, 0, NI_NUMERICHOST) != 0)
        lookup->address[0] = '\0';
    freeaddrinfo(list);
    return 0;
}

/* Task body: looks up one name. The task is suspended until the worker thread
 * has finished. */
static int lookup_one(void *arg)
{
    return threadpool_await_call(&pool, lookup_resolve, arg);
}

/* Task body: looks up all names. arg is their array, which ends with NULL.
 * Tasks are cheap and threads are not, so each name has a task, and all tasks
 * share a few threads. Returns the exit code or -errno. */
static int lookup_all(void *arg)
{
    char **names = arg;
    int count = 0, code = 0, rc = threadpool_init(&pool, WORKERS);

    if (rc < 0)
        return rc;
    for (; names[count] != NULL; count++) {
        lookups[count].name = names[count];
        rc = task_spawn(&lookups[count].task, "lookup", lookup_one,
                        &lookups[count]);
        if (rc < 0)
            break;
    }
    /* Print the answers in the order of the names. task_join waits for an
     * answer that has not arrived. */
    for (int i = 0; i < count; i++) {
        if (task_join(&lookups[i].task) == 0) {
            printf("%s %s\n", lookups[i].name, lookups[i].address);
            continue;
        }
        fprintf(stderr, "lookup: cannot find '%s': %s\n", lookups[i].name,
                gai_strerror(lookups[i].failure));
        code = 1;
    }
    threadpool_await_finish(&pool);
    return rc < 0 ? rc : code;
}

int main(int argc, char **argv)
{
    struct command command = {
        .name = "lookup",
        .help =
            "NAME...\n"
            "Prints the first address of every NAME. Worker threads look the\n"
            "names up in parallel.\n"
            "  --help, --version\n"
            "exit: 0 all found, 1 some not found, 2 usage or environment\n",
        .operands_min = 1,
        .operands_max = NAMES_MAX,
    };
    struct loop loop;
    int rc = command_read(&command, argc, argv);

    if (rc != COMMAND_GO_ON)
        return rc;
    rc = loop_init(&loop, NULL);
    if (rc == 0) {
        rc = loop_run(&loop, lookup_all, command.operands);
        loop_finish(&loop);
    }
    if (rc < 0) {
        fprintf(stderr, "lookup: cannot start: %s (%s)\n", err_words(rc),
                err_name(rc));
        return 2;
    }
    return command_finish(&command, rc);
}

/* chaos.c: http-chaos, which changes files while clients of every kind ask for
 * them, and checks each answer.
 *
 * phase10/torture.sh runs it against serve. There are three kinds of chaos:
 *
 *     files  one process changes files (chaos.h), the others are clients; some
 *            of them are stopped and continued, or killed
 *     links  one process swaps links that lead out of the root with files and
 *            directories inside of it; the others ask for them
 *     stop   files do not change; --pid gets SIGTERM at some moment, and the
 *            clients go on until they are refused
 *
 * The root belongs to this program: it makes the files before it starts. */
#include "chaos.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define CLIENTS_MAX 256u

enum what { FILES, LINKS, STOP };
static const char *const what_words[] = {"files", "links", "stop", NULL};

struct chaos *chaos;
double chaos_end_s;
char chaos_bytes[CHAOS_LEN_MAX];

static unsigned port, seconds = 10, clients = 12, seed = 1, what, pid;
static const char *root;
static uint64_t random_state;

double chaos_now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void chaos_seed(unsigned number)
{
    random_state = (seed + number) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

unsigned chaos_random(unsigned limit) /* xorshift64 */
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % limit;
}

void chaos_report(const char *format, ...)
{
    va_list list;
    char line[512];
    int len;

    va_start(list, format);
    len = vsnprintf(line, sizeof line - 1, format, list);
    va_end(list);
    line[len] = '\n';
    if (atomic_fetch_add(&chaos->failures, 1) < 20 &&
        write(2, line, (size_t)len + 1) < 0)
        exit(COMMAND_FAILED);
}

static void run_client(void)
{
    if (what == FILES)
        chaos_run_client(port);
    else if (what == LINKS)
        chaos_follow_links(port);
    else
        chaos_outlive_server(port);
}

/* Starts a client, or if number is 0, the process that changes files. */
static pid_t start(unsigned number)
{
    pid_t child = fork();

    if (child != 0)
        return child;
    chaos_seed(number);
    if (number > 0)
        run_client();
    else if (what == FILES)
        chaos_change_files();
    else if (what == LINKS)
        chaos_swap_links();
    exit(COMMAND_DONE);
}

/* Stops clients for a while, as a suspended laptop does, or kills them. */
static void disturb_clients(pid_t *pids)
{
    for (unsigned number = clients + 1; chaos_now_s() < chaos_end_s; number++) {
        pid_t *client = &pids[1 + chaos_random(clients)];

        kill(*client, SIGSTOP);
        poll(NULL, 0, (int)chaos_random(300));
        if (chaos_random(8) == 0) {
            kill(*client, SIGKILL);
            waitpid(*client, NULL, 0);
            *client = start(number);
        }
        kill(*client, SIGCONT);
        poll(NULL, 0, (int)chaos_random(300));
    }
}

/* Sends SIGTERM when the clients have some answers. */
static void stop_server(void)
{
    const unsigned long answers = 1 + chaos_random(1000);

    while (atomic_load(&chaos->answers) < answers &&
           chaos_now_s() < chaos_end_s)
        poll(NULL, 0, 1);
    if (kill((pid_t)pid, SIGTERM) < 0)
        chaos_report("process %u does not exist", pid);
}

static void run(void)
{
    pid_t pids[1 + CLIENTS_MAX];
    int status;

    if (what == LINKS)
        chaos_make_links();
    else
        chaos_make_files();
    chaos_end_s = chaos_now_s() + seconds;
    chaos_seed(1000);
    for (unsigned i = 0; i <= clients; i++)
        pids[i] = start(i);
    if (what == FILES)
        disturb_clients(pids);
    else if (what == STOP)
        stop_server();
    while (wait(&status) > 0)
        if (status != 0)
            chaos_report("a process ended with status %d", status);
}

static const char help[] =
    "--port N --root DIR [options]\n"
    "Changes the files of DIR, the root of the server at 127.0.0.1, while\n"
    "good and bad clients request them.\n\n"
    "  --what WORD    files: they change all the time; links: they are\n"
    "                 swapped with links that leave DIR; stop: the server\n"
    "                 gets SIGTERM at some moment (files)\n"
    "  --pid PID      for stop: the server's process\n"
    "  --clients N    processes (12)\n"
    "  --seed N       the start of their random choices (1)\n"
    "  --seconds N    how long they run (10)\n"
    "  --help, --version\n";

static const struct command_option options[] = {
    {.name = "port", .number = &port, .min = 1, .max = 65535},
    {.name = "root", .text = &root},
    {.name = "what", .word = &what, .words = what_words},
    {.name = "pid", .number = &pid, .min = 1, .max = 1 << 22},
    {.name = "seconds", .number = &seconds, .min = 1, .max = 86400},
    {.name = "clients", .number = &clients, .min = 1, .max = CLIENTS_MAX},
    {.name = "seed", .number = &seed, .max = 1u << 30},
    {0},
};

int main(int argc, char **argv)
{
    struct command command = {
        .name = "http-chaos", .help = help, .options = options};
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    if (port == 0 || root == NULL || chdir(root) < 0)
        return command_misuse(&command, "it needs --port, and --root DIR");
    if (what == STOP && pid == 0)
        return command_misuse(&command, "--what stop needs --pid");
    chaos = mmap(NULL, sizeof *chaos, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (chaos == MAP_FAILED)
        return COMMAND_FAILED;
    run();
    printf("%lu answers, %lu of files that did not change, %lu of files that "
           "were gone, %lu cut; %lu changes; %lu failures\n",
           chaos->answers, chaos->still, chaos->gone, chaos->cut,
           chaos->changes, chaos->failures);
    return command_finish(&command, chaos->failures > 0 ? COMMAND_FAILED
                                                        : COMMAND_DONE);
}

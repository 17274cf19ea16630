/* adversary.c: attacks a TCP or HTTP server, and tells whether it survived.
 *
 * adversary makes the attacks of attacks.c one after the other. During each of
 * them a live peer behaves well (witness.h), and must be answered in time. The
 * server may be any program: an echo server for --tcp, a static web server for
 * --http. See docs/adversary.md. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attacks.h"
#include "command.h"
#include "attack_report.h"

#define NAMES_MAX 32
#define START_MS 30000  /* for the server to start, and to answer at all */
#define END_MS 2000 /* for a server that is ending */
#define SETTLE_TIMES 5 /* see attack_wait_ms */

static const char *tcp, *http, *large; /* borrowed: argv's, as are the names */
static const char *names[NAMES_MAX];
static unsigned name_count, pid;
static bool is_json, lists, goes_anywhere;
static unsigned signal_index;
static const char *const signal_words[] = {"TERM", "INT", "QUIT", NULL};
static const int signal_numbers[] = {SIGTERM, SIGINT, SIGQUIT};

static struct run run = {.peers_max = 5000, .seconds = 10, .bound_ms = 1000};

static const char help[] =
    "--tcp HOST:PORT | --http HOST:PORT[/PATH] [options] [-- COMMAND...]\n"
    "Attacks a server, and prints for each attack whether it survived.\n\n"
    "  --tcp HOST:PORT  an echo server\n"
    "  --http HOST:PORT[/PATH]\n"
    "                   a static web server; PATH is a file that does not\n"
    "                   change, of 64 KiB for example (/)\n"
    "  --large PATH     a file of 8 MiB for example, for the attacks that\n"
    "                   need an answer that is under way (the first PATH)\n"
    "  --pid PID        the server's process: its fds, memory and CPU time\n"
    "                   are checked, and the attacks that need it are made\n"
    "  --attack NAME    only this attack; may be repeated (all)\n"
    "  --list           print the attacks\n"
    "  --peers N        at most so many peers per attack (5000)\n"
    "  --seconds N      the attacks that last take so long (10)\n"
    "  --bound-ms N     the longest wait of the live peer (1000)\n"
    "  --stop NAME      the signal of sigterm: TERM, INT, QUIT (TERM)\n"
    "  --anywhere       an address that is not of this machine\n"
    "  --json           print JSON\n"
    "  --help, --version\n\n"
    "COMMAND starts the server. In its words, {port} is replaced. With port 0\n"
    "adversary reads the port from the server's line \"listening on\".\n\n"
    "Exit code: 0 survived, 1 not survived, 2 usage or environment.\n";

static const struct command_option options[] = {
    {.name = "tcp", .text = &tcp},
    {.name = "http", .text = &http},
    {.name = "large", .text = &large},
    {.name = "pid", .number = &pid, .min = 1, .max = 1 << 22},
    {.name = "attack", .text = names, .count = &name_count, .max = NAMES_MAX},
    {.name = "list", .flag = &lists},
    {.name = "peers", .number = &run.peers_max, .min = 4, .max = 60000},
    {.name = "seconds", .number = &run.seconds, .min = 1, .max = 3600},
    {.name = "bound-ms", .number = &run.bound_ms, .min = 1, .max = 600000},
    {.name = "stop", .word = &signal_index, .words = signal_words},
    {.name = "anywhere", .flag = &goes_anywhere},
    {.name = "json", .flag = &is_json},
    {0},
};

/* Checks the options that depend on others. Returns COMMAND_GO_ON or
 * COMMAND_USAGE. */
static int read_target(const struct command *command)
{
    const char *text = http != NULL ? http : tcp, *why;

    if ((tcp == NULL) == (http == NULL))
        return command_misuse(command, "it takes --tcp or --http");
    for (unsigned i = 0; i < name_count; i++) {
        const struct attack *attack = attacks;

        while (attack->name != NULL && strcmp(attack->name, names[i]) != 0)
            attack++;
        if (attack->name == NULL)
            return command_misuse(command, "--attack %.64s: no such attack, "
                                  "see --list", names[i]);
    }
    run.target.is_http = http != NULL;
    why = target_parse(&run.target, text);
    if (why != NULL)
        return command_misuse(command, "%.200s: %s", text, why);
    if (!goes_anywhere && !target_is_loopback(&run.target))
        return command_misuse(command, "%.200s is not an address of this "
                              "machine; if the server is yours, add --anywhere",
                              text);
    if (pid != 0 && command->operand_count > 0)
        return command_misuse(command, "--pid and a command: it takes one");
    if (target_port(&run.target) == 0 && command->operand_count == 0)
        return command_misuse(command, "port 0 needs a command");
    run.victim.pid = (pid_t)pid;
    run.victim.out = -1;
    run.victim.command = command->operand_count > 0 ? command->operands : NULL;
    run.stop_signal = signal_numbers[signal_index];
    return COMMAND_GO_ON;
}

/* Prepares this process: it needs an fd for each peer. The server gets the
 * limit as it was. */
static void prepare(void)
{
    struct rlimit files;

    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return;
    run.victim.files_max = (unsigned)files.rlim_cur;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* Asks the server once. Returns false after a message. */
static bool learn(struct target *target)
{
    char text[TALK_FAULT_LEN];

    if (!witness_learn(target, START_MS, text)) {
        fprintf(stderr, "adversary: the server at %s does not work before the "
                "first attack: a peer %s\n", target->where, text);
        return false;
    }
    if (target->is_http && target->status != 200) {
        fprintf(stderr, "adversary: the server at %s answers '%.*s' with %d, "
                "not with 200\n", target->where,
                (int)strcspn(target->request, "\r"), target->request,
                target->status);
        return false;
    }
    return true;
}

/* Starts the server if adversary is to start it. Then asks it once: a server
 * that does not work is not worth an attack. Returns false after a message. */
static bool begin(void)
{
    const char *why;

    if (run.victim.command != NULL && run.victim.pid == 0) {
        why = victim_start(&run.victim, &run.target, START_MS);
        if (why != NULL) {
            fprintf(stderr, "adversary: %s: %s\n", run.victim.command[0], why);
            return false;
        }
    }
    if (run.victim.pid != 0 && victim_look(&run.victim).fds < 0) {
        fprintf(stderr, "adversary: --pid %d: no such process, or not yours\n",
                (int)run.victim.pid);
        return false;
    }
    if (!learn(&run.target))
        return false;
    if (!run.target.is_http)
        return true;
    run.large = run.target;
    run.large.body = NULL;
    if (large != NULL)
        target_set_path(&run.large, large);
    return learn(&run.large);
}

/* Waits until the server has closed what the attack has left. */
static void settle(void)
{
    const int fds_max = run.before.fds + ATTACK_FDS_SLACK;
    const long peak_kib = run.after.rss_kib;
    const unsigned limit_ms = attack_wait_ms(&run, SETTLE_TIMES);

    run.after = victim_settle(&run.victim, fds_max, limit_ms);
    if (run.after.fds > fds_max)
        attack_fail(&run, "it leaks fds: %d were open before, %d are %u ms "
                    "after the attack", run.before.fds, run.after.fds,
                    limit_ms);
    if (peak_kib > run.after.rss_kib)
        run.after.rss_kib = peak_kib;
}

/* Checks that the server is there and answers. */
static void check_alive(const struct attack *attack)
{
    char text[TALK_FAULT_LEN], end[64];

    if (victim_is_alive(&run.victim) &&
        witness_ask_once(&run.target, attack_wait_ms(&run, SETTLE_TIMES), text))
        return;
    /* A server that has closed its sockets may not have ended yet. */
    if (!victim_wait(&run.victim, END_MS)) {
        attack_fail(&run, "after the attack, a peer %s", text);
        return;
    }
    victim_describe_end(&run.victim, end);
    if (attack->needs != NEEDS_COMMAND)
        run.fault[0] = '\0'; /* what peers saw is only a consequence */
    attack_fail(&run, "the server ended: %s", end);
}

/* Makes an attack with the witness. */
static void make_with_witness(const struct attack *attack)
{
    if (!witness_start(&run.witness)) {
        attack_fail(&run, "adversary cannot start a thread");
        return;
    }
    attack->run(&run);
    witness_stop(&run.witness);
    if (run.witness.fault[0] != '\0')
        attack_fail(&run, "%s", run.witness.fault);
}

/* Makes an attack, and reports it. Returns true if the server survived. */
static bool make(const struct attack *attack)
{
    uint64_t start_ms = target_now_ms();

    run.fault[0] = run.note[0] = '\0';
    run.peers = 0;
    run.settles = true;
    run.before = victim_look(&run.victim);
    run.after = (struct figures){-1, -1, -1};
    run.witness.target = &run.target;
    run.witness.bound_ms = run.bound_ms;
    run.witness.asks_anew = true;
    run.witness.takes_refusals = false;
    if (attack->prepare != NULL)
        attack->prepare(&run);
    if (attack->is_quiet)
        attack->run(&run);
    else
        make_with_witness(attack);
    if (attack->run != attack_sigterm)
        check_alive(attack);
    if (run.settles && victim_is_alive(&run.victim))
        settle();
    if (attack->restore != NULL)
        attack->restore(&run);
    report_attack(&run, attack, (unsigned)(target_now_ms() - start_ms),
                  is_json);
    return run.fault[0] == '\0';
}

static bool is_chosen(const struct attack *attack)
{
    for (unsigned i = 0; i < name_count; i++)
        if (strcmp(names[i], attack->name) == 0)
            return true;
    return name_count == 0;
}

/* Returns NULL if the attack can be made, or the reason why it cannot. Starts
 * a server again that has ended. */
static const char *why_not(const struct attack *attack)
{
    if (attack->needs == NEEDS_PID && run.victim.pid == 0)
        return "needs --pid, or a command";
    if (attack->needs == NEEDS_COMMAND && run.victim.command == NULL)
        return "needs a command, to start the server again";
    if (victim_is_alive(&run.victim))
        return NULL;
    if (run.victim.command == NULL)
        return "the server has ended";
    return victim_start(&run.victim, &run.target, START_MS);
}

static int make_all(void)
{
    int code = COMMAND_DONE;

    report_begin(is_json);
    for (const struct attack *attack = attacks; attack->name != NULL;
         attack++) {
        const char *why = is_chosen(attack) ? why_not(attack) : NULL;

        if (!is_chosen(attack))
            continue;
        if (why != NULL)
            report_skipped(attack, why, is_json);
        else if (!make(attack))
            code = COMMAND_FAILED;
    }
    report_end(is_json);
    return code;
}

int main(int argc, char **argv)
{
    struct command command = {
        .name = "adversary",
        .help = help,
        .options = options,
        .operands_max = COMMAND_ANY,
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    if (lists) {
        report_list();
        return command_finish(&command, COMMAND_DONE);
    }
    code = read_target(&command);
    if (code != COMMAND_GO_ON)
        return code;
    prepare();
    code = begin() ? make_all() : COMMAND_USAGE;
    victim_finish(&run.victim);
    free(run.target.body);
    free(run.large.body);
    return command_finish(&command, code);
}

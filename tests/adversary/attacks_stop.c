/* attacks_stop.c: attacks that stop or end the server; see attacks.h. */
#include <signal.h>
#include <stdio.h>

#include "attacks.h"

#define STOPS 3
#define STOPPED_MS 300
#define ANSWER_MS 10000
#define EXIT_TIMES 15 /* see attack_wait_ms; servers drain for a while */
#define LARGE ((uint64_t)4 << 20)
#define START_MS 30000

void attack_stop_cont(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 50),
        .send_max = 2 * run->target.message_len,
        .send_len = (uint32_t)run->target.message_len,
        .send_gap_ms = STOPPED_MS / 2,
        .quit_at = CROWD_NEVER,
        .end = END_CLOSES,
    };
    struct crowd crowd;

    /* Without a peer: the server's wait for events ends with EINTR. */
    (void)victim_wait(&run->victim, STOPPED_MS / 3);
    kill(run->victim.pid, SIGSTOP);
    (void)victim_wait(&run->victim, STOPPED_MS / 3);
    kill(run->victim.pid, SIGCONT);
    (void)victim_wait(&run->victim, STOPPED_MS / 3);
    for (int i = 0; i < STOPS && run->fault[0] == '\0'; i++) {
        kill(run->victim.pid, SIGSTOP);
        if (!attack_open(run, &crowd, &plan))
            break;
        (void)crowd_run(&crowd, STOPPED_MS, NULL);
        kill(run->victim.pid, SIGCONT);
        (void)crowd_run(&crowd, ANSWER_MS, crowd_is_answered);
        if (crowd.counts.wrong == 0 &&
            crowd.counts.complete < crowd.counts.opened)
            attack_fail(run, "%u of %u peers were not answered after SIGCONT",
                        crowd.counts.opened - crowd.counts.complete,
                        crowd.counts.opened);
        attack_close(run, &crowd);
    }
    kill(run->victim.pid, SIGCONT);
}

/* The kernel closes the connections of a killed server first, so they stay in
 * TIME_WAIT on its port. */
void attack_restart(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 50),
        .send_max = run->target.message_len,
        .quit_at = CROWD_NEVER,
    };
    char text[TALK_FAULT_LEN];
    uint64_t start_ms;
    const char *why;
    struct crowd crowd;

    run->settles = false; /* it is another process */
    if (!attack_open(run, &crowd, &plan))
        return;
    (void)crowd_run(&crowd, ANSWER_MS, crowd_is_answered);
    kill(run->victim.pid, SIGKILL);
    (void)victim_wait(&run->victim, START_MS);
    start_ms = target_now_ms();
    why = victim_start(&run->victim, &run->target, START_MS);
    if (why != NULL)
        attack_fail(run, "it did not start again on its port: %s", why);
    else if (!witness_ask_once(&run->target, START_MS, text))
        attack_fail(run, "after its start on the same port, a peer %s", text);
    snprintf(run->note, sizeof run->note, "started in %u ms",
             (unsigned)(target_now_ms() - start_ms));
    attack_close(run, &crowd);
}

/* Judges the peers of one kind after the signal. */
static void judge(struct run *run, const struct crowd *crowd,
                  const char *where)
{
    const struct counts *counts = &crowd->counts;

    if (counts->wrong == 0 && counts->complete < counts->opened)
        attack_fail(run, "of %u requests %s, it answered %u, cut %u, reset %u "
                    "and left %u open", counts->opened, where,
                    counts->complete, counts->cut, counts->refused,
                    crowd->open);
}

/* Stops the server first, so that the kernel holds the second crowd in the
 * backlog when the server gets the signal. */
static void end_server(struct run *run, struct crowd *in_flight,
                       struct crowd *waiting)
{
    char text[64];

    (void)crowd_run(in_flight, ANSWER_MS, crowd_has_begun);
    kill(run->victim.pid, SIGSTOP);
    (void)crowd_run(waiting, STOPPED_MS, NULL);
    kill(run->victim.pid, run->stop_signal);
    kill(run->victim.pid, SIGCONT);
    for (uint64_t end_ms = target_now_ms() + attack_wait_ms(run, EXIT_TIMES);
         target_now_ms() < end_ms &&
         (!crowd_is_over(in_flight) || !crowd_is_over(waiting));) {
        (void)crowd_run(in_flight, 5, NULL);
        (void)crowd_run(waiting, 5, NULL);
    }
    judge(run, in_flight, "in flight");
    judge(run, waiting, "in the backlog");
    if (!victim_wait(&run->victim, attack_wait_ms(run, EXIT_TIMES))) {
        attack_fail(run, "it had not ended %u ms after the signal",
                    attack_wait_ms(run, EXIT_TIMES));
    } else if (run->victim.command != NULL && run->victim.status != 0) {
        victim_describe_end(&run->victim, text);
        attack_fail(run, "it ended with %s, not with exit code 0", text);
    }
}

/* An echo ends when its peer ends it. A web server may take a peer that shuts
 * its sending side for one that has left (nginx), which half-close tests. */
void attack_sigterm(struct run *run)
{
    const enum crowd_end end = run->target.is_http ? END_CLOSES : END_SHUTS;
    const struct plan in_flight = {
        .peers = attack_count(run, 16),
        .send_max = run->target.is_http ? run->large.message_len : LARGE,
        .read_len = 8192,
        .read_gap_ms = 1,
        .receive_len = 8192,
        .quit_at = CROWD_NEVER,
        .end = end,
    };
    const struct plan waiting = {
        .peers = attack_count(run, 16),
        .send_max = run->target.message_len,
        .quit_at = CROWD_NEVER,
        .end = end,
    };
    struct crowd first, second;

    run->settles = false;
    if (!attack_open_large(run, &first, &in_flight))
        return;
    if (attack_open(run, &second, &waiting)) {
        end_server(run, &first, &second);
        attack_close(run, &second);
    }
    attack_close(run, &first);
}

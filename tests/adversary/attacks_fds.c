/* attacks_fds.c: the server runs out of fds; see attacks.h.
 *
 * If adversary started the server, it starts it again with a low limit of open
 * files, so that the server can adapt its own limits. Otherwise it lowers the
 * soft limit of the running server, which the owner of a process may do. So the
 * attack needs few peers. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "attacks.h"

#define PEERS 200
#define SETTLE_MS 500
#define BUSY_MAX 50    /* percent of the time, without fds */
#define REST_MS 100    /* between two questions of the witness */
#define LIMIT_MS 60000
#define START_MS 30000
#define SPARE_FDS 24   /* that a server may need besides its connections */

/* Sets the limit of the server's open files to count; 0: as it was. Returns
 * false after a failure. */
static bool set_limit(struct run *run, unsigned count)
{
    static struct rlimit limits;
    struct victim *victim = &run->victim;
    struct rlimit lower;
    const unsigned files_max = victim->files_max;
    const char *why;

    if (victim->command == NULL) {
        if (count > 0 &&
            prlimit(victim->pid, RLIMIT_NOFILE, NULL, &limits) < 0)
            return false;
        lower = limits;
        lower.rlim_cur = count > 0 ? count : limits.rlim_cur;
        return prlimit(victim->pid, RLIMIT_NOFILE, &lower, NULL) == 0;
    }
    victim_finish(victim);
    victim->is_limited = count > 0;
    victim->files_max = count > 0 ? count : files_max;
    why = victim_start(victim, &run->target, START_MS);
    victim->is_limited = false;
    victim->files_max = files_max;
    return why == NULL;
}

/* Measures how busy the server is while no fd is free. */
static void check_spin(struct run *run, struct crowd *crowd)
{
    long before_ms, percent;
    uint64_t start_ms;

    (void)crowd_run(crowd, SETTLE_MS, NULL);
    run->witness.rest_ms = REST_MS;
    before_ms = victim_look(&run->victim).busy_ms;
    start_ms = target_now_ms();
    (void)crowd_run(crowd, run->seconds * 1000, NULL);
    percent = (victim_look(&run->victim).busy_ms - before_ms) * 100 /
              (long)(target_now_ms() - start_ms);
    if (percent > BUSY_MAX)
        attack_fail(run, "it spins: without a free fd it is busy for %ld %% of "
                    "the time", percent);
    snprintf(run->note, sizeof run->note, "%ld %% busy", percent);
}

/* Lets the peers that are answered leave, and waits until each of the others
 * has been answered with an fd that came free. */
static void check_answers(struct run *run, struct crowd *crowd)
{
    struct counts *counts = &crowd->counts;
    unsigned files;

    crowd_set_end(crowd, END_CLOSES);
    (void)crowd_run(crowd, LIMIT_MS, crowd_is_over);
    if (crowd->open > 0)
        attack_fail(run, "it forgot %u of %u clients: they were not answered, "
                    "although fds came free", crowd->open, counts->opened);
    files = counts->complete - (unsigned)crowd_refusals(crowd);
    snprintf(run->note + strlen(run->note),
             sizeof run->note - strlen(run->note), ", %u of %u served", files,
             counts->opened);
    if (run->victim.command != NULL && files < counts->opened / 2)
        attack_fail(run, "it served only %u of %u clients, refused %u, and cut "
                    "%u", files, counts->opened,
                    (unsigned)crowd_refusals(crowd) + counts->refused,
                    counts->cut);
}

void attack_lower_limit(struct run *run)
{
    const unsigned peers = attack_count(run, PEERS);

    if (!set_limit(run, (unsigned)run->before.fds + SPARE_FDS + peers / 4))
        attack_fail(run, "adversary cannot lower the limit of its open files");
    run->witness.asks_anew = false; /* a new peer may wait for an fd */
    run->witness.takes_refusals = run->victim.command == NULL;
}

void attack_restore_limit(struct run *run)
{
    if (!set_limit(run, 0))
        attack_fail(run, "it does not start again");
}

void attack_fd_exhaustion(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, PEERS),
        .send_max = run->target.message_len,
        .quit_at = CROWD_NEVER,
    };
    struct crowd crowd;

    if (run->fault[0] != '\0' || !attack_open(run, &crowd, &plan))
        return;
    check_spin(run, &crowd);
    check_answers(run, &crowd);
    attack_close(run, &crowd);
}

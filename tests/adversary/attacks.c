/* attacks.c: the attacks that are a plan and a check; see attacks.h. */
#include "attacks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define LIMIT_MS 60000      /* for peers to be answered */
#define SLICE_MS 50         /* between two looks at the server's memory */
#define STALL_TIMES 5       /* see attack_wait_ms */
#define SETTLE_TIMES 2
#define LARGE (4 * MIB)
#define REQUESTS_MAX 50     /* per connection; some servers end it after 100 */
#define STORM_RSS_KIB 8192  /* that a server may grow in a second storm */
#define HOARD_RSS_KIB 1024  /* for each peer that does not read ... */
#define HOARD_SLACK_KIB 16384 /* ... and for all of them */

void attack_fail(struct run *run, const char *format, ...)
{
    size_t len = strlen(run->fault);
    va_list values;

    if (len > 0)
        len += (size_t)snprintf(run->fault + len, sizeof run->fault - len,
                                "; ");
    if (len >= sizeof run->fault)
        return;
    va_start(values, format);
    vsnprintf(run->fault + len, sizeof run->fault - len, format, values);
    va_end(values);
}

unsigned attack_count(const struct run *run, unsigned count)
{
    return count < run->peers_max ? count : run->peers_max;
}

static bool open_at(struct run *run, const struct target *target,
                    struct crowd *crowd, const struct plan *plan)
{
    if (crowd_open(crowd, target, plan)) {
        crowd->stall_ms = attack_wait_ms(run, STALL_TIMES);
        return true;
    }
    attack_fail(run, "adversary has no memory or no fd for its peers");
    return false;
}

bool attack_open(struct run *run, struct crowd *crowd, const struct plan *plan)
{
    return open_at(run, &run->target, crowd, plan);
}

bool attack_open_large(struct run *run, struct crowd *crowd,
                       const struct plan *plan)
{
    return open_at(run, run->target.is_http ? &run->large : &run->target,
                   crowd, plan);
}

void attack_close(struct run *run, struct crowd *crowd)
{
    crowd_close(crowd);
    run->peers += crowd->counts.opened;
    if (crowd->counts.wrong > 0)
        attack_fail(run, "%s", crowd->fault);
    if (crowd->counts.limited)
        snprintf(run->note, sizeof run->note,
                 "adversary had fds for %u peers only", crowd->counts.opened);
}

/* Fails the attack. Shows how far the first such peer came. */
static void fail_unanswered(struct run *run, const struct crowd *crowd,
                            const char *what)
{
    const struct counts *counts = &crowd->counts;
    const struct peer *peer = crowd->peers;

    while (peer < crowd->peers + crowd->plan.peers - 1 &&
           (peer->state != PEER_OPEN || peer->is_complete))
        peer++;
    attack_fail(run, "%u of %u connections %s were not answered; bytes are "
                "missing: peer %u sent %llu and received %llu",
                counts->opened - counts->complete, counts->opened, what,
                peer->talk.id, (unsigned long long)peer->talk.sent,
                (unsigned long long)peer->talk.received);
}

/* Runs a crowd until each peer is answered, or has ended, and closes it. Fails
 * the attack if a peer was not answered: what is how the peers behaved. */
static void judge_answers(struct run *run, struct crowd *crowd,
                          const char *what)
{
    const struct counts *counts = &crowd->counts;
    unsigned bad;

    (void)crowd_run(crowd, LIMIT_MS, crowd_is_answered);
    bad = counts->cut + counts->refused;
    if (counts->wrong > 0)
        ; /* attack_close has the reason */
    else if (bad > 0)
        attack_fail(run, "%u of %u connections %s ended before their answer",
                    bad, counts->opened, what);
    else if (counts->complete < counts->opened)
        fail_unanswered(run, crowd, what);
    else if (crowd_refusals(crowd) > 0)
        attack_fail(run, "%llu answers to connections %s have another status "
                    "than the first answer",
                    (unsigned long long)crowd_refusals(crowd), what);
    attack_close(run, crowd);
}

/* Returns how many bytes a peer sends for answers of about LARGE bytes. The
 * kernel's buffers hold less: so the server has to keep the rest. */
static uint64_t send_large(const struct run *run)
{
    const struct target *large = &run->large;
    uint64_t count = LARGE / (large->body_len + 1) + 1;

    if (!run->target.is_http)
        return LARGE;
    return (count < REQUESTS_MAX ? count : REQUESTS_MAX) * large->message_len;
}

/* The streams of an echo differ in length: so the end of the input finds the
 * server's queue in different states. */
static void vary_len(struct peer *peer, unsigned index)
{
    if (!peer->talk.target->is_http)
        peer->send_max += index * 64 * KIB;
}

static void attack_slow_reader(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 16),
        .send_max = send_large(run),
        .reads_late = true,
        .read_len = 8192,
        .read_gap_ms = 1,
        .receive_len = 8192,
        .quit_at = CROWD_NEVER,
        .end = END_CLOSES,
        .vary = vary_len,
    };
    struct crowd crowd;

    if (attack_open_large(run, &crowd, &plan))
        judge_answers(run, &crowd, "that read slowly");
}

static void attack_half_close(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 16),
        .send_max = send_large(run),
        .reads_late = true,
        .read_len = 8192,
        .read_gap_ms = 1,
        .receive_len = 8192,
        .quit_at = CROWD_NEVER,
        .end = END_SHUTS,
        .vary = vary_len,
    };
    struct crowd crowd;

    if (!attack_open_large(run, &crowd, &plan))
        return;
    if (!crowd_run(&crowd, LIMIT_MS, crowd_is_over))
        attack_fail(run, "%u connections are open although their peers shut "
                    "the sending side", crowd.open);
    if (crowd.counts.wrong == 0 &&
        crowd.counts.cut + crowd.counts.refused > 0)
        attack_fail(run, "%u of %u peers that shut the sending side lost the "
                    "tail of their answer",
                    crowd.counts.cut + crowd.counts.refused,
                    crowd.counts.opened);
    attack_close(run, &crowd);
}

static bool is_hoarding(struct run *run, unsigned peers)
{
    run->after = victim_look(&run->victim);
    return run->after.rss_kib - run->before.rss_kib >
           HOARD_SLACK_KIB + HOARD_RSS_KIB * (long)peers;
}

/* Lets the crowd send for a while. Returns true if the server sleeps then, and
 * has taken nothing more. */
static bool is_blocked(const struct run *run, struct crowd *crowd)
{
    if (!crowd_run(crowd, SLICE_MS, crowd_is_blocked))
        return false;
    (void)crowd_run(crowd, SLICE_MS, NULL);
    return victim_sleeps(&run->victim) &&
           crowd_run(crowd, SLICE_MS, crowd_is_blocked);
}

/* Offers each peer's bytes until the server takes no more, and then waits. Ends
 * early if the server's memory grows beyond the bound. */
static void attack_never_reader(struct run *run)
{
    const unsigned peers = attack_count(run, 260);
    const uint64_t least = 128 * MIB / peers, offer =
        run->victim.pid != 0 ? 64 * MIB : least > 4 * MIB ? least : 4 * MIB;
    const struct plan plan = {
        .peers = peers,
        .send_max = run->target.is_http ? offer / 64 : offer,
        .never_reads = true,
        .receive_len = 4096,
    };
    const uint64_t end_ms = target_now_ms() + LIMIT_MS;
    struct crowd crowd;
    bool hoards = false;

    if (!attack_open(run, &crowd, &plan))
        return;
    while (!hoards && target_now_ms() < end_ms && !is_blocked(run, &crowd))
        hoards = is_hoarding(run, peers);
    if (!hoards)
        (void)crowd_run(&crowd, run->seconds * 1000, NULL);
    if (hoards || is_hoarding(run, peers))
        attack_fail(run, "it hoards: its memory grew by %ld MiB for %u peers "
                    "that do not read",
                    (run->after.rss_kib - run->before.rss_kib) / 1024, peers);
    crowd_leave(&crowd, true);
    if (!run->target.is_http && offer >= 16 * MIB &&
        crowd.counts.sent == offer * peers)
        attack_fail(run, "it hoards: it took %llu MiB from each peer that does "
                    "not read", (unsigned long long)(offer / MIB));
    attack_close(run, &crowd);
}

/* A quarter each resets at once, resets after the first message, and resets
 * with answers on their way. The last quarter shuts the sending side before:
 * then the error at the server is EPIPE, and not ECONNRESET. */
static void vary_reset(struct peer *peer, unsigned index)
{
    const struct target *target = peer->talk.target;
    const uint64_t len = target->message_len;

    peer->send_max = index % 4 == 0   ? 0
                     : index % 4 == 1 ? len
                     : index % 4 == 2 || target->is_http
                         ? 20 * len
                         : 256 * KIB;
    peer->quit_at = index % 4 >= 2;
    peer->shuts = index % 4 == 3;
}

/* Makes a storm twice. A server may grow in the first: its pools are used for
 * the first time. If it grows in the second, each connection costs memory. */
static void storm(struct run *run, const struct plan *plan)
{
    long first_kib = 0, growth_kib;

    for (int i = 0; i < 2 && run->fault[0] == '\0'; i++) {
        struct crowd crowd;

        first_kib = run->after.rss_kib;
        if (!attack_open(run, &crowd, plan))
            return;
        if (!crowd_run(&crowd, LIMIT_MS, crowd_is_over))
            attack_fail(run, "%u connections were neither accepted nor "
                        "answered", crowd.open);
        if (plan->end == END_CLOSES && crowd.counts.wrong == 0 &&
            crowd.counts.complete < crowd.counts.opened)
            attack_fail(run, "%u of %u short connections ended before their "
                        "answer", crowd.counts.opened - crowd.counts.complete,
                        crowd.counts.opened);
        attack_close(run, &crowd);
        run->after = victim_settle(&run->victim,
                                   run->before.fds + ATTACK_FDS_SLACK,
                                   attack_wait_ms(run, SETTLE_TIMES));
    }
    growth_kib = run->after.rss_kib - first_kib;
    /* Connections that were left open may use it. */
    if (growth_kib > STORM_RSS_KIB &&
        run->after.fds <= run->before.fds + ATTACK_FDS_SLACK)
        attack_fail(run, "it leaks memory: %ld KiB for %u connections",
                    growth_kib, plan->conns);
}

static void attack_rst_storm(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 50),
        .conns = attack_count(run, 50) * 20,
        .read_len = 16,
        .receive_len = 4096,
        .end = END_RESETS,
        .vary = vary_reset,
    };

    storm(run, &plan);
}

/* A third each shuts the sending side, closes, and resets. */
static void vary_half(struct peer *peer, unsigned index)
{
    peer->end = (enum crowd_end)(END_SHUTS + index % 3);
    peer->shuts = peer->end == END_SHUTS;
    peer->quit_at = peer->end == END_SHUTS ? CROWD_NEVER : 0;
}

static void attack_half_request(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 100),
        .send_max = run->target.message_len / 2 + 5,
    };
    struct crowd crowd;

    if (!attack_open(run, &crowd, &plan))
        return;
    (void)crowd_run(&crowd, run->seconds * 1000, NULL); /* silence */
    for (unsigned i = 0; i < plan.peers; i++)
        vary_half(&crowd.peers[i], i);
    if (!crowd_run(&crowd, LIMIT_MS, crowd_is_over))
        attack_fail(run, "%u peers shut the sending side after half a request, "
                    "but the server keeps their connections open", crowd.open);
    attack_close(run, &crowd);
}

static void attack_byte_at_a_time(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 100),
        .send_max = 2 * run->target.message_len,
        .send_len = 1,
        .send_gap_ms = 1,
        .quit_at = CROWD_NEVER,
        .end = END_CLOSES,
    };
    struct crowd crowd;

    if (attack_open(run, &crowd, &plan))
        judge_answers(run, &crowd, "that sent a byte at a time");
}

static void attack_two_and_a_half(struct run *run)
{
    const size_t len = run->target.message_len;
    const struct plan plan = {
        .peers = attack_count(run, 100),
        .send_max = 3 * len,
        .send_len = (uint32_t)(2 * len + len / 2),
        .send_gap_ms = 100,
        .quit_at = CROWD_NEVER,
        .end = END_CLOSES,
    };
    struct crowd crowd;

    if (attack_open(run, &crowd, &plan))
        judge_answers(run, &crowd, "that sent two and a half requests at once");
}

static void attack_reconnect_storm(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 50),
        .conns = attack_count(run, 50) * 50,
        .send_max = run->target.message_len,
        .quit_at = CROWD_NEVER,
        .end = END_CLOSES,
    };

    storm(run, &plan);
}

/* An echo server owes each peer its bytes. An HTTP server may end a request
 * that is not complete in time. */
static void attack_slow_senders(struct run *run)
{
    const struct plan plan = {
        .peers = attack_count(run, 5000),
        .send_max = run->target.is_http ? run->target.message_len - 1
                                        : run->seconds,
        .send_len = 1,
        .send_gap_ms = 1000,
        .quit_at = CROWD_NEVER,
    };
    struct crowd crowd;

    if (!attack_open(run, &crowd, &plan))
        return;
    (void)crowd_run(&crowd, run->seconds * 1000, NULL);
    run->after = victim_look(&run->victim);
    if (!run->target.is_http) {
        (void)crowd_run(&crowd, LIMIT_MS, crowd_is_answered);
        if (crowd.counts.complete < crowd.counts.opened)
            attack_fail(run, "%u of %u slow peers were not answered",
                        crowd.counts.opened - crowd.counts.complete,
                        crowd.counts.opened);
    }
    if (run->before.rss_kib >= 0 && crowd.open > 0)
        snprintf(run->note, sizeof run->note, "%.1f KiB per connection",
                 (double)(run->after.rss_kib - run->before.rss_kib) /
                     crowd.open);
    attack_close(run, &crowd);
}

const struct attack attacks[] = {
    {.name = "slow-reader",
     .what = "16 peers read their answers a little at a time",
     .run = attack_slow_reader},
    {.name = "half-close",
     .what = "peers shut their sending side, and then read",
     .run = attack_half_close},
    {.name = "never-reader",
     .what = "260 peers ask, and never read an answer",
     .run = attack_never_reader},
    {.name = "rst-storm",
     .what = "2,000 connections end with a RST, at different moments",
     .run = attack_rst_storm},
    {.name = "half-request",
     .what = "100 peers send half a request, and then nothing",
     .run = attack_half_request},
    {.name = "byte-at-a-time",
     .what = "100 peers send each byte alone",
     .run = attack_byte_at_a_time},
    {.name = "two-and-a-half",
     .what = "100 peers send two and a half requests at once",
     .run = attack_two_and_a_half},
    {.name = "reconnect-storm",
     .what = "5,000 short connections reuse the server's fds",
     .run = attack_reconnect_storm},
    {.name = "fd-exhaustion",
     .what = "200 peers connect, but the server has fewer fds",
     .needs = NEEDS_PID,
     .run = attack_fd_exhaustion,
     .prepare = attack_lower_limit,
     .restore = attack_restore_limit},
    {.name = "slow-senders",
     .what = "5,000 peers send a byte per second",
     .run = attack_slow_senders},
    {.name = "stop-cont",
     .what = "SIGSTOP, requests, SIGCONT; three times",
     .needs = NEEDS_PID,
     .is_quiet = true,
     .run = attack_stop_cont},
    {.name = "restart",
     .what = "SIGKILL under load, and a start on the same port",
     .needs = NEEDS_COMMAND,
     .is_quiet = true,
     .run = attack_restart},
    {.name = "sigterm",
     .what = "SIGTERM with requests in flight and in the backlog",
     .needs = NEEDS_PID,
     .is_quiet = true,
     .run = attack_sigterm},
    {.name = NULL},
};

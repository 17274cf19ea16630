/* crowd.c: many peers at once; see crowd.h. */
#include "crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_MAX 512
#define STEP_MS 10         /* the longest wait for an event */
#define OPENS_PER_STEP 200 /* a server's backlog is short */
#define BLOCKED_MS 300     /* a send that waits so long is blocked */
#define STALL_MS 5000

bool crowd_open(struct crowd *crowd, const struct target *target,
                const struct plan *plan)
{
    memset(crowd, 0, sizeof *crowd);
    crowd->target = target;
    crowd->plan = *plan;
    crowd->peers = calloc(plan->peers, sizeof *crowd->peers);
    crowd->stall_ms = STALL_MS;
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (crowd->peers != NULL && crowd->epoll >= 0)
        return true;
    crowd_close(crowd);
    return false;
}

static unsigned conns_of(const struct plan *plan)
{
    return plan->conns > 0 ? plan->conns : plan->peers;
}

/* Closes the connection. Its peer may begin another one. */
static void end_peer(struct crowd *crowd, struct peer *peer, bool resets)
{
    crowd->counts.answers += peer->talk.answers;
    crowd->counts.refusals += peer->talk.refusals;
    crowd->counts.sent += peer->talk.sent;
    if (resets)
        target_reset(peer->fd);
    else
        close(peer->fd);
    peer->fd = -1;
    peer->state = PEER_ENDED;
    crowd->open--;
}

static void begin_peer(struct crowd *crowd, struct peer *peer)
{
    const struct plan *plan = &crowd->plan;
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.ptr = peer,
    };
    int fd = target_connect(crowd->target, plan->receive_len);

    if (fd == -EMFILE || fd == -ENFILE) {
        crowd->counts.limited = 1;
        return;
    }
    crowd->counts.opened++;
    crowd->moved_ms = target_now_ms();
    if (fd < 0) {
        crowd->counts.refused++;
        peer->state = PEER_ENDED;
        return;
    }
    *peer = (struct peer){
        .state = PEER_OPEN,
        .fd = fd,
        .end = plan->end,
        .shuts = plan->end == END_SHUTS,
        .send_max = plan->send_max,
        .quit_at = plan->quit_at,
        .send_due_ms = target_now_ms(),
    };
    talk_init(&peer->talk, crowd->target);
    if (plan->vary != NULL)
        plan->vary(peer, crowd->counts.opened - 1);
    crowd->open++;
    epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Begins connections, as many as the plan has left, a few at once. */
static void begin_peers(struct crowd *crowd)
{
    const unsigned conns = conns_of(&crowd->plan);
    unsigned begun = 0;

    for (unsigned i = 0; i < crowd->plan.peers && begun < OPENS_PER_STEP;
         i++) {
        if (crowd->counts.opened >= conns || crowd->counts.limited)
            return;
        if (crowd->peers[i].state == PEER_OPEN)
            continue;
        begin_peer(crowd, &crowd->peers[i]);
        begun++;
    }
}

/* The server has ended the connection: error is 0 or an errno. */
static void take_end(struct crowd *crowd, struct peer *peer, int error)
{
    bool is_right = talk_is_answered(&peer->talk) &&
                    peer->talk.sent == peer->send_max && error == 0;

    if (is_right && !peer->is_complete)
        crowd->counts.complete++;
    else if (!is_right && peer->talk.received == 0 && error != 0)
        crowd->counts.refused++;
    else if (!is_right)
        crowd->counts.cut++;
    end_peer(crowd, peer, false);
}

static void take_fault(struct crowd *crowd, struct peer *peer)
{
    /* Bytes of another peer are worse than bytes that are missing. */
    if (crowd->fault[0] == '\0' ||
        strncmp(peer->talk.fault, "bytes of", 8) == 0)
        memcpy(crowd->fault, peer->talk.fault, sizeof crowd->fault);
    crowd->counts.wrong++;
    end_peer(crowd, peer, true);
}

static void peer_send(struct crowd *crowd, struct peer *peer, uint64_t now_ms)
{
    static char buf[CROWD_PART_MAX];
    const struct plan *plan = &crowd->plan;
    uint64_t left = peer->send_max - peer->talk.sent;
    size_t len = plan->send_len > 0 ? plan->send_len : sizeof buf;
    ssize_t sent;

    len = len < left ? len : (size_t)left;
    talk_next(&peer->talk, buf, len);
    sent = send(peer->fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
        peer->can_send = false;
        if (peer->blocked_ms == 0)
            peer->blocked_ms = now_ms;
    } else if (sent < 0) {
        take_end(crowd, peer, errno);
    } else {
        crowd->moved_ms = now_ms;
        peer->talk.sent += (uint64_t)sent;
        peer->send_due_ms = now_ms + plan->send_gap_ms;
        peer->blocked_ms = 0;
    }
}

/* Ends the connection if the plan says so now. */
static void peer_quit(struct crowd *crowd, struct peer *peer)
{
    bool is_answered = peer->talk.sent == peer->send_max &&
                       talk_is_answered(&peer->talk);

    if (is_answered && !peer->is_complete && peer->end != END_SHUTS) {
        peer->is_complete = true;
        crowd->counts.complete++;
    }
    if (peer->end != END_RESETS && peer->end != END_CLOSES)
        return;
    if (peer->quit_at == CROWD_NEVER
            ? is_answered
            : peer->talk.sent == peer->send_max &&
                  peer->talk.received >= peer->quit_at)
        end_peer(crowd, peer, peer->end == END_RESETS);
}

static void peer_read(struct crowd *crowd, struct peer *peer, uint64_t now_ms)
{
    static char buf[CROWD_PART_MAX];
    const struct plan *plan = &crowd->plan;
    size_t len = plan->read_len > 0 ? plan->read_len : sizeof buf;
    ssize_t got = recv(peer->fd, buf, len, MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
        peer->can_read = false;
        return;
    }
    crowd->moved_ms = now_ms;
    if (got <= 0) {
        take_end(crowd, peer, got < 0 ? errno : 0);
        return;
    }
    peer->read_due_ms = now_ms + plan->read_gap_ms;
    if (!talk_take(&peer->talk, buf, (size_t)got))
        take_fault(crowd, peer);
}

static bool may_send(const struct peer *peer, uint64_t now_ms)
{
    return peer->state == PEER_OPEN && peer->can_send &&
           peer->talk.sent < peer->send_max && now_ms >= peer->send_due_ms;
}

static bool may_read(const struct crowd *crowd, const struct peer *peer,
                     uint64_t now_ms)
{
    const struct plan *plan = &crowd->plan;

    if (peer->state != PEER_OPEN || !peer->can_read || plan->never_reads ||
        now_ms < peer->read_due_ms)
        return false;
    return !plan->reads_late || peer->talk.sent == peer->send_max ||
           (peer->blocked_ms > 0 && now_ms - peer->blocked_ms > BLOCKED_MS);
}

/* Lets a peer send and read once each. Returns true if it can go on at once. */
static bool step_peer(struct crowd *crowd, struct peer *peer, uint64_t now_ms)
{
    if (may_send(peer, now_ms))
        peer_send(crowd, peer, now_ms);
    if (peer->state == PEER_OPEN && peer->shuts &&
        peer->talk.sent == peer->send_max && !peer->has_shut) {
        shutdown(peer->fd, SHUT_WR);
        peer->has_shut = true;
    }
    if (may_read(crowd, peer, now_ms))
        peer_read(crowd, peer, now_ms);
    if (peer->state == PEER_OPEN)
        peer_quit(crowd, peer);
    return may_send(peer, now_ms) || may_read(crowd, peer, now_ms);
}

static void take_events(struct crowd *crowd, int wait_ms)
{
    static struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(crowd->epoll, events, EVENTS_MAX, wait_ms);

    for (int i = 0; i < count; i++) {
        struct peer *peer = events[i].data.ptr;

        if (events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
            peer->can_send = true;
        if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP))
            peer->can_read = true;
    }
}

/* Returns how long to wait for an event, so that no gap of the plan is late. */
static int step_ms_of(const struct plan *plan)
{
    uint32_t step_ms = STEP_MS;

    if (plan->send_gap_ms > 0 && plan->send_gap_ms < step_ms)
        step_ms = plan->send_gap_ms;
    if (plan->read_gap_ms > 0 && plan->read_gap_ms < step_ms)
        step_ms = plan->read_gap_ms;
    return (int)step_ms;
}

bool crowd_run(struct crowd *crowd, unsigned limit_ms,
               bool (*is_over)(const struct crowd *crowd))
{
    const int step_ms = step_ms_of(&crowd->plan);
    uint64_t now_ms = target_now_ms(), end_ms = now_ms + limit_ms;
    bool is_busy = false;

    crowd->moved_ms = now_ms;
    while (now_ms < end_ms) {
        begin_peers(crowd);
        take_events(crowd, is_busy ? 0 : step_ms);
        now_ms = target_now_ms();
        is_busy = false;
        for (unsigned i = 0; i < crowd->plan.peers; i++)
            if (crowd->peers[i].state == PEER_OPEN)
                is_busy |= step_peer(crowd, &crowd->peers[i], now_ms);
        if (is_over != NULL && is_over(crowd))
            return true;
        if (is_over != NULL && now_ms - crowd->moved_ms > crowd->stall_ms)
            break;
    }
    return false;
}

static bool has_more(const struct crowd *crowd)
{
    return crowd->counts.opened < conns_of(&crowd->plan) &&
           !crowd->counts.limited;
}

bool crowd_is_over(const struct crowd *crowd)
{
    return crowd->open == 0 && !has_more(crowd);
}

bool crowd_is_answered(const struct crowd *crowd)
{
    const struct counts *counts = &crowd->counts;

    return !has_more(crowd) &&
           counts->complete + counts->cut + counts->refused + counts->wrong >=
               counts->opened;
}

bool crowd_has_begun(const struct crowd *crowd)
{
    for (unsigned i = 0; i < crowd->plan.peers; i++)
        if (crowd->peers[i].state == PEER_OPEN &&
            crowd->peers[i].talk.received == 0)
            return false;
    return !has_more(crowd);
}

bool crowd_is_blocked(const struct crowd *crowd)
{
    uint64_t now_ms = target_now_ms();

    for (unsigned i = 0; i < crowd->plan.peers; i++) {
        const struct peer *peer = &crowd->peers[i];

        if (peer->state == PEER_OPEN && peer->talk.sent < peer->send_max &&
            (peer->blocked_ms == 0 || now_ms - peer->blocked_ms < BLOCKED_MS))
            return false;
    }
    return !has_more(crowd);
}

void crowd_set_end(struct crowd *crowd, enum crowd_end end)
{
    crowd->plan.end = end;
    for (unsigned i = 0; i < crowd->plan.peers; i++)
        crowd->peers[i].end = end;
}

uint64_t crowd_refusals(const struct crowd *crowd)
{
    uint64_t refusals = crowd->counts.refusals;

    for (unsigned i = 0; i < crowd->plan.peers; i++)
        if (crowd->peers[i].state == PEER_OPEN)
            refusals += crowd->peers[i].talk.refusals;
    return refusals;
}

void crowd_leave(struct crowd *crowd, bool resets)
{
    for (unsigned i = 0; i < crowd->plan.peers; i++)
        if (crowd->peers != NULL && crowd->peers[i].state == PEER_OPEN)
            end_peer(crowd, &crowd->peers[i], resets);
}

void crowd_close(struct crowd *crowd)
{
    crowd_leave(crowd, false);
    free(crowd->peers);
    crowd->peers = NULL;
    if (crowd->epoll >= 0)
        close(crowd->epoll);
    crowd->epoll = -1;
}

/* connect.c: connects to the first address that answers; see connect.h.
 * Introduced in phase 8. Needs: connect.h, await.h, group.h, sys.h.
 *
 * What it teaches: a race of tasks. Each attempt is a task of a group. The
 * winner cancels the group. An attempt that was cancelled too late has a
 * connection, too, and must close it. */
#include "connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "await.h"
#include "group.h"
#include "sys.h"

#define NS_PER_MS UINT64_C(1000000)

struct race;

struct attempt {
    struct group_task task;
    struct race *race;               /* borrowed */
    const struct net_address *address; /* borrowed */
    struct future begun, failed;
    int result; /* -errno if the attempt failed, or 0 */
};

struct race {
    struct group group;
    struct attempt attempts[RESOLVE_MAX];
    int fd; /* of the winner, or -1 */
};

/* Waits until it is this attempt's turn. Returns 0, or -ECANCELED. */
static int connect_await_turn(struct attempt *attempt)
{
    struct attempt *before = attempt - 1;
    int rc;

    if (attempt == attempt->race->attempts)
        return 0;
    rc = future_wait(&before->begun);
    if (rc < 0)
        return rc;
    deadline_set_ns(CONNECT_STAGGER_MS * NS_PER_MS);
    rc = future_wait(&before->failed);
    deadline_clear();
    return rc == -ETIME ? 0 : rc;
}

/* Returns an fd, or -errno. */
static int connect_await_attempt(const struct net_address *address)
{
    int fd = sys_socket(address->storage.ss_family, SOCK_STREAM, 0);
    int rc;

    if (fd < 0)
        return fd;
    if (address->storage.ss_family != AF_UNIX)
        (void)sys_set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    rc = await_connect(fd, (const struct sockaddr *)&address->storage,
                       address->len);
    if (rc == 0)
        return fd;
    await_close(fd);
    return rc;
}

static int connect_try(void *arg) /* task body */
{
    struct attempt *attempt = arg;
    struct race *race = attempt->race;
    int rc = connect_await_turn(attempt);

    if (rc == 0) {
        future_complete(&attempt->begun, 0);
        rc = connect_await_attempt(attempt->address);
    }
    if (rc >= 0 && race->fd < 0) {
        race->fd = rc;
        group_cancel(&race->group);
    } else if (rc >= 0) {
        await_close(rc); /* connected just before the cancel */
    } else if (rc == -ECANCELED) {
        /* If no attempt has won, connect_await_first was interrupted, or could
         * not start all attempts. */
        return race->fd < 0 ? rc : 0;
    } else {
        attempt->result = rc;
        future_complete(&attempt->failed, 0);
    }
    return 0; /* a failure must not cancel other attempts */
}

int connect_await_first(const struct addresses *addresses)
{
    struct race race = {.fd = -1};
    int rc = 0, ended;

    for (unsigned i = 0; i < addresses->count && rc == 0; i++) {
        struct attempt *attempt = &race.attempts[i];

        attempt->race = &race;
        attempt->address = &addresses->list[i];
        rc = group_spawn(&race.group, &attempt->task, "connect", connect_try,
                         attempt);
    }
    if (rc < 0)
        group_cancel(&race.group);
    ended = group_await_all(&race.group);
    rc = rc < 0 ? rc : ended;
    if (rc == 0)
        return race.fd >= 0 ? race.fd : race.attempts[0].result;
    if (race.fd >= 0) /* an attempt won before the interruption */
        await_close(race.fd);
    return rc;
}

int connect_await_open(struct connection *connection,
                       const struct addresses *addresses,
                       struct bufring *bufring, unsigned credit)
{
    int fd = connect_await_first(addresses);

    if (fd < 0)
        return fd;
    connection->fd = fd;
    stream_init(&connection->in, fd, bufring, credit);
    return 0;
}

void connect_await_close(struct connection *connection)
{
    stream_await_end(&connection->in);
    await_close(connection->fd);
    connection->fd = -1;
}

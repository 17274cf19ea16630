/* accept_all.c: the checker of phase 8's exercise accept_all.
 *
 * All clients are connected before the answer begins, and the CQ has four
 * slots. So the kernel ends each accept after a few results. */
#include "accept_all.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "judge.h"
#include "ring_watch.h"

#define MANY 10u

static struct io_uring ring;
static int listener;
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static socklen_t address_len;
static unsigned used;
static int connections[MANY];

static void on_use(int connection)
{
    if (used == MANY || connection < 0)
        judge_fail("use gets each new descriptor once", "use(%d)", connection);
    for (unsigned i = 0; i < used; i++)
        if (connections[i] == connection)
            judge_fail("a CQE was used twice: mark it as seen", "use(%d)",
                       connection);
    connections[used++] = connection;
}

static void connect_client(void)
{
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (client < 0 || connect(client, (struct sockaddr *)&address,
                              address_len) < 0)
        judge_cannot("connect", -errno);
}

static void begin(unsigned clients)
{
    watch_make_ring(&ring, 2, 0); /* a CQ of four */
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* A name that is in no file system. */
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "judge.%d",
             (int)getpid());
    address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                              strlen(address.sun_path + 1));
    if (listener < 0 || bind(listener, (struct sockaddr *)&address,
                             address_len) < 0 || listen(listener, 32) < 0)
        judge_cannot("listen", -errno);
    for (unsigned i = 0; i < clients; i++)
        connect_client();
    judge_run("accept_all with %u clients that wait, and a CQ of 4", clients);
    judge_expect("%u connections", clients);
    judge_suspect("the accept has ended: its last CQE had no "
                  "IORING_CQE_F_MORE. Arm it again");
}

static unsigned accepts_submitted(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < watch->entry_count; i++)
        count += watch->entries[i].opcode == IORING_OP_ACCEPT;
    return count;
}

static void on_submit(void)
{
    if (accepts_submitted() > MANY / 2)
        judge_fail("the accept was armed again while it was armed, or was not "
                   "a multishot one: arm it after a CQE without F_MORE",
                   "%u accepts, and %u connections", accepts_submitted(),
                   used);
}

static void run(unsigned clients)
{
    struct pollfd waiting;
    int rc;

    begin(clients);
    watch->on_submit = on_submit;
    rc = accept_all(&ring, listener, clients, on_use);
    judge_result(rc, 0, "no accept failed: the end of a multishot request is "
                 "no error");
    judge_result(used, clients, "use was not called for each connection");
    judge_expect("no result in the CQ, and no accept in flight");
    if (watch_waiting() > 0)
        judge_fail("a CQE was left in the CQ: also wait for the last CQE of "
                   "the accept, and for that of the cancel", "%u results",
                   watch_waiting());
    connect_client();
    waiting = (struct pollfd){.fd = listener, .events = POLLIN};
    judge_that(poll(&waiting, 1, 0) == 1,
               "an accept is still armed, and took the next client: cancel it "
               "and wait for its last CQE", "a client that is gone");
}

static void check_one(void)
{
    run(1);
}

static void check_many(void)
{
    run(MANY);
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"one client, and the accept is cancelled", check_one},
        {"ten clients, and the accept ends on its way", check_many},
    };

    return judge_main("accept_all", cases, sizeof cases / sizeof *cases);
}

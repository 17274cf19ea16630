/* dormant.c: connections that wait for input without a task. */
#include "dormant.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "serving.h"
#include "states.h"
#include "sys.h"

#define MS UINT64_C(1000000)
#define LIMIT_MS 3600000u

static unsigned limit_ms;
static unsigned calls;      /* of serve_dormant */
static unsigned refusals;   /* of dormant_begin */
static void *states[64];    /* the state of each call */
static bool is_paced;       /* in the last call: checks of its rate will come */

/* Echoes what has arrived, and becomes dormant. */
static void serve_dormant(struct conn *conn)
{
    struct chunk chunk;

    states[calls++ % 64] = conn->state;
    is_paced = timer_is_armed(&conn->server->pace);
    while (!dormant_begin(conn, limit_ms)) {
        refusals++;
        if (stream_await_chunk(&conn->in, &chunk) <= 0)
            return;
        conn_set_idle(conn, false);
        conn->aborts |= await_send_all(conn->fd, chunk.data, chunk.len) < 0;
        stream_release(&conn->in, &chunk);
    }
}

static void start_dormant(unsigned new_limit_ms)
{
    limit_ms = new_limit_ms;
    calls = refusals = 0;
    limits = (struct limits)LIMITS_DEFAULT;
    limits.conns_max = 4;
    limits.bufs = 16;
    listen_at_tcp();
    init_server(serve_dormant, 256);
    memset(&server_task, 0, sizeof server_task);
    check_res(task_spawn(&server_task, "server", run_server, NULL), 0);
}

static void await_dormant(unsigned count)
{
    while (server.dormant != count)
        await_iterations(1);
}

static int await_stopped(void)
{
    server_stop(&server);
    ck_assert_int_eq(await_server_end(), 0);
    return 0;
}

TASK_TEST(a_dormant_connection_has_no_task_and_is_served_again)
{
    unsigned tasks;

    start_dormant(LIMIT_MS);
    tasks = loop.sched.count;
    for (int i = 0; i < 4; i++)
        connect_client(i);
    await_dormant(4);
    ck_assert_uint_eq(loop.sched.count, tasks);
    ck_assert_uint_eq(server.alive, 4);
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < 4; i++)
            await_echo(i, "hello");
    await_dormant(4);
    ck_assert_uint_eq(loop.sched.count, tasks);
    ck_assert_uint_eq(calls, 4 + 20);
    for (int i = 0; i < 4; i++)
        close(clients[i]);
    while (server.alive > 0)
        await_iterations(1);
    return await_stopped();
}

TASK_TEST(connections_that_are_served_in_turn_share_one_state)
{
    start_dormant(LIMIT_MS);
    for (int i = 0; i < 4; i++)
        connect_client(i);
    await_dormant(4);
    calls = 0;
    for (int i = 0; i < 20; i++) {
        await_echo(i % 4, "hello");
        await_dormant(4);
    }
    ck_assert_uint_eq(calls, 20);
    for (int i = 0; i < 20; i++)
        ck_assert_ptr_eq(states[i], states[0]);
    ck_assert_uint_eq(server.states.free_count, 4);
    for (int i = 0; i < 4; i++)
        close(clients[i]);
    return await_stopped();
}

TASK_TEST(a_dormant_connection_ends_when_its_limit_has_passed)
{
    start_dormant(20);
    connect_client(0);
    await_echo(0, "hello");
    check_res(await_last(0), 0);
    while (server.alive > 0)
        await_iterations(1);
    return await_stopped();
}

/* The checks end when no connection has a task (pace.h). */
TASK_TEST(a_connection_that_gets_a_task_again_is_checked_for_its_rate)
{
    start_dormant(LIMIT_MS);
    limits.rate_ms = 120;
    connect_client(0);
    await_echo(0, "hello");
    await_dormant(1);
    while (timer_is_armed(&server.pace))
        check_res(await_sleep_ns(MS), 0);
    await_echo(0, "hello");
    ck_assert(is_paced);
    close(clients[0]);
    return await_stopped();
}

/* Each input sets the limit again, though the timer stays armed. All of it is
 * longer than the limit; between two inputs there is much less. */
TASK_TEST(input_postpones_the_limit_of_a_dormant_connection)
{
    uint64_t begin_ns;

    start_dormant(2000);
    connect_client(0);
    begin_ns = loop_now_ns();
    for (int i = 0; i < 6; i++) {
        await_echo(0, "hello");
        check_res(await_sleep_ns(400 * MS), 0);
    }
    ck_assert_uint_gt(loop_now_ns() - begin_ns, 2400 * MS - 1);
    check_res(await_last(0), 0);
    return await_stopped();
}

TASK_TEST(a_dormant_connection_ends_when_its_peer_ends)
{
    const struct linger reset = {.l_onoff = 1};

    start_dormant(LIMIT_MS);
    connect_client(0);
    connect_client(1);
    await_dormant(2);
    shutdown(clients[0], SHUT_WR);
    check_res(await_last(0), 0);
    check_res(setsockopt(clients[1], SOL_SOCKET, SO_LINGER, &reset,
                         sizeof reset), 0);
    close(clients[1]);
    while (server.alive > 0)
        await_iterations(1);
    ck_assert_uint_eq(server.dormant, 0);
    return await_stopped();
}

TASK_TEST(a_connection_with_input_does_not_become_dormant)
{
    start_dormant(LIMIT_MS);
    connect_client(0);
    await_dormant(1);
    refusals = 0;
    await_echo(0, "hello");
    ck_assert_uint_eq(refusals, 1); /* with the input; then it was dormant */
    close(clients[0]);
    return await_stopped();
}

TASK_TEST(a_stop_ends_dormant_connections_at_once)
{
    start_dormant(LIMIT_MS);
    limits.drain_ms = LIMIT_MS;
    for (int i = 0; i < 4; i++) {
        connect_client(i);
        await_echo(i, "hello");
    }
    await_dormant(4);
    server_stop(&server);
    for (int i = 0; i < 4; i++)
        check_res(await_last(i), 0);
    ck_assert_int_eq(await_server_end(), 0);
    return 0;
}

/* Such a connection is fresh: the first stop leaves it some seconds. */
TASK_TEST(a_second_stop_ends_a_dormant_connection_that_sent_nothing)
{
    start_dormant(LIMIT_MS);
    limits.drain_ms = LIMIT_MS;
    connect_client(0);
    await_dormant(1);
    server_stop(&server);
    await_iterations(3);
    ck_assert_uint_eq(server.alive, 1);
    server_stop(&server);
    check_res(await_last(0), 0);
    ck_assert_int_eq(await_server_end(), 0);
    return 0;
}

/* The bytes are in the socket, and the loop has not seen them. So they come
 * before the end of the input, and the connection gets a task, which works for
 * longer than drain_ms. */
static int worked;

static void serve_for_an_hour(struct conn *conn)
{
    struct chunk chunk;

    if (dormant_begin(conn, limit_ms))
        return;
    ck_assert_int_eq(stream_await_chunk(&conn->in, &chunk), 5);
    stream_release(&conn->in, &chunk);
    worked = await_sleep_ns(LIMIT_MS * MS);
}

TASK_TEST(a_second_stop_cancels_the_task_of_input_that_it_finds)
{
    uint64_t begin_ns;

    start_dormant(LIMIT_MS);
    server.options.serve = serve_for_an_hour;
    worked = 1;
    connect_client(0);
    await_dormant(1);
    ck_assert_int_eq(send(clients[0], "hello", 5, 0), 5);
    begin_ns = loop_now_ns();
    server_stop(&server);
    server_stop(&server);
    ck_assert_int_eq(await_server_end(), 0);
    ck_assert_int_eq(worked, -ECANCELED);
    ck_assert_uint_lt(loop_now_ns() - begin_ns, limits.drain_ms * MS);
    return 0;
}

TASK_TEST(dormant_connections_make_room_for_clients)
{
    start_dormant(LIMIT_MS);
    for (int i = 0; i < 4; i++) {
        connect_client(i);
        await_echo(i, "hello");
    }
    await_dormant(4);
    connect_client(4);
    await_echo(4, "there is room");
    check_res(await_last(0), 0);
    ck_assert_uint_eq(server.evicted, 1);
    for (int i = 1; i < 5; i++)
        close(clients[i]);
    return await_stopped();
}

#define BURST (STATES_WARM_MAX + 100u)

/* Each state is a page, which keeps what was written until it is discarded. */
TEST(a_burst_of_tasks_does_not_keep_the_memory_of_its_states)
{
    static unsigned free_states[BURST], taken[BURST];
    size_t page = sys_page_size();
    struct states pool;
    void *memory;

    check_res(sys_map(&memory, BURST * page), 0);
    states_init(&pool, BURST, memory, page, free_states);
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < BURST; i++) {
            taken[i] = states_take(&pool);
            memset(states_memory(&pool, taken[i]), 'x', page);
        }
        for (unsigned i = 0; i < BURST; i++)
            states_release(&pool, taken[i]);
        for (unsigned i = 0; i < BURST; i++) {
            const char *state = states_memory(&pool, taken[i]);
            char wanted = i < BURST - STATES_WARM_MAX ? '\0' : 'x';

            ck_assert(state[0] == wanted && state[page - 1] == wanted);
        }
        ck_assert_uint_eq(states_take(&pool), taken[BURST - 1]);
        states_release(&pool, taken[BURST - 1]);
    }
    check_res(sys_unmap(memory, BURST * page), 0);
}

static int wait_for_end(void *arg) /* task body */
{
    return future_wait(arg);
}

/* All stacks are taken when the input arrives. */
TASK_TEST_WITH(input_waits_until_there_is_a_stack_for_its_task,
               .ring = ring_from_environment(), .tasks_max = 8)
{
    static struct task others[8];
    static struct future done[8];
    char back[8];
    int count = 0;

    start_dormant(LIMIT_MS);
    connect_client(0);
    await_dormant(1);
    while (task_spawn(&others[count], "other", wait_for_end, &done[count]) == 0)
        count++;
    ck_assert_int_gt(count, 0);
    check_res(await_send_all(clients[0], "hello", 5), 0);
    while (server.bufring.mine_count == 0) /* it has arrived */
        await_iterations(1);
    ck_assert_uint_eq(server.dormant, 1);
    for (int i = 0; i < count; i++) {
        future_complete(&done[i], 0);
        check_res(task_join(&others[i]), 0);
    }
    check_res(await_recv(clients[0], back, sizeof back, 0), 5);
    await_dormant(1);
    close(clients[0]);
    return await_stopped();
}

int main(void)
{
    suite_begin("dormant");
    suite_add(a_dormant_connection_has_no_task_and_is_served_again);
    suite_add(connections_that_are_served_in_turn_share_one_state);
    suite_add(a_dormant_connection_ends_when_its_limit_has_passed);
    suite_add(a_connection_that_gets_a_task_again_is_checked_for_its_rate);
    suite_add(input_postpones_the_limit_of_a_dormant_connection);
    suite_add(a_dormant_connection_ends_when_its_peer_ends);
    suite_add(a_connection_with_input_does_not_become_dormant);
    suite_add(a_stop_ends_dormant_connections_at_once);
    suite_add(a_second_stop_ends_a_dormant_connection_that_sent_nothing);
    suite_add(a_second_stop_cancels_the_task_of_input_that_it_finds);
    suite_add(dormant_connections_make_room_for_clients);
    suite_add(a_burst_of_tasks_does_not_keep_the_memory_of_its_states);
    suite_add(input_waits_until_there_is_a_stack_for_its_task);
    return suite_end();
}

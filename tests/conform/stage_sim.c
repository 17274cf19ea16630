/* stage_sim.c: the simulated kernel under the scripts; see conform.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conform.h"
#include "sim_buffers.h"
#include "sim_check.h"
#include "sim_disk.h"
#include "sim_epoll.h"
#include "sim_event.h"
#include "sim_file.h"
#include "sim_knobs.h"
#include "sim_ops.h"
#include "sim_pick.h"
#include "sim_pipe.h"
#include "sim_registered.h"
#include "sim_ring.h"
#include "sim_socket.h"
#include "sim_world.h"
#include "sys.h"

#define PEERS_MAX 4

static struct sim_conn *peers[PEERS_MAX];
static uint64_t seed; /* SEED in the environment */

void stage_init(void)
{
    const char *text = getenv("SEED");

    seed = text != NULL ? strtoull(text, NULL, 10) : 0;
    check_init(STDERR_FILENO, false);
}

void stage_begin(void)
{
    check_begin("conform", seed);
    pick_random(seed);
    knobs_clear();
    world_begin();
    file_begin();
    ring_begin();
    buffers_begin();
    pipe_begin();
    socket_begin();
    disk_begin();
    ops_begin();
    event_begin();
    epoll_begin();
    registered_begin();
}

/* Operations of the script may be in flight: stage_begin forgets them. */
void stage_end(void)
{
}

int stage_file(const char *text)
{
    struct disk_file *file = disk_create();

    file->len = strlen(text);
    memcpy(file->bytes, text, file->len);
    return disk_open(file);
}

void stage_write(int fd, const char *text)
{
    struct sim_file *file = file_of(fd);

    if (file->class->write(file, text, strlen(text), 0) < 0)
        script_say("no write");
}

void stage_settle(void)
{
    for (int i = 0; i < 8; i++)
        world_step(world_now_ns());
}

int stage_listen(void)
{
    int fd = sys_socket(0, 0, 0);

    return sys_listen(fd, 8) < 0 ? -1 : fd;
}

void stage_connect(unsigned peer)
{
    peers[peer] = socket_connect();
}

void stage_send(unsigned peer, const char *text)
{
    (void)flow_put(&peers[peer]->in, text, strlen(text));
}

void stage_finish(unsigned peer)
{
    peers[peer]->in.has_end = true;
}

void stage_reset(unsigned peer)
{
    socket_reset(peers[peer]);
}

int stage_receive(unsigned peer)
{
    struct sim_conn *conn = peers[peer];
    char bytes[64];

    if (conn->out.len > 0)
        return (int)flow_take(&conn->out, bytes, sizeof bytes);
    if (conn->is_aborted)
        return -ECONNRESET;
    return conn->out.has_end ? 0 : -EAGAIN;
}

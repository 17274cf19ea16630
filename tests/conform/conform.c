/* conform.c: runs the scripts, and prints what they see; see conform.h.
 *
 * Usage: conform [WORD]: only the scripts whose names have WORD. */
#include "conform.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "ring_register.h"
#include "sys.h"
#include "sys_process.h"

#define LIMIT_NS UINT64_C(30000000000) /* on a busy machine */
#define ENTERS_MAX 8u /* of one see, besides those that wait */
#define BUF_LEN 4u
#define BUFS_MAX 8u

struct ring script_ring;
char script_buf[64];
int script_fds[2];

static struct {
    _Alignas(4096) struct io_uring_buf entries[BUFS_MAX];
    char bytes[BUFS_MAX][BUF_LEN];
    unsigned count; /* 0: not registered */
} pool;

void script_say(const char *format, ...)
{
    va_list args;

    printf("    ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

struct io_uring_sqe *script_sqe(unsigned data)
{
    return ring_sqe(&script_ring, data);
}

/* Prints "2: 5 F_MORE" or "2: ECANCELED". */
static void say_completion(const struct io_uring_cqe *cqe)
{
    char result[32], flags[64] = "";

    snprintf(result, sizeof result, "%d", cqe->res);
    if (cqe->flags & IORING_CQE_F_BUFFER)
        snprintf(flags, sizeof flags, ", buffer %u",
                 cqe->flags >> IORING_CQE_BUFFER_SHIFT);
    script_say("%u: %s%s%s%s", (unsigned)cqe->user_data,
               cqe->res < 0 ? err_name(cqe->res) : result, flags,
               cqe->flags & IORING_CQE_F_MORE ? ", more" : "",
               cqe->flags & IORING_CQE_F_NOTIF ? ", notice" : "");
}

/* The kernel may leave the flag for deferred work set after it has done all of
 * that work, so the number of enters has a limit. */
void script_see(unsigned count)
{
    unsigned seen = 0, more = 0;
    struct io_uring_cqe cqe;
    uint64_t until_ns = sys_now_ns() + LIMIT_NS;

    do {
        bool must_wait = seen < count;

        if (ring_enter(&script_ring, must_wait, LIMIT_NS / 300) < 0)
            script_say("the enter failed");
        for (; ring_next(&script_ring, &cqe); seen++)
            say_completion(&cqe);
    } while ((seen < count && sys_now_ns() < until_ns) ||
             (ring_needs_enter(&script_ring) && more++ < ENTERS_MAX));
    if (seen == 0)
        script_say("nothing");
}

void script_pipe(void)
{
    if (sys_pipe(script_fds) < 0)
        script_say("no pipe");
}

void script_write(const char *text)
{
    stage_write(script_fds[1], text);
}

struct io_uring_sqe *script_read(unsigned data, unsigned len)
{
    struct io_uring_sqe *sqe = script_sqe(data);

    /* Two reads in flight need two buffers. */
    io_uring_prep_read(sqe, script_fds[0], script_buf + 16 * (data & 3), len,
                       -1);
    io_uring_sqe_set_data64(sqe, data);
    return sqe;
}

static struct io_uring_buf_ring *shared(void)
{
    return (struct io_uring_buf_ring *)(void *)pool.entries;
}

void script_add_buffer(unsigned id)
{
    io_uring_buf_ring_add(shared(), pool.bytes[id], BUF_LEN,
                          (unsigned short)id,
                          io_uring_buf_ring_mask(pool.count), 0);
    io_uring_buf_ring_advance(shared(), 1);
}

void script_buffers(unsigned count)
{
    pool.count = count;
    io_uring_buf_ring_init(shared());
    if (ring_register_buf_ring(&script_ring, shared(), count, 0) < 0)
        script_say("no buffer ring");
    for (unsigned id = 0; id < count; id++)
        script_add_buffer(id);
}

int script_connection(void)
{
    struct io_uring_cqe cqe = {.res = -1};
    int listener = stage_listen();

    stage_connect(0);
    io_uring_prep_accept(script_sqe(9), listener, NULL, NULL, 0);
    while (!ring_next(&script_ring, &cqe))
        ring_enter(&script_ring, 1, LIMIT_NS);
    return cqe.res;
}

static void run(const struct script *script)
{
    const struct ring_options options = {.sq_entries = 8, .cq_entries = 8};

    printf("%s\n", script->name);
    stage_begin();
    memset(script_buf, '#', sizeof script_buf);
    pool.count = 0;
    if (ring_init(&script_ring, &options) < 0) {
        script_say("no ring");
        return;
    }
    script->run();
    stage_end();
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const struct script *const lists[] = {
        scripts_links,  scripts_limits,     scripts_cancel,    scripts_cq,
        scripts_files,  scripts_registered, scripts_zero_copy, scripts_net,
        scripts_events, scripts_epoll,
    };

    stage_init();
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (const struct script *s = lists[i]; s->name != NULL; s++)
            if (argc < 2 || strstr(s->name, argv[1]) != NULL)
                run(s);
    return 0;
}

/* guest.c: the code that all bridge programs share; see guest.h. */
#include "guest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "err.h"
#include "sys.h"

static int refuse(const struct guest *guest, const char *tried, int result)
{
    fprintf(stderr, "%s: %s: %s (%s): %s\n", guest->options.program, tried,
            err_words(result), err_name(result), err_ring_advice(result));
    return 2;
}

int guest_begin(struct guest *guest, const char *program, const char *host,
                int argc, char **argv)
{
    struct loop_options options = {0};
    int code, rc;

    memset(guest, 0, sizeof *guest);
    code = options_read(&guest->options, program, host, argc, argv);
    if (code >= 0)
        return code;
    /* With SIGXFSZ ignored, a write beyond the limit on the size of a file
     * fails with -EFBIG. */
    (void)sys_ignore_signal(SIGXFSZ);
    /* If the caller has closed a standard descriptor, the ring or a file could
     * get its number. So open /dev/null under that number: stdin for writing,
     * the others for reading. Then each use fails. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    options.ring.plain = !guest->options.deferred;
    rc = loop_init(&guest->loop, &options);
    if (rc < 0)
        return command_no_ring(program, rc);
    rc = bridge_init(&guest->bridge, &guest->loop, guest->options.watch);
    if (rc < 0)
        return refuse(guest, "cannot connect the ring to the host", rc);
    guest->job = (struct reader_job){
        .program = program,
        .names = guest->options.names,
        .count = guest->options.count,
        .blocking = guest->options.blocking,
    };
    rc = task_spawn(&guest->task, "reader", reader_main, &guest->job);
    if (rc < 0)
        return refuse(guest, "cannot start a task", rc);
    guest->last_tick_ns = sys_now_ns();
    return -1;
}

static void note_gap(struct guest *guest)
{
    uint64_t now_ns = sys_now_ns();

    if (now_ns - guest->last_tick_ns > guest->gap_ns)
        guest->gap_ns = now_ns - guest->last_tick_ns;
    guest->last_tick_ns = now_ns;
}

void guest_tick(struct guest *guest)
{
    uint32_t in_flight = bridge_in_flight(&guest->bridge);

    guest->ticks++;
    if (in_flight > 0)
        guest->ticks_in_flight++;
    if (in_flight > guest->most_in_flight)
        guest->most_in_flight = in_flight;
    note_gap(guest);
}

static void report(const struct guest *guest)
{
    fprintf(stderr,
            "%s: %llu bytes; %llu ticks, %llu of them with I/O in flight "
            "(%u at most), the longest gap %.1f ms; woken by the ring %llu "
            "times\n",
            guest->options.program, (unsigned long long)guest->job.bytes,
            (unsigned long long)guest->ticks,
            (unsigned long long)guest->ticks_in_flight, guest->most_in_flight,
            (double)guest->gap_ns / 1e6,
            (unsigned long long)guest->bridge.acks);
}

int guest_end(struct guest *guest, int rc)
{
    /* After a failure of the ring, we cannot wait for its operations. The
     * kernel cancels them when the process ends. */
    if (rc < 0)
        return refuse(guest, "the host failed", rc);
    note_gap(guest); /* counts the time since the last tick as a gap */
    if (guest->options.report)
        report(guest);
    bridge_finish(&guest->bridge);
    loop_finish(&guest->loop);
    return guest->job.code;
}

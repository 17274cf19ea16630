/* sim_sink.c: stdout as a pipe with a slow reader; see sim_sink.h.
 *
 * What it teaches: data that says where it belongs makes a simple checker. The
 * reader knows neither how the program cuts its writes, nor how long the files
 * are, and finds each mistake at its first byte. */
#include "sim_sink.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "sim_check.h"
#include "sim_file.h"
#include "sim_knobs.h"
#include "sim_memory.h"
#include "sim_pick.h"
#include "sim_world.h"

#define ROOM_MAX 300u
#define PLACES 31u /* different bytes of a file: 3 bits name the file */

static struct {
    struct sim_file file;
    bool is_nonblocking; /* the program was started with O_NONBLOCK */
    unsigned room;       /* bytes that fit */
    unsigned current;    /* the file of the last byte */
    uint64_t lens[SINK_FILES_MAX];
} sink;

unsigned char sink_byte(unsigned file, uint64_t n)
{
    return (unsigned char)(file << 5 | (n * 7 + n / PLACES) % PLACES);
}

uint64_t sink_len(unsigned file)
{
    return sink.lens[file];
}

static unsigned sink_poll(struct sim_file *unused)
{
    (void)unused;
    return sink.room > 0 ? POLLOUT : 0;
}

/* A pipe takes what fits. The garbage of the kernel's memory would be seen as a
 * wrong byte. */
static int sink_write(struct sim_file *unused, const void *buf, size_t len,
                      uint64_t offset)
{
    unsigned char bytes[ROOM_MAX]; /* lib has poisoned buf: sim_memory.h */

    (void)unused, (void)offset;
    if (sink.room == 0)
        return sink.is_nonblocking ? -EAGAIN : FILE_WAITS;
    if (len > sink.room)
        len = sink.room;
    if (len > 1 && knob(KNOB_SHORT))
        len = 1 + pick((unsigned)len - 1);
    memory_copy(bytes, buf, len);
    for (size_t i = 0; i < len; i++) {
        unsigned file = bytes[i] >> 5;

        check_that(file >= sink.current, "files-are-in-order",
                   "a byte comes behind a later file; its file is", file);
        check_that(bytes[i] == sink_byte(file, sink.lens[file]),
                   "written-bytes-are-the-file's", "there is a wrong byte at",
                   (int64_t)sink.lens[file]);
        sink.current = file;
        sink.lens[file]++;
    }
    sink.room -= (unsigned)len;
    return (int)len;
}

static const struct file_class sink_class = {
    .name = "stdout", .poll = sink_poll, .write = sink_write,
};

static void drain(void *unused)
{
    (void)unused;
    sink.room += 1 + pick(ROOM_MAX - sink.room);
}

static void offer_events(void)
{
    if (sink.room < ROOM_MAX)
        world_offer(drain, NULL);
}

void sink_begin(void)
{
    memset(&sink, 0, sizeof sink);
    sink.file.class = &sink_class;
    sink.is_nonblocking = pick(2) == 0;
    sink.room = knob_is_on(KNOB_SMALL_SOCKET) ? 1 + pick(20) : ROOM_MAX;
    file_inherit(STDOUT_FILENO, &sink.file);
    world_add_source(offer_events);
}

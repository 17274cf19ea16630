/* scripts_files.c: regular files, pipes and descriptors. */
#include "conform.h"
#include "sys.h"
#include "sys_process.h"

static void read_file(unsigned data, int fd, unsigned len, unsigned offset)
{
    io_uring_prep_read(script_sqe(data), fd, script_buf, len, offset);
    script_see(1);
}

static void end_of_file(void)
{
    int fd = stage_file("twelve bytes");

    read_file(1, fd, 12, 0);
    read_file(2, fd, 12, 8);
    script_say("the buffer begins with %.4s", script_buf);
    read_file(3, fd, 12, 12);
    read_file(4, fd, 12, 4000);
}

static void write_behind_the_end(void)
{
    int fd = stage_file("four");

    io_uring_prep_write(script_sqe(1), fd, "more", 4, 8);
    script_see(1);
    read_file(2, fd, 16, 0);
    script_say("a byte between is %d", script_buf[5]);
}

static void writer_closed(void)
{
    script_pipe();
    script_write("five!");
    sys_close(script_fds[1]);
    script_read(1, 16);
    script_see(1);
    script_read(2, 16);
    script_see(1);
}

static void writer_closes(void)
{
    script_pipe();
    script_read(1, 16);
    script_see(0);
    sys_close(script_fds[1]);
    script_see(1);
}

static void poll_of_an_ended_pipe(void)
{
    script_pipe();
    io_uring_prep_poll_add(script_sqe(1), script_fds[0], 1);
    script_see(0);
    sys_close(script_fds[1]);
    script_see(1);
}

static void no_reader(void)
{
    script_pipe();
    sys_close(script_fds[0]);
    io_uring_prep_write(script_sqe(1), script_fds[1], "five!", 5, -1);
    script_see(1);
}

static void lowest_first(void)
{
    int second[2];

    script_pipe();
    script_say("a pipe is %d and %d", script_fds[0], script_fds[1]);
    io_uring_prep_close(script_sqe(1), script_fds[0]);
    script_see(1);
    script_say("the next pipe begins at %d",
               sys_pipe(second) < 0 ? -1 : second[0]);
    script_say("and has %d", second[1]);
}

const struct script scripts_files[] = {
    {"a read at the end of a file is short, and then 0", end_of_file},
    {"a write behind the end leaves zeros between", write_behind_the_end},
    {"a pipe without a writer has an end behind its bytes", writer_closed},
    {"the close of the last writer ends a read", writer_closes},
    {"the close of the last writer ends a poll with POLLHUP",
     poll_of_an_ended_pipe},
    {"a write to a pipe without a reader is EPIPE", no_reader},
    {"the lowest free descriptor is used next", lowest_first},
    {NULL, NULL},
};

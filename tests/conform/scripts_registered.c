/* scripts_registered.c: registered files and buffers. */
#include <fcntl.h>
#include <string.h>

#include "conform.h"
#include "err.h"
#include "sys.h"

#define SLOTS 2u

static void table(void)
{
    int rc = io_uring_register_files_sparse(&script_ring.uring, SLOTS);

    if (rc < 0)
        script_say("no table: %s", err_name(rc));
}

static void put(unsigned slot, int fd)
{
    int rc = io_uring_register_files_update(&script_ring.uring, slot, &fd, 1);

    if (rc != 1)
        script_say("an update is %s", err_name(rc));
}

static struct io_uring_sqe *read_slot(unsigned data, unsigned slot)
{
    struct io_uring_sqe *sqe = script_sqe(data);

    io_uring_prep_read(sqe, (int)slot, script_buf, 4, 0);
    sqe->flags |= IOSQE_FIXED_FILE;
    return sqe;
}

static void close_slot(unsigned data, unsigned slot)
{
    io_uring_prep_close_direct(script_sqe(data), slot);
    script_see(1);
}

static void slot_outlives_fd(void)
{
    int fd = stage_file("four");

    table();
    put(1, fd);
    sys_close(fd);
    read_slot(1, 1);
    script_see(1);
    close_slot(2, 1);
}

static void empty_slot(void)
{
    table();
    read_slot(1, 0);
    read_slot(2, SLOTS);
    script_see(2);
    close_slot(3, 0);
    close_slot(4, SLOTS);
    put(0, -1);
    put(SLOTS, stage_file("four"));
}

static void no_table(void)
{
    read_slot(1, 0);
    script_see(1);
    close_slot(2, 0);
    put(0, stage_file("four"));
    table();
    table();
}

static void replaced(void)
{
    table();
    put(0, stage_file("old!"));
    put(0, stage_file("new!"));
    read_slot(1, 0);
    script_see(1);
    script_say("the buffer begins with %.4s", script_buf);
}

/* The pipe has an end for its reader when the slot is empty, too. */
static void last_reference(void)
{
    script_pipe();
    table();
    put(0, script_fds[1]);
    sys_close(script_fds[1]);
    script_read(1, 5);
    script_see(0);
    io_uring_prep_close_direct(script_sqe(2), 0);
    script_see(2);
}

/* An operation in flight keeps the file of a slot that is emptied. */
static void emptied_in_flight(void)
{
    script_pipe();
    table();
    put(0, script_fds[0]);
    read_slot(1, 0);
    script_see(0);
    close_slot(2, 0);
    script_write("five!");
    script_see(1);
}

/* The slot is looked up when the read is issued: behind the close. */
static void looked_up_late(void)
{
    struct io_uring_sqe *sqe = script_sqe(1);

    table();
    put(0, stage_file("four"));
    io_uring_prep_close_direct(sqe, 0);
    sqe->flags |= IOSQE_IO_HARDLINK;
    read_slot(2, 0);
    script_see(2);
}

static void buffers(unsigned count)
{
    const struct iovec list[] = {{script_buf, 16}, {script_buf + 16, 16}};
    int rc = io_uring_register_buffers(&script_ring.uring, list, count);

    if (rc < 0)
        script_say("no buffers: %s", err_name(rc));
}

static void read_fixed(unsigned data, int fd, unsigned from, unsigned len,
                       int index)
{
    io_uring_prep_read_fixed(script_sqe(data), fd, script_buf + from, len, 0,
                             index);
    script_see(1);
}

static void inside(void)
{
    int fd = stage_file("twelve bytes");

    buffers(2);
    read_fixed(1, fd, 2, 12, 0);
    script_say("the buffer begins with %.4s", script_buf);
    read_fixed(2, fd, 16, 16, 1);
}

static void outside(void)
{
    int fd = stage_file("twelve bytes");

    buffers(2);
    read_fixed(1, fd, 8, 16, 0);
    read_fixed(2, fd, 0, 16, 1);
    read_fixed(3, fd, 0, 16, 2);
    script_say("the buffer begins with %.4s", script_buf);
    buffers(1);
}

static void write_from(void)
{
    int fd = stage_file("");

    buffers(1);
    memcpy(script_buf, "five!", 5);
    io_uring_prep_write_fixed(script_sqe(1), fd, script_buf, 5, 0, 0);
    script_see(1);
    read_fixed(2, fd, 8, 8, 0);
}

static void short_fixed_read(void)
{
    struct io_uring_sqe *sqe = script_sqe(1);

    script_pipe();
    buffers(1);
    script_write("five!");
    io_uring_prep_read_fixed(sqe, script_fds[0], script_buf, 16, 0, 0);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_prep_nop(script_sqe(2));
    script_see(2);
}

static void vectored(void)
{
    struct iovec list[] = {{script_buf, 4}, {script_buf + 32, 8}};
    int fd = stage_file("twelve bytes");

    io_uring_prep_readv(script_sqe(1), fd, list, 2, 0);
    script_see(1);
    script_say("the second part is %.8s", script_buf + 32);
    io_uring_prep_readv(script_sqe(2), fd, list, 2, 6);
    script_see(1);
}

const struct script scripts_registered[] = {
    {"a slot of the table outlives its descriptor", slot_outlives_fd},
    {"an empty slot is EBADF, and a close of no slot is EINVAL", empty_slot},
    {"without a table, a slot is EBADF, and its close ENXIO", no_table},
    {"an update replaces the file of a slot", replaced},
    {"the last reference of a pipe may be a slot", last_reference},
    {"an emptied slot does not end its operations", emptied_in_flight},
    {"a slot is looked up when the operation is issued", looked_up_late},
    {"a registered buffer is filled in parts", inside},
    {"memory outside a registered buffer is EFAULT", outside},
    {"a write takes its bytes from a registered buffer", write_from},
    {"a short read into a registered buffer breaks a link", short_fixed_read},
    {"a vectored read fills its parts in order", vectored},
    {NULL, NULL},
};

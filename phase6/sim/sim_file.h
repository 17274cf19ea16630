/* sim_file.h: the table of descriptors.
 *
 *     fd --> struct sim_file <-- an operation in flight
 *                       ^------- a slot of a ring's table
 *
 * All hold a reference, as in the kernel: a file outlives its descriptor while
 * an operation uses it. */
#ifndef PHASE6_SIM_FILE_H
#define PHASE6_SIM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_FIRST_FD 3 /* the program has stdin, stdout and stderr */

struct sim_file;

/* Returned by read and write if they would have to wait. */
#define FILE_WAITS INT32_MIN

/* The functions of a kind of file. If an operation needs a function that is
 * NULL, the run stops. */
struct file_class {
    const char *name;
    bool has_edges; /* counts its events, so EPOLLET can watch it */

    /* Returns POLLIN, POLLOUT, POLLERR and POLLHUP as they are now. NULL: the
     * file cannot be polled, and is always ready. */
    unsigned (*poll)(struct sim_file *file);

    /* Return the number of bytes, -errno, or FILE_WAITS. */
    int (*read)(struct sim_file *file, void *buf, size_t len, uint64_t offset);
    int (*write)(struct sim_file *file, const void *buf, size_t len,
                 uint64_t offset);

    /* Called when the last descriptor is closed, and when the last reference is
     * gone. */
    void (*close)(struct sim_file *file);
    void (*release)(struct sim_file *file);
};

struct sim_file {
    const struct file_class *class;
    unsigned fds;        /* descriptors and table slots that refer to it */
    unsigned operations; /* operations in flight that use it */
    unsigned edges;      /* events that have made it readable, or may have */
};

/* Closes every descriptor without calling a function of its file. */
void file_begin(void);

/* Gives file the lowest free descriptor. Returns it, or -EMFILE. */
int file_install(struct sim_file *file);

/* Gives file the descriptor fd, which is below FILE_FIRST_FD. The program has
 * it open from the start, and need not close it. */
void file_inherit(int fd, struct sim_file *file);

/* Returns the file of fd, or NULL. */
struct sim_file *file_of(int fd);

/* Closes fd. Returns 0, or -EBADF. Fails with "no-operation-on-a-closed-fd" if
 * an operation in flight or a queued SQE uses it. */
int file_close(int fd);

/* Takes or releases the reference of a descriptor or of a table slot. The last
 * release closes the file. */
void file_hold(struct sim_file *file);
void file_drop(struct sim_file *file);

/* Takes or releases an operation's reference. */
void file_take(struct sim_file *file);
void file_release(struct sim_file *file);

/* Fails with "every-fd-closed" unless all descriptors are closed. */
void file_check_all_closed(void);

/* Returns true if fd could be installed now. */
bool file_has_room(void);

#endif

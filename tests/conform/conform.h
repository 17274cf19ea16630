/* conform.h: what the kernel does, as short scripts.
 *
 * Each script runs on the real kernel and on the simulated one (phase6/sim),
 * and prints what it sees. The two outputs must be equal: `ninja conform`.
 *
 *     static void short_read_breaks_a_link(void)
 *     {
 *         script_pipe();
 *         script_write("five!");
 *         script_read(1, 16)->flags |= IOSQE_IO_LINK;
 *         io_uring_prep_nop(script_sqe(2));
 *         script_see(2);
 *     }
 *
 * A script must not depend on a race: it says how many completions it waits
 * for, and prints them in the order of their arrival. */
#ifndef TESTS_CONFORM_H
#define TESTS_CONFORM_H

#include <liburing.h>
#include <stdbool.h>

#include "ring.h"

struct script {
    const char *name; /* a sentence: what the kernel does */
    void (*run)(void);
};

/* The lists of scripts. Each ends with a row whose name is NULL. */
extern const struct script scripts_cancel[], scripts_cq[], scripts_epoll[],
    scripts_events[], scripts_files[], scripts_limits[], scripts_links[],
    scripts_net[], scripts_registered[], scripts_zero_copy[];

extern struct ring script_ring; /* 8 SQEs, 8 CQEs */
extern char script_buf[64];     /* for reads and receives: all '#' */
extern int script_fds[2];       /* a pipe, after script_pipe */

/* Returns an SQE with this user_data. It is submitted by the next see. */
struct io_uring_sqe *script_sqe(unsigned data);

/* Submits. Then waits for count completions, and prints them; then prints those
 * that are there, too. Prints "nothing" if there are none. */
void script_see(unsigned count);

/* Prints a line. */
void script_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes a pipe; fills it without an enter; prepares a read of it into 16 bytes
 * of script_buf. */
void script_pipe(void);
void script_write(const char *text);
struct io_uring_sqe *script_read(unsigned data, unsigned len);

/* Returns the program's end of a connection with peer 0. */
int script_connection(void);

/* Registers count buffers of 4 bytes as group 0; returns one of them. */
void script_buffers(unsigned count);
void script_add_buffer(unsigned id);

/* The other end of the world: stage_kernel.c has system calls, and stage_sim.c
 * calls the simulated kernel. stage_begin and stage_end enclose a script. */
void stage_init(void);
void stage_begin(void);
void stage_end(void);

/* Makes a file with this text. Returns its descriptor. */
int stage_file(const char *text);

/* Writes text to fd, by a system call. */
void stage_write(int fd, const char *text);

/* Lets happen what can happen without an enter. */
void stage_settle(void);

/* Makes a listener, and connects peer 0, 1, ... to it. */
int stage_listen(void);
void stage_connect(unsigned peer);
void stage_send(unsigned peer, const char *text);
void stage_finish(unsigned peer); /* a FIN */
void stage_reset(unsigned peer);  /* an RST */

/* Returns what the peer receives next: the number of bytes, 0 for a FIN, -errno
 * for an RST, or -EAGAIN. */
int stage_receive(unsigned peer);

#endif

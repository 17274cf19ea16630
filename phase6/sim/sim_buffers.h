/* sim_buffers.h: the kernel's side of provided buffers.
 *
 *     tail: the program adds            head: an operation takes
 *        PROGRAM ----------> [ buffer ring ] ----------> PROGRAM
 *                             KERNEL's: full of garbage */
#ifndef PHASE6_SIM_BUFFERS_H
#define PHASE6_SIM_BUFFERS_H

#include <stdint.h>

/* A buffer that an operation has taken. */
struct picked {
    void *memory;
    unsigned len;
    uint32_t flags; /* of the CQE: the buffer's id */
};

/* Forgets all buffer rings. */
void buffers_begin(void);

/* Looks for buffers that the program has added, and fills them with garbage.
 * Fails with "every-buffer-returned-once" if one is the kernel's already. */
void buffers_look(void);

/* Finds the oldest buffer of a group. Returns 0, or -ENOBUFS. Fails with
 * "kernel-memory-untouched" if the program has written to it. buffers_pick
 * takes it. */
int buffers_peek(unsigned group, struct picked *out);
void buffers_pick(unsigned group);

/* Fails with "every-buffer-returned-once" if a buffer ring is registered. */
void buffers_check_unregistered(void);

#endif

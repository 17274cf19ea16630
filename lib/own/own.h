/* own.h: our ring library, in place of liburing's at link time.
 * Introduced in phase 7. Needs: nothing.
 *
 * liburing's header is the interface, and its library is not linked: here are
 * the functions that are not inline. Ownership and results are as in
 * liburing's man pages, with these differences:
 *
 *  - io_uring_queue_init returns -EOPNOTSUPP before Linux 5.11, and -EINVAL for
 *    a flag that changes who maps the memory, or how the indices work: NO_MMAP,
 *    REGISTERED_FD_ONLY, SQ_REWIND.
 *  - io_uring_submit counts an SQE even if a polling thread (SQPOLL) takes it
 *    during the call. liburing may return 0 then.
 *  - io_uring_submit_and_wait_timeout counts the SQEs of every enter. liburing
 *    returns the count of the first, or 0 if a CQE was there before the call.
 *  - io_uring_register_files returns -EMFILE if RLIMIT_NOFILE is too small.
 *    liburing raises that limit of the process first.
 *
 * Nothing here allocates. Use a ring in one thread. */
#ifndef ONE_RING_OWN_H
#define ONE_RING_OWN_H

#include <liburing.h>

/* Set-up flags. liburing 2.3 does not name the last two: since 6.6 and 6.13. */
#define OWN_SETUP_NO_SQARRAY (1u << 16)
#define OWN_SETUP_KNOWN                                                       \
    (((IORING_SETUP_DEFER_TASKRUN << 1) - 1) | OWN_SETUP_NO_SQARRAY | 1u << 17)

/* The system calls (sys_ring.c). Each returns >= 0, or -errno as its man page.
 * arg has a timeout and a signal mask, or is NULL. sys_ring_map maps len bytes
 * of fd at offset, one of IORING_OFF_*. */
int sys_ring_setup(unsigned entries, struct io_uring_params *params);
int sys_ring_enter(const struct io_uring *ring, unsigned flags, unsigned count,
                   unsigned wait_count,
                   const struct io_uring_getevents_arg *arg);
int sys_ring_register(const struct io_uring *ring, unsigned opcode,
                      const void *arg, size_t count);
int sys_ring_map(void **memory, size_t len, int fd, uint64_t offset);
int sys_ring_no_fork(void *memory, size_t len);

#endif

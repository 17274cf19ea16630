/* own.h: our ring library, in place of liburing's at link time.
 * Introduced in phase 7. Needs: nothing.
 *
 * The interface is liburing's header. This library has the functions of that
 * header that are not inline, so a program that links it does not need
 * liburing's library. Ownership and results are as in liburing's man pages,
 * with these differences:
 *
 *  - io_uring_queue_init returns -EOPNOTSUPP before Linux 5.11, and -EINVAL for
 *    an unknown or unsupported flag, such as NO_MMAP, REGISTERED_FD_ONLY, and
 *    SQ_REWIND.
 *  - io_uring_submit counts an SQE even if a polling thread (SQPOLL) takes it
 *    during the call. liburing might not count such an SQE.
 *  - io_uring_submit_and_wait_timeout counts the SQEs of all its io_uring_enter
 *    calls. liburing returns the count of the first call, or 0 if there was a
 *    CQE already.
 *  - io_uring_register_files returns -EMFILE if RLIMIT_NOFILE is too small.
 *    liburing raises the process's limit and retries.
 *
 * No function here allocates memory. Use each ring in only one thread. */
#ifndef ONE_RING_OWN_H
#define ONE_RING_OWN_H

#include <liburing.h>

/* The set-up flags that we accept. liburing 2.3 has no names for the last two,
 * which are NO_SQARRAY (Linux 6.6) and HYBRID_IOPOLL (Linux 6.13). */
#define OWN_SETUP_NO_SQARRAY (1u << 16)
#define OWN_SETUP_KNOWN                                                       \
    (((IORING_SETUP_DEFER_TASKRUN << 1) - 1) | OWN_SETUP_NO_SQARRAY | 1u << 17)

/* The system calls (sys_ring.c). Each returns >= 0, or -errno from its man
 * page. arg points to a timeout and a signal mask, or is NULL. sys_ring_map
 * maps len bytes of fd at offset, which is one of IORING_OFF_*. */
int sys_ring_setup(unsigned entries, struct io_uring_params *params);
int sys_ring_enter(const struct io_uring *ring, unsigned flags, unsigned count,
                   unsigned wait_count,
                   const struct io_uring_getevents_arg *arg);
int sys_ring_register(const struct io_uring *ring, unsigned opcode,
                      const void *arg, size_t count);
int sys_ring_map(void **memory, size_t len, int fd, uint64_t offset);
int sys_ring_no_fork(void *memory, size_t len);

#endif

/* who_refuses.h: does io_uring work here, and if not, what refuses it?
 *
 * An exercise of phase 0; see phase0/exercises/README.md. */
#ifndef WHO_REFUSES_H
#define WHO_REFUSES_H

enum refusal {
    RING_WORKS,        /* set-up works, and enter reaches the kernel */
    REFUSED_BY_FILTER, /* a seccomp filter refuses a call */
    REFUSED_BY_KERNEL, /* set-up fails, but no filter refuses io_uring_enter */
    NO_SUCH_CALL,      /* no io_uring, or a filter returns ENOSYS */
};

/* Returns RING_WORKS if this process can make a ring, otherwise the cause of
 * the refusal. Leaves no descriptor open. */
enum refusal who_refuses(void);

#endif

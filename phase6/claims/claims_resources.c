/* claims_resources.c: claims about io_uring_register.
 * Introduced in phase 6. Needs: claim.h, uring_compat.h.
 *
 * Files, buffers, rings and credentials can be registered. The ring then holds
 * a reference to them, with rules that differ from those of descriptors: close
 * does not end it, an index replaces the descriptor, and the memory is pinned.
 * The last reference may be released long after the table entry was replaced.
 *
 * Checks that need a limit or another user set it themselves: each check has
 * its own process. */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include "claim.h"
#include "uring_compat.h"

enum { KIB = 1024 };

/* Returns the counter of an eventfd, or 0 if it was not signalled. */
static int signals_of(int event)
{
    eventfd_t count = 0;

    return eventfd_read(event, &count) < 0 ? 0 : (int)count;
}

/* One signal may stand for many completions, so read the whole CQ. */
static const char *eventfd_is_signalled(void)
{
    int event = eventfd(0, EFD_NONBLOCK);
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    if (io_uring_register_eventfd(&ring, event) < 0)
        claim_absent("no eventfd can be registered");
    claim_sqe(&ring, 1);
    (void)claim_run(&ring);
    return claim_number("signals", 1, signals_of(event));
}

/* A nop completes during the submit. The program has to look at the CQ after
 * each submit. */
static const char *async_eventfd_ignores_a_nop(void)
{
    int event = eventfd(0, EFD_NONBLOCK);
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    if (io_uring_register_eventfd_async(&ring, event) < 0)
        claim_absent("no eventfd can be registered");
    claim_sqe(&ring, 1);
    (void)claim_run(&ring);
    return claim_number("signals", 0, signals_of(event));
}

/* A registered file is closed when its table entry is replaced. */
static const char *registered_file_is_used_by_its_index(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    int fd = claim_file("hello");
    char text[5];

    claim_ring(&ring, 4, 0);
    if (io_uring_register_files(&ring, &fd, 1) < 0)
        claim_absent("no file can be registered");
    close(fd);
    sqe = claim_sqe(&ring, 1);
    io_uring_prep_read(sqe, 0, text, sizeof text, 0);
    sqe->flags |= IOSQE_FIXED_FILE;
    return claim_number("a read of index 0 after close(2)", 5,
                        claim_run(&ring));
}

/* The errno is that of a closed descriptor. */
static const char *index_beyond_the_table(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;
    char text[5];

    claim_ring(&ring, 4, 0);
    sqe = claim_sqe(&ring, 1);
    io_uring_prep_read(sqe, 3, text, sizeof text, 0);
    sqe->flags |= IOSQE_FIXED_FILE;
    return claim_number("a read of index 3", -EBADF, claim_run(&ring));
}

/* The kernel has pinned the pages of the buffer, and no others. */
static const char *fixed_read_stays_in_its_buffer(void)
{
    static char memory[2 * KIB];
    struct iovec half = {memory, KIB};
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    if (io_uring_register_buffers(&ring, &half, 1) < 0)
        claim_absent("no buffer can be registered");
    io_uring_prep_read_fixed(claim_sqe(&ring, 1), claim_file("hello"),
                             memory + KIB, 5, 0, 0);
    return claim_number("a read behind the buffer", -EFAULT, claim_run(&ring));
}

/* A program of an ordinary user must be ready for ENOMEM. */
static const char *memlock_does_not_limit_buffers(void)
{
    const struct rlimit little = {KIB * KIB, KIB * KIB};
    struct iovec range = {malloc(4 * KIB * KIB), 4 * KIB * KIB};
    struct io_uring ring;

    claim_drop_root();
    if (setrlimit(RLIMIT_MEMLOCK, &little) < 0)
        claim_absent("the limit cannot be set");
    claim_ring(&ring, 4, 0);
    return claim_number("registering 4 MiB with a limit of 1 MiB", 0,
                        io_uring_register_buffers(&ring, &range, 1));
}

/* The id may have been unregistered. */
static const char *unknown_personality(void)
{
    struct io_uring_sqe *sqe;
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    sqe = claim_sqe(&ring, 1);
    sqe->personality = 99;
    return claim_number("a nop with personality 99", -EINVAL, claim_run(&ring));
}

/* The ring no longer uses one of the process's descriptors. */
static const char *ring_fd_can_be_closed(void)
{
    struct io_uring ring;

    claim_ring(&ring, 4, 0);
    if (io_uring_register_ring_fd(&ring) != 1)
        claim_absent("the kernel registers no ring (5.18)");
    close(ring.ring_fd);
    claim_sqe(&ring, 1);
    return claim_number("a nop after the close", 0, claim_run(&ring));
}

/* Makes a ring, posts this many completions, and grows its CQ of two entries.
 * Returns the result of the last step. */
static int resize_behind(unsigned completions)
{
    struct io_uring_params wanted = {
        .sq_entries = 1,
        .cq_entries = 16,
        .flags = IORING_SETUP_CQSIZE,
    };
    struct io_uring ring;

    claim_ring(&ring, 1, IORING_SETUP_SINGLE_ISSUER |
                             IORING_SETUP_DEFER_TASKRUN);
    for (unsigned i = 0; i < completions; i++) {
        claim_sqe(&ring, i);
        io_uring_submit(&ring);
    }
    return io_uring_register((unsigned)ring.ring_fd, UR_REGISTER_RESIZE_RINGS,
                             &wanted, 1);
}

/* So a program may wait until the CQ is too small before it grows it. */
static const char *overflowed_ring_keeps_its_size(void)
{
    if (resize_behind(0) < 0)
        claim_absent("the kernel resizes no ring (6.13)");
    return claim_true(resize_behind(4) < 0, "the kernel resizes it");
}

const struct claim claims_resources[] = {
    {"io_uring_register(2)", "a registered eventfd is signalled per completion",
     eventfd_is_signalled},
    {"io_uring_register(2)", "an EVENTFD_ASYNC is not signalled by a nop",
     async_eventfd_ignores_a_nop},
    {"io_uring_register(2)", "a registered file stays open after close(2)",
     registered_file_is_used_by_its_index},
    {"io_uring_enter(2)", "an index beyond the table of files is EBADF",
     index_beyond_the_table},
    {"io_uring_enter(2)", "a fixed read outside its buffer is EFAULT",
     fixed_read_stays_in_its_buffer},
    {"io_uring_registered_buffers(7)", "since 5.12 RLIMIT_MEMLOCK does not "
                                       "limit buffers",
     memlock_does_not_limit_buffers},
    {"io_uring_register(2)", "an unknown personality is EINVAL",
     unknown_personality},
    {"io_uring_register_ring_fd(3)", "a ring that is registered can be entered "
                                     "without its descriptor",
     ring_fd_can_be_closed},
    {"io_uring_resize_rings(3)", "a ring whose CQ has overflowed cannot be "
                                 "resized",
     overflowed_ring_keeps_its_size},
    {NULL, NULL, NULL},
};

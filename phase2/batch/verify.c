/* verify.c: --verify: what was read is written, read back and compared.
 * Introduced in phase 2. Needs: batch_ring.h, sys.h.
 *
 * What it teaches: operations whose order matters, on many places at once. The
 * scratch file has no name and one region per place, so that no two operations
 * touch the same bytes; put, get and compare are steps of a place, and the
 * completion's user_data says which of them it ends.
 *
 * In mode linked, put and get form a chain: the read back makes sense only if
 * the write was whole. If it was short, the link breaks, the read comes back as
 * -ECANCELED without having run, and the pair is written down again for the
 * rest. That is all that a broken chain asks for: look at each result, and go
 * on from where the bytes end. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "mode.h"
#include "batch_ring.h"
#include "sys.h"

int batch_scratch_open(const char *directory)
{
    return sys_open(directory, O_TMPFILE | O_RDWR, 0600);
}

static uint64_t region_of(const struct batch *b, unsigned place)
{
    return (uint64_t)place * batch_capacity(b);
}

/* Queues the write of a place's bytes into its region. */
static struct io_uring_sqe *put(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];
    struct io_uring_sqe *sqe = batch_sqe(b, place, STEP_PUT);
    uint64_t offset = region_of(b, place) + p->written;
    unsigned count = batch_list(b, p->slots, p->written, p->filled, p->list);

    batch_lend(b, p->slots);
    if (b->has_buffers)
        io_uring_prep_write_fixed(sqe, b->scratch, p->list[0].iov_base,
                                  (unsigned)p->list[0].iov_len, offset,
                                  (int)p->slots[0]);
    else
        io_uring_prep_writev(sqe, b->scratch, p->list, count, offset);
    return sqe;
}

/* Queues the read of the region into the place's other memory. */
static void get(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];
    struct io_uring_sqe *sqe = batch_sqe(b, place, STEP_GET);
    uint64_t offset = region_of(b, place) + p->fetched;
    unsigned count = batch_list(b, p->copies, p->fetched, p->filled,
                                p->copy_list);

    batch_lend(b, p->copies);
    if (b->has_buffers)
        io_uring_prep_read_fixed(sqe, b->scratch, p->copy_list[0].iov_base,
                                 (unsigned)p->copy_list[0].iov_len, offset,
                                 (int)p->copies[0]);
    else
        io_uring_prep_readv(sqe, b->scratch, p->copy_list, count, offset);
}

/* Bytes that are not read back must not be right by chance: the memory may
 * hold them still, from the file that had this place before. */
static void spoil(struct batch *b, struct place *p)
{
    unsigned count = batch_list(b, p->copies, 0, p->filled, p->copy_list);

    for (unsigned i = 0; i < count; i++)
        memset(p->copy_list[i].iov_base, 0xdb, p->copy_list[i].iov_len);
}

/* Nothing of these bytes can be vouched for. */
static void give_up(struct place *p, const char *what, int result)
{
    p->offset -= p->filled; /* where in the file they began */
    batch_fail(p, what, result);
    batch_empty(p);
}

static void compare(struct batch *b, struct place *p)
{
    bool is_same = true;
    unsigned count = batch_list(b, p->slots, 0, p->filled, p->list);

    batch_list(b, p->copies, 0, p->filled, p->copy_list);
    for (unsigned i = 0; i < count; i++)
        is_same &= memcmp(p->list[i].iov_base, p->copy_list[i].iov_base,
                          p->list[i].iov_len) == 0;
    if (!is_same) {
        give_up(p, "compare", -EIO);
        return;
    }
    b->counts.bytes += p->filled;
    batch_empty(p);
}

/* The next step of a place whose bytes are due. */
static void check(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];

    if (p->fetched == p->filled) {
        compare(b, p);
        return;
    }
    if (b->mode->is_serial && b->in_flight > 0)
        return;
    if (p->fetched == 0)
        spoil(b, p);
    if (p->written == p->filled) {
        get(b, place);
        return;
    }
    batch_reserve(b, 2);
    if (b->mode->is_linked) {
        put(b, place)->flags |= IOSQE_IO_LINK;
        get(b, place);
    } else {
        put(b, place);
    }
}

void batch_verify(struct batch *b)
{
    for (unsigned file = b->head; file < b->tail; file++) {
        unsigned place = file % b->window;
        struct place *p = &b->places[place];

        if (batch_is_ready(b, p) && batch_is_mine(b, p->slots) &&
            batch_is_mine(b, p->copies))
            check(b, place);
    }
}

void batch_verify_done(struct batch *b, struct place *p, enum batch_step step,
                       int result)
{
    batch_reclaim(b, step == STEP_PUT ? p->slots : p->copies);
    if (result == -ECANCELED || result == -EAGAIN || result == -EINTR)
        return; /* has not run: check writes it down again */
    if (result <= 0)
        give_up(p, step == STEP_PUT ? "write" : "read back",
                result < 0 ? result : -EIO);
    else if (step == STEP_PUT)
        p->written += (unsigned)result;
    else
        p->fetched += (unsigned)result;
}

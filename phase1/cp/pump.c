/* pump.c: many blocks of one file in flight through a ring; see content.h.
 *
 * What it teaches: a block is a small state machine, and a copy is many of
 * them at once. The loop knows nothing of order: blocks are read and written
 * at their own offsets and end when they end.
 *
 *   free -> reading -> writing -> free
 *              |  ^      |  ^
 *              +--+      +--+   a short result: the rest, from where it stopped
 *
 * On the first failure no block is begun or written any more, and what is in
 * flight is waited for: only then are the buffers ours again. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "content.h"
#include "rings.h"
#include "stop.h"

#define HUGE_PAGE (2 * 1024 * 1024) /* in most places; elsewhere no harm */

struct piece {
    uint64_t offset;
    size_t len;  /* of the block */
    size_t got;  /* read so far */
    size_t put;  /* written so far */
    bool writing;
    char *bytes;
};

/* Made for the first file, and kept for all. */
static struct {
    int broken; /* why the ring is beyond use: its buffers stay the kernel's */
    struct cp_ring ring;
    char *memory;
    struct piece pieces[CP_DEPTH_MAX];
    unsigned free[CP_DEPTH_MAX]; /* numbers of pieces that are not in flight */
    unsigned free_count;
} pump;

/* The copying of one range. */
struct range {
    struct cp_data *data;
    uint64_t next;  /* where the next block begins */
    uint64_t limit; /* where no block begins any more */
    int result;     /* the first failure */
};

/* The memory of all blocks, in huge pages if there are any to be had: a disk
 * that writes to it by itself (O_DIRECT) is told one address for a block, and
 * not one for each page. Returns NULL without memory. */
static char *allocate(size_t len)
{
    size_t align = len < HUGE_PAGE ? DATA_ALIGN : HUGE_PAGE;
    char *memory;

    len = (len + align - 1) / align * align;
    memory = aligned_alloc(align, len);
    if (memory != NULL && align == HUGE_PAGE)
        (void)madvise(memory, len, MADV_HUGEPAGE);
    return memory;
}

int pump_init(struct cp *cp)
{
    int rc;

    pump.memory = allocate(cp->options.depth * cp->options.block_len);
    if (pump.memory == NULL)
        return -ENOMEM;
    rc = rings_init(&pump.ring, cp->options.depth, &cp->stats);
    if (rc < 0) {
        free(pump.memory);
        return rc;
    }
    for (unsigned i = 0; i < cp->options.depth; i++) {
        pump.pieces[i].bytes = pump.memory + i * cp->options.block_len;
        pump.free[pump.free_count++] = i;
    }
    return 0;
}

/* With O_DIRECT, lengths are whole sectors: the last block is read and written
 * up to the next boundary, and the file cut to its length afterwards. */
static unsigned length(size_t len, bool is_direct)
{
    if (is_direct)
        len = (len + DATA_ALIGN - 1) / DATA_ALIGN * DATA_ALIGN;
    return (unsigned)len;
}

static void read_piece(struct range *range, struct piece *piece)
{
    const struct cp_data *data = range->data;
    struct io_uring_sqe *sqe = rings_sqe(&pump.ring);

    piece->writing = false;
    pump.ring.stats->direct_reads += data->in_direct;
    io_uring_prep_read(sqe, data->in, piece->bytes + piece->got,
                       length(piece->len - piece->got, data->in_direct),
                       piece->offset + piece->got);
    rings_tag(sqe, (uint64_t)(piece - pump.pieces));
}

static void write_piece(struct range *range, struct piece *piece)
{
    const struct cp_data *data = range->data;
    struct io_uring_sqe *sqe = rings_sqe(&pump.ring);

    piece->writing = true;
    io_uring_prep_write(sqe, data->out, piece->bytes + piece->put,
                        length(piece->got - piece->put, data->out_direct),
                        piece->offset + piece->put);
    rings_tag(sqe, (uint64_t)(piece - pump.pieces));
}

static void begin_piece(struct range *range)
{
    struct piece *piece = &pump.pieces[pump.free[--pump.free_count]];
    size_t len = range->data->cp->options.block_len;

    if (len > range->limit - range->next)
        len = (size_t)(range->limit - range->next);
    piece->offset = range->next;
    piece->len = len;
    piece->got = 0;
    piece->put = 0;
    range->next += len;
    read_piece(range, piece);
}

static void end_piece(struct piece *piece)
{
    pump.free[pump.free_count++] = (unsigned)(piece - pump.pieces);
}

/* Notes the first failure. What is in flight goes on to its end. */
static void fail(struct range *range, struct piece *piece, uint64_t offset,
                 int result)
{
    range->result = data_failed(range->data, piece->writing ? DATA_TARGET
                                                            : DATA_SOURCE,
                                offset, result);
    end_piece(piece);
}

/* A read has completed: error, end, short, or done. */
static void read_done(struct range *range, struct piece *piece, int result)
{
    if (range->result != 0) {
        end_piece(piece);
    } else if (rings_is_retry(&pump.ring, result)) {
        read_piece(range, piece);
    } else if (result < 0) {
        fail(range, piece, piece->offset + piece->got, result);
    } else if (result == 0) {
        /* The source ends here; blocks behind this one may have been read
         * and written, and are cut off at the end. */
        if (piece->offset + piece->got < range->limit)
            range->limit = piece->offset + piece->got;
        if (piece->got > 0)
            write_piece(range, piece);
        else
            end_piece(piece);
    } else {
        piece->got += (size_t)result;
        if (piece->got >= piece->len) {
            piece->got = piece->len; /* direct: sectors beyond are not asked */
            write_piece(range, piece);
            return;
        }
        pump.ring.stats->short_reads++;
        if (piece->got % DATA_ALIGN != 0)
            data_end_direct_in(range->data);
        read_piece(range, piece);
    }
}

/* A write has completed: error, short, or done. */
static void write_done(struct range *range, struct piece *piece, int result)
{
    if (range->result != 0) {
        end_piece(piece);
    } else if (rings_is_retry(&pump.ring, result)) {
        write_piece(range, piece);
    } else if (result <= 0) {
        fail(range, piece, piece->offset + piece->put,
             result < 0 ? result : -ENOSPC);
    } else {
        piece->put += (size_t)result;
        if (piece->put < piece->got) {
            pump.ring.stats->short_writes++;
            if (piece->put % DATA_ALIGN != 0)
                data_end_direct_out(range->data);
            write_piece(range, piece);
            return;
        }
        stats_add_bytes(pump.ring.stats, piece->got);
        end_piece(piece);
    }
}

/* Every completion passes through here. */
static void reap(struct range *range)
{
    uint64_t tag;
    int result;

    while (rings_next(&pump.ring, &tag, &result)) {
        struct piece *piece = &pump.pieces[tag];

        assert(tag < range->data->cp->options.depth);
        if (piece->writing)
            write_done(range, piece, result);
        else
            read_done(range, piece, result);
    }
}

int pump_copy(struct cp_data *data, uint64_t begin, uint64_t end,
              uint64_t *reached)
{
    struct range range = {.data = data, .next = begin, .limit = end};
    int rc;

    assert(pump.pieces[0].bytes != NULL); /* pump_init was there */
    *reached = begin;
    if (pump.broken < 0)
        return data_failed(data, DATA_RING, begin, pump.broken);
    for (;;) {
        if (stop_requested() != 0 && range.result == 0)
            range.result = -EINTR;
        while (range.result == 0 && range.next < range.limit &&
               pump.free_count > 0)
            begin_piece(&range);
        if (pump.ring.in_flight == 0)
            break;
        rc = rings_wait(&pump.ring, 1);
        if (rc < 0) {
            pump.broken = rc;
            return data_failed(data, DATA_RING, range.next, rc);
        }
        reap(&range);
    }
    *reached = range.limit;
    return range.result;
}

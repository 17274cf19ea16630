/* pump.c: copies a file through a ring, many blocks at a time; see pump.h.
 *
 * What it teaches: each block is a small state machine, and a copy runs many of
 * them at once. The blocks complete in any order, because each is read and
 * written at its own offset.
 *
 *   free -> reading -> writing -> free
 *              |  ^      |  ^
 *              +--+      +--+   a short result: continue where it stopped
 *
 * After the first failure the pump does not start other operations, and waits
 * for those in flight. The kernel owns their buffers until they complete. */
#include "pump.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rings.h"
#include "stop.h"

#define HUGE_PAGE (2 * 1024 * 1024) /* on most machines; harmless on others */

struct block {
    uint64_t offset;
    size_t len;  /* bytes to copy */
    size_t got;  /* bytes read so far */
    size_t put;  /* bytes written so far */
    bool writing;
    char *bytes;
};

/* The pump is created once and used for all files. After the ring has failed,
 * the buffers are not used again, because the kernel may still write to
 * them. */
static struct {
    int broken; /* -errno if the ring has failed, otherwise 0 */
    struct cp_ring ring;
    char *memory;
    struct block blocks[CP_DEPTH_MAX];
    unsigned free[CP_DEPTH_MAX]; /* indices of blocks that are not in flight */
    unsigned free_count;
} pump;

/* The state of one call of pump_copy. */
struct range {
    struct engine_job *job;
    uint64_t next;  /* offset of the next block */
    uint64_t limit; /* end of the range, or of the source */
    int result;     /* the first failure */
};

int pump_init(struct cp *cp)
{
    size_t len = cp->options.depth * cp->options.block_len;
    size_t align = len < HUGE_PAGE ? ENGINE_ALIGN : HUGE_PAGE;
    int rc;

    len = (len + align - 1) / align * align;
    pump.memory = aligned_alloc(align, len);
    if (pump.memory == NULL)
        return -ENOMEM;
    /* With O_DIRECT the disk transfers data directly to and from this memory.
     * If the memory is in huge pages, the disk needs one address per block
     * instead of one per page. */
    if (align == HUGE_PAGE)
        (void)madvise(pump.memory, len, MADV_HUGEPAGE);
    rc = rings_init(&pump.ring, cp->options.depth, &cp->stats);
    if (rc < 0) {
        free(pump.memory);
        return rc;
    }
    for (unsigned i = 0; i < cp->options.depth; i++) {
        pump.blocks[i].bytes = pump.memory + i * cp->options.block_len;
        pump.free[pump.free_count++] = i;
    }
    return 0;
}

void pump_finish(void)
{
    if (pump.broken == 0) {
        rings_finish(&pump.ring);
        free(pump.memory);
    }
    memset(&pump, 0, sizeof pump);
}

/* Returns the length of an operation. With O_DIRECT it is rounded up to a
 * multiple of ENGINE_ALIGN, so the last block may extend beyond the end of the
 * file. content_copy truncates the copy to its length afterwards. */
static unsigned length(size_t len, bool is_direct)
{
    if (is_direct)
        len = (len + ENGINE_ALIGN - 1) / ENGINE_ALIGN * ENGINE_ALIGN;
    return (unsigned)len;
}

static void read_block(struct range *range, struct block *block)
{
    const struct engine_job *job = range->job;
    struct io_uring_sqe *sqe = rings_sqe(&pump.ring);

    block->writing = false;
    pump.ring.stats->direct_reads += job->in_direct;
    io_uring_prep_read(sqe, job->in, block->bytes + block->got,
                       length(block->len - block->got, job->in_direct),
                       block->offset + block->got);
    rings_tag(sqe, (uint64_t)(block - pump.blocks));
}

static void write_block(struct range *range, struct block *block)
{
    const struct engine_job *job = range->job;
    struct io_uring_sqe *sqe = rings_sqe(&pump.ring);

    block->writing = true;
    io_uring_prep_write(sqe, job->out, block->bytes + block->put,
                        length(block->got - block->put, job->out_direct),
                        block->offset + block->put);
    rings_tag(sqe, (uint64_t)(block - pump.blocks));
}

static void begin_block(struct range *range)
{
    struct block *block = &pump.blocks[pump.free[--pump.free_count]];
    size_t len = range->job->cp->options.block_len;

    if (len > range->limit - range->next)
        len = (size_t)(range->limit - range->next);
    block->offset = range->next;
    block->len = len;
    block->got = 0;
    block->put = 0;
    range->next += len;
    read_block(range, block);
}

static void end_block(struct block *block)
{
    pump.free[pump.free_count++] = (unsigned)(block - pump.blocks);
}

/* Records the first failure. Operations in flight continue. */
static void fail(struct range *range, struct block *block, uint64_t offset,
                 int result)
{
    range->result =
        engine_fail(range->job, block->writing ? ENGINE_TARGET : ENGINE_SOURCE,
                    offset, result);
    end_block(block);
}

/* Handles a completed read: an error, the end, a short read or a full block. */
static void read_done(struct range *range, struct block *block, int result)
{
    if (range->result != 0) {
        end_block(block);
    } else if (rings_is_retry(&pump.ring, result)) {
        read_block(range, block);
    } else if (result < 0) {
        fail(range, block, block->offset + block->got, result);
    } else if (result == 0) {
        /* The source ends here. Later blocks may already be written;
         * content_copy truncates the copy. */
        if (block->offset + block->got < range->limit)
            range->limit = block->offset + block->got;
        if (block->got > 0)
            write_block(range, block);
        else
            end_block(block);
    } else {
        block->got += (size_t)result;
        if (block->got >= block->len) {
            block->got = block->len; /* O_DIRECT may read more */
            write_block(range, block);
            return;
        }
        pump.ring.stats->short_reads++;
        if (block->got % ENGINE_ALIGN != 0)
            engine_end_direct_in(range->job);
        read_block(range, block);
    }
}

/* Handles a completed write: an error, a short write or a full block. */
static void write_done(struct range *range, struct block *block, int result)
{
    if (range->result != 0) {
        end_block(block);
    } else if (rings_is_retry(&pump.ring, result)) {
        write_block(range, block);
    } else if (result <= 0) {
        fail(range, block, block->offset + block->put,
             result < 0 ? result : -ENOSPC);
    } else {
        block->put += (size_t)result;
        if (block->put < block->got) {
            pump.ring.stats->short_writes++;
            if (block->put % ENGINE_ALIGN != 0)
                engine_end_direct_out(range->job);
            write_block(range, block);
            return;
        }
        stats_add_bytes(pump.ring.stats, block->got);
        end_block(block);
    }
}

/* Handles all completions that have arrived. */
static void reap(struct range *range)
{
    uint64_t tag;
    int result;

    while (rings_next(&pump.ring, &tag, &result)) {
        struct block *block = &pump.blocks[tag];

        assert(tag < range->job->cp->options.depth);
        if (block->writing)
            write_done(range, block, result);
        else
            read_done(range, block, result);
    }
}

int pump_copy(struct engine_job *job, uint64_t begin, uint64_t end,
              uint64_t *reached)
{
    struct range range = {.job = job, .next = begin, .limit = end};
    int rc;

    assert(pump.blocks[0].bytes != NULL); /* pump_init was called */
    *reached = begin;
    if (pump.broken < 0)
        return engine_fail(job, ENGINE_RING, begin, pump.broken);
    for (;;) {
        if (stop_requested() != 0 && range.result == 0)
            range.result = -EINTR;
        while (range.result == 0 && range.next < range.limit &&
               pump.free_count > 0)
            begin_block(&range);
        if (pump.ring.in_flight == 0)
            break;
        rc = rings_wait(&pump.ring, 1);
        if (rc < 0) {
            pump.broken = rc;
            return engine_fail(job, ENGINE_RING, range.next, rc);
        }
        reap(&range);
    }
    *reached = range.limit;
    return range.result;
}

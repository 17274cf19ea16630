/* cat-uring: a cat that reads ahead, and uses splice if it can.
 *
 * What it teaches: how to keep many operations in flight, and when not to.
 *
 *   a file        It reads several blocks ahead while it writes one. Reads have
 *                 explicit offsets and complete in any order. Writes are
 *                 submitted one at a time, in the order of the input.
 *   a stream      It has one operation in flight at a time, because two reads
 *                 of one socket could receive the data in the wrong order.
 *   a pipe        If either end is a pipe, splice(2) moves pages
 *                 (cat_splice.c).
 *
 *   do      read ahead up to the size that stat reports. Beyond that size, find
 *           the end with one read at a time. In /proc the size is 0, so every
 *           read is beyond it
 *   do not  treat a short read as the end: continue where it stopped
 *   do not  return while the kernel uses the buffer of an operation */
#include <assert.h>
#include <errno.h>
#include <liburing.h>

#include "cat.h"
#include "cat_splice.h"
#include "file.h"

#define DEPTH 8       /* blocks in flight */
#define WRITING 0x100 /* flag in user_data, beside the block's index */

/* One block of the input. The blocks form a circular queue, and the oldest is
 * written first. */
struct block {
    uint64_t offset;
    unsigned len;   /* bytes read so far */
    unsigned done;  /* bytes written so far */
    bool in_flight; /* the kernel owns its data until the CQE */
    bool complete;  /* no more data will be read into it */
};

/* The state of one copy. */
struct copy {
    struct cat_job *job;
    struct block blocks[DEPTH];
    unsigned oldest, count; /* the queue: oldest, oldest + 1, ... */
    unsigned in_flight;
    uint64_t next_offset; /* offset of the next block */
    uint64_t end;         /* offset of the end or the first failure */
    int result;           /* 0 at the end of the input, or -errno */
};

static struct io_uring ring;
static char data[DEPTH][CAT_BLOCK_LEN]
    __attribute__((aligned(CAT_BLOCK_ALIGN)));

/* Creates the ring. Tries the cheapest mode first. If an older kernel rejects
 * its flags, tries the next mode. Returns 0 or -errno. */
static int cat_uring_init(void)
{
    static const unsigned flags[] = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
        IORING_SETUP_COOP_TASKRUN,
        0,
    };
    int rc;

    for (int i = 0;; i++) {
        do {
            rc = io_uring_queue_init(2 * DEPTH, &ring, flags[i]);
        } while (rc == -EINTR);
        if (rc != -EINVAL || flags[i] == 0)
            return rc;
    }
}

static struct io_uring_sqe *next_sqe(struct copy *copy, struct block *block)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

    assert(sqe != NULL); /* the queue has 2 * DEPTH entries */
    assert(!block->in_flight);
    block->in_flight = true;
    copy->in_flight++;
    return sqe;
}

static void read_more(struct copy *copy, struct block *block)
{
    struct io_uring_sqe *sqe = next_sqe(copy, block);
    unsigned number = (unsigned)(block - copy->blocks);
    uint64_t offset = copy->job->in_seeks ? block->offset + block->len
                                          : UINT64_MAX;

    io_uring_prep_read(sqe, copy->job->in, data[number] + block->len,
                       CAT_BLOCK_LEN - block->len, offset);
    io_uring_sqe_set_data64(sqe, number);
}

/* Returns true if another block may be started. No block may start after the
 * end is found. In a stream, and in a file beyond the size that stat reported,
 * only one block may be in use at a time. */
static bool may_begin(const struct copy *copy)
{
    const struct cat_job *job = copy->job;

    if (copy->end != UINT64_MAX || copy->count == DEPTH)
        return false;
    return copy->count == 0 ||
           (job->in_seeks &&
            file_kind_of(job->in_info.st_mode) == FILE_REGULAR &&
            copy->next_offset < (uint64_t)job->in_info.st_size);
}

/* Records where the copy ends: at the end of the input, at a failed read, or at
 * 0 after a failed write. A block at or after offset is not written. */
static void end_at(struct copy *copy, uint64_t offset, int result)
{
    if (offset < copy->end) {
        copy->end = offset;
        copy->result = result;
    }
}

static void read_done(struct copy *copy, struct block *block, int result)
{
    result = cat_read_result(copy->job, result);
    if (result == CAT_RETRY) {
        read_more(copy, block);
        return;
    }
    if (result <= 0) {
        end_at(copy, block->offset + block->len, result);
        block->complete = true;
        return;
    }
    block->len += (unsigned)result;
    if (copy->count == 1) {
        /* This is the only block: write what has arrived. */
        block->complete = true;
        copy->next_offset = block->offset + block->len;
    } else if (block->len == CAT_BLOCK_LEN) {
        block->complete = true;
    } else {
        read_more(copy, block);
    }
}

static void write_done(struct copy *copy, struct block *block, int result)
{
    result = cat_write_result(copy->job, result);
    if (result == CAT_RETRY)
        return; /* advance() writes the oldest block again */
    if (result < 0) {
        end_at(copy, 0, result);
        return;
    }
    cat_settle_position(copy->job, result);
    block->done += (unsigned)result;
    copy->job->in_offset += (uint64_t)result;
}

/* Handles all completions that have arrived. */
static void reap(struct copy *copy)
{
    struct io_uring_cqe *cqe;

    while (io_uring_peek_cqe(&ring, &cqe) == 0) {
        uint64_t tag = io_uring_cqe_get_data64(cqe);
        struct block *block = &copy->blocks[tag & ~(uint64_t)WRITING];
        int result = cqe->res;

        io_uring_cqe_seen(&ring, cqe); /* the kernel may reuse cqe now */
        block->in_flight = false;
        copy->in_flight--;
        if (tag & WRITING)
            write_done(copy, block, result);
        else
            read_done(copy, block, result);
    }
}

/* Removes the oldest blocks from the queue as long as they have nothing left to
 * write. Then starts to write the block that is now the oldest, if its read is
 * complete. */
static void advance(struct copy *copy)
{
    while (copy->count > 0) {
        struct block *block = &copy->blocks[copy->oldest];

        if (block->in_flight || !block->complete)
            return;
        if (block->done < block->len && block->offset < copy->end) {
            unsigned number = (unsigned)(block - copy->blocks);
            struct io_uring_sqe *sqe = next_sqe(copy, block);

            io_uring_prep_write(sqe, copy->job->out,
                                data[number] + block->done,
                                block->len - block->done, UINT64_MAX);
            io_uring_sqe_set_data64(sqe, number | WRITING);
            return;
        }
        copy->oldest = (copy->oldest + 1) % DEPTH;
        copy->count--;
    }
}

static int cat_uring_copy(struct cat_job *job)
{
    static struct copy copy;
    int rc = cat_copy_spliced(job);

    if (rc != -EINVAL)
        return rc;
    copy = (struct copy){
        .job = job,
        .next_offset = job->in_offset,
        .end = UINT64_MAX,
    };
    for (;;) {
        advance(&copy);
        while (may_begin(&copy)) {
            unsigned number = (copy.oldest + copy.count++) % DEPTH;

            copy.blocks[number] = (struct block){.offset = copy.next_offset};
            copy.next_offset += CAT_BLOCK_LEN;
            read_more(&copy, &copy.blocks[number]);
        }
        if (copy.in_flight == 0)
            return copy.result;
        /* After EINTR or ENOMEM the prepared entries stay queued. */
        cat_enter_result(io_uring_submit_and_wait(&ring, 1));
        reap(&copy);
    }
}

int main(int argc, char **argv)
{
    static const struct cat_engine engine = {
        .program = "cat-uring",
        .summary = "Uses io_uring: reads ahead, and splices pipes.",
        .init = cat_uring_init,
        .copy = cat_uring_copy,
    };

    return cat_main(argc, argv, &engine);
}

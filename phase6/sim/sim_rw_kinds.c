/* sim_rw_kinds.c: the effect of reads and writes; see sim_op.h.
 *
 * What it teaches: a vectored read is a series of reads, and ends at the first
 * one that is short. An error after some bytes is not reported: the next read
 * finds it. A registered buffer only adds a check of its bounds. */
#include <errno.h>

#include "sim_check.h"
#include "sim_kinds.h"
#include "sim_memory.h"
#include "sim_registered.h"

/* The kernel copies the list of a vectored operation. */
void kind_prepare_vector(struct sim_op *op)
{
    check_that(op->sqe.len > 0 && op->sqe.len <= OP_PARTS_MAX,
               "simulated-operation", "parts of a vectored operation:",
               op->sqe.len);
    memory_copy(op->parts, (const void *)(uintptr_t)op->sqe.addr,
                op->sqe.len * sizeof *op->parts);
    op->part_count = op->sqe.len;
}

/* Memory outside the buffer is the program's, so it is not lent. */
void kind_prepare_fixed(struct sim_op *op)
{
    if (!registered_has(op->sqe.buf_index, op->parts[0].iov_base,
                        op->parts[0].iov_len))
        op->part_count = 0;
}

int kind_run_transfer(struct sim_op *op)
{
    const struct file_class *class = op->file->class;
    bool reads = op_kind(op->sqe.opcode)->memory == OP_FILLS;
    int total = 0;

    if (op->part_count == 0)
        return -EFAULT;
    for (unsigned i = 0; i < op->part_count; i++) {
        const struct iovec *part = &op->parts[i];
        uint64_t offset = op->sqe.off + (unsigned)total;
        int rc = reads ? class->read(op->file, part->iov_base, part->iov_len,
                                     offset)
                       : class->write(op->file, part->iov_base, part->iov_len,
                                      offset);

        if (rc == FILE_WAITS && (op->sqe.rw_flags & RWF_NOWAIT))
            rc = -EAGAIN;
        if (rc < 0)
            return total > 0 ? total : rc;
        total += rc;
        if ((unsigned)rc < part->iov_len)
            break;
    }
    return total;
}

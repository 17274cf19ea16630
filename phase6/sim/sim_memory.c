/* sim_memory.c: memory that the kernel owns; see sim_memory.h. */
#include "sim_memory.h"

#include "sim_check.h"
#include "sim_op.h"
#include "tools.h"

#define GARBAGE 0xdb
#define SCRIBBLE_MAX 1024u

/* The accesses are volatile, so that the compiler does not replace the loops by
 * memcpy(3) and memset(3), which AddressSanitizer checks. */
TOOLS_UNCHECKED void memory_copy(void *to, const void *from, size_t len)
{
    volatile char *out = to;
    const volatile char *in = from;

    for (size_t i = 0; i < len; i++)
        out[i] = in[i];
}

TOOLS_UNCHECKED uint64_t memory_hash(const void *memory, size_t len)
{
    const volatile unsigned char *byte = memory;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

TOOLS_UNCHECKED void memory_scribble(void *memory, size_t len)
{
    volatile unsigned char *byte = memory;

    for (size_t i = 0; i < len && i < SCRIBBLE_MAX; i++)
        byte[i] = GARBAGE;
}

TOOLS_UNCHECKED bool memory_is_scribbled(const void *memory, size_t len)
{
    const volatile unsigned char *byte = memory;

    for (size_t i = 0; i < len && i < SCRIBBLE_MAX; i++)
        if (byte[i] != GARBAGE)
            return false;
    return true;
}

/* The kernel picks a buffer for the operation later: sim_buffers.c. */
static bool has_no_buffer_yet(const struct sim_op *op)
{
    return (op->sqe.flags & IOSQE_BUFFER_SELECT) != 0;
}

/* Returns a hash of all that an operation reads. */
static uint64_t hash_of(const struct sim_op *op)
{
    uint64_t hash = 0;

    for (unsigned i = 0; i < op->part_count; i++)
        hash = hash * 31 + memory_hash(op->parts[i].iov_base,
                                       op->parts[i].iov_len);
    return hash;
}

void memory_lend(struct sim_op *op)
{
    enum op_memory memory = op_kind(op->sqe.opcode)->memory;

    if (memory == OP_READS)
        op->hash = hash_of(op);
    if (memory != OP_FILLS || has_no_buffer_yet(op))
        return;
    for (unsigned i = 0; i < op->part_count; i++)
        memory_scribble(op->parts[i].iov_base, op->parts[i].iov_len);
}

void memory_check(const struct sim_op *op)
{
    const struct op_kind *kind = op_kind(op->sqe.opcode);
    bool is_intact = true;

    if (kind->memory == OP_READS)
        is_intact = hash_of(op) == op->hash;
    else if (kind->memory == OP_FILLS && !has_no_buffer_yet(op))
        for (unsigned i = 0; i < op->part_count; i++)
            is_intact &= memory_is_scribbled(op->parts[i].iov_base,
                                             op->parts[i].iov_len);
    if (!is_intact)
        check_fail("kernel-memory-untouched",
                   "the program wrote to the memory of its %s %#llx",
                   kind->name, (unsigned long long)op->sqe.user_data);
}

/* sim_memory.h: memory that the kernel owns.
 *
 * From submit until the terminal CQE, the kernel owns the memory of an
 * operation. The simulated kernel writes garbage to memory that it will fill,
 * and remembers a hash of memory that it will read. If the program has touched
 * the memory in between, the garbage or the hash has changed. AddressSanitizer
 * does not check these functions, because lib poisons what the kernel owns. */
#ifndef PHASE6_SIM_MEMORY_H
#define PHASE6_SIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_op;

/* Copies len bytes. The parts do not overlap. */
void memory_copy(void *to, const void *from, size_t len);

/* Returns a hash of len bytes. */
uint64_t memory_hash(const void *memory, size_t len);

/* memory_scribble fills memory with garbage. memory_is_scribbled returns true
 * if the garbage is unchanged. Both handle only the first kilobyte. */
void memory_scribble(void *memory, size_t len);
bool memory_is_scribbled(const void *memory, size_t len);

/* Lends the memory of an operation to the kernel. memory_check fails with
 * "kernel-memory-untouched" if the program has written to it since. */
void memory_lend(struct sim_op *op);
void memory_check(const struct sim_op *op);

#endif

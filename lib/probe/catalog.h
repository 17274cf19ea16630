/* catalog.h: io_uring's opcodes, features and set-up flags by name.
 * Introduced in phase 0. Needs: nothing.
 *
 * lib has its own tables because the kernel at run time may be newer than the
 * header at compile time. If a program took a table's size from the header and
 * an index from the kernel, it could read past the table's end. The accessors
 * here accept any number. */
#ifndef ONE_RING_CATALOG_H
#define ONE_RING_CATALOG_H

struct catalog_entry {
    const char *name;  /* without the prefix: "BIND" for IORING_OP_BIND */
    const char *since; /* the first Linux release that has it: "6.11" */
    int phase;         /* the first phase that needs it; 0: none */
    const char *use;   /* its use in that phase, or NULL */
};

/* Returns the number of entries in a table. */
int catalog_ops(void);
int catalog_features(void);
int catalog_flags(void);

/* Returns the entry of opcode op (IORING_OP_*), of feature 1 << bit
 * (IORING_FEAT_*), or of set-up flag 1 << bit (IORING_SETUP_*). Returns NULL if
 * the table does not have it. The entry is static. */
const struct catalog_entry *catalog_op(int op);
const struct catalog_entry *catalog_feature(int bit);
const struct catalog_entry *catalog_flag(int bit);

/* Returns the name of an opcode, or "?" if the table does not have it. */
const char *catalog_op_name(int op);

#endif

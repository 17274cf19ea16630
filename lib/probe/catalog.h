/* catalog.h: every part of io_uring by name: opcodes, features, set-up flags.
 * Introduced in phase 0. Needs: nothing.
 *
 * Our own table, because the header that we compile with and the kernel that
 * we run on are of different ages: a table with the length of the one, indexed
 * by a number from the other, is read past its end. Every accessor here takes
 * any number and has an answer for it. */
#ifndef ONE_RING_CATALOG_H
#define ONE_RING_CATALOG_H

struct catalog_entry {
    const char *name;  /* without the prefix: "BIND" for IORING_OP_BIND */
    const char *since; /* the release of Linux that brought it: "6.11" */
    int phase;         /* the first phase here that needs it; 0: none does */
    const char *use;   /* what that phase loses without it, or NULL */
};

/* How many of each are known, newest kernel included. */
int catalog_ops(void);
int catalog_features(void);
int catalog_flags(void);

/* The entry of IORING_OP_op; of the feature IORING_FEAT_* with bit number bit;
 * of the set-up flag IORING_SETUP_* with bit number bit. NULL for a number
 * that is not in the table. Static storage. */
const struct catalog_entry *catalog_op(int op);
const struct catalog_entry *catalog_feature(int bit);
const struct catalog_entry *catalog_flag(int bit);

/* The name of an opcode, "?" for one that is newer than this table. */
const char *catalog_op_name(int op);

#endif

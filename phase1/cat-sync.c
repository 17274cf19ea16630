/* cat-sync: cat with read(2) and write(2), the baseline of this phase.
 *
 * What it teaches: the cost of a cat without a ring. Each block takes two
 * system calls, one after the other. The output is idle while a block is read,
 * and the disk is idle while a block is written. The loop is in cat_plain.c,
 * because the other two cats use it, too: for terminals, and for files that do
 * not suit a ring (file_suits_ring). */
#include <stddef.h>

#include "cat.h"
#include "cat_plain.h"

int main(int argc, char **argv)
{
    static const struct cat_engine engine = {
        .program = "cat-sync",
        .summary = "The baseline: calls read(2) and write(2) in turn.",
        .copy = cat_copy_plain,
    };

    return cat_main(argc, argv, &engine);
}

/* cat-sync: cat with read(2) and write(2), the baseline of this phase.
 *
 * What it teaches: what a cat costs without a ring. Two system calls
 * per block, and while one of them runs nothing else does: the disk waits for
 * the terminal, and the terminal waits for the disk. The loop is in
 * cat_plain.c, because the cats with a ring use it, too, for files that do not
 * suit a ring. */
#include <stddef.h>

#include "cat.h"
#include "cat_plain.h"

int main(int argc, char **argv)
{
    static const struct cat_engine engine = {
        .program = "cat-sync",
        .summary = "The baseline: one read(2), then one write(2).",
        .copy = cat_copy_plain,
    };

    return cat_main(argc, argv, &engine);
}

/* cat-sync: cat with read(2) and write(2), the baseline of this phase.
 *
 * What it teaches: what a cat costs without a ring. Two system calls a block,
 * and while one runs nothing else does: the disk waits for the terminal, and
 * the terminal for the disk. The loop itself is cat_plain.c, because the cats
 * with a ring need it too, for the files that do not suit one. */
#include <stddef.h>

#include "cat.h"

int main(int argc, char **argv)
{
    static const struct cat_way way = {
        .program = "cat-sync",
        .summary = "The baseline: one read(2), then one write(2).",
        .copy = cat_copy_plain,
    };

    return cat_main(argc, argv, &way);
}

/* held.c: directories that stay open while the batch uses them; see held.h. */
#include "held.h"

#include <unistd.h>

#include "cp_batch.h"

#define HELD_MAX (2 * CP_BATCH_FILES_MAX)

static int held[HELD_MAX];
static unsigned held_count;

void held_sweep(void)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < held_count; i++) {
        if (cp_batch_uses(held[i]))
            held[kept++] = held[i];
        else
            close(held[i]);
    }
    held_count = kept;
}

void held_close(struct cp *cp, int fd)
{
    if (cp_batch_uses(fd) && held_count >= cp_batch_directories_max()) {
        held_sweep();
        if (held_count >= cp_batch_directories_max())
            (void)cp_batch_finish(cp);
    }
    if (!cp_batch_uses(fd))
        close(fd);
    else if (held_count < HELD_MAX) /* full only if the ring failed */
        held[held_count++] = fd;
}

/* fixtures.h: the files that bench reads and writes.
 *
 * If no FILE is named, bench makes files in a new folder in $TMPDIR (or in
 * /var/tmp, which is usually on a disk), and removes them before it ends. */
#ifndef PHASE6_FIXTURES_H
#define PHASE6_FIXTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "work.h"

struct fixtures {
    char folder[256];
    char **names;    /* owned; count of them */
    int count;
};

/* Makes count files of len bytes, with the pattern of seed 0.
 *
 * Returns 0       the files are in the page cache, and perhaps on the disk
 *         -EINTR  a signal asked bench to end
 *         -errno  from mkdtemp(3), open(2), or write(2)
 * On failure, removes what it has made. fixtures->folder names the folder even
 * then. */
int fixtures_init(struct fixtures *fixtures, int count, uint64_t len);

/* Removes the files. Accepts zeroed fixtures. */
void fixtures_finish(struct fixtures *fixtures);

/* Removes the pages of the files from the page cache.
 *
 * Returns 0       the next read of a file goes to its disk
 *         -EBUSY  the file *failed stays in memory, as in a tmpfs
 *         -errno  from open(2) or sync_file_range(2) of *failed */
int fixtures_forget_bytes(const struct work *work, const char **failed);

/* Makes the kernel forget the names and inodes of all files, including those of
 * other programs. Only root can do that. Returns true on success. */
bool fixtures_forget_names(void);

/* Compares the files with the bytes that a run with work->seed writes. Then
 * waits until they are on the disk, so that the next run does not compete with
 * it.
 *
 * Returns 0        every byte is as expected
 *         -EILSEQ  the file *failed has wrong bytes, or a wrong length
 *         -errno   from open(2) or read(2) of *failed */
int fixtures_verify(const struct work *work, const char **failed);

#endif

/* fixtures.c: files to read, if none are named; see fixtures.h. */
#include "fixtures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder's name, a slash and a number. */
#define NAME_LEN (sizeof((struct made *)0)->dir + 16)

/* Never over a file that is there. A full disk may show at close only. */
static int make_file(const char *name, size_t len, unsigned seed)
{
    static char block[4096];
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int result = fd < 0 ? -errno : 0;

    /* No two files are alike, and none is compressible to nothing. */
    for (size_t i = 0; i < sizeof block; i++) {
        seed = seed * 1664525u + 1013904223u;
        block[i] = (char)(seed >> 24);
    }
    while (result == 0 && len > 0) {
        size_t part = len < sizeof block ? len : sizeof block;
        ssize_t wrote = write(fd, block, part);

        if (wrote < 0)
            result = -errno;
        else
            len -= (size_t)wrote;
    }
    if (fd >= 0 && close(fd) < 0 && result == 0)
        result = -errno;
    return result;
}

int made_init(struct made *made, int count, size_t len)
{
    const char *tmp = getenv("TMPDIR");
    int result = 0;

    memset(made, 0, sizeof *made);
    snprintf(made->dir, sizeof made->dir, "%s/bench.XXXXXX",
             tmp != NULL ? tmp : "/var/tmp");
    made->names = calloc((size_t)count, sizeof *made->names);
    if (made->names == NULL)
        return -ENOMEM;
    if (mkdtemp(made->dir) == NULL) {
        result = -errno;
        free(made->names);
        made->names = NULL;
        return result;
    }
    while (result == 0 && made->count < count) {
        char *name = malloc(NAME_LEN);

        if (name == NULL) {
            result = -ENOMEM;
            break;
        }
        snprintf(name, NAME_LEN, "%s/%d", made->dir, made->count);
        made->names[made->count++] = name;
        result = make_file(name, len, (unsigned)made->count);
    }
    if (result < 0)
        made_finish(made);
    return result;
}

void made_finish(struct made *made)
{
    if (made->names == NULL)
        return;
    for (int i = 0; i < made->count; i++) {
        (void)unlink(made->names[i]);
        free(made->names[i]);
    }
    (void)rmdir(made->dir); /* not empty: somebody else put something there */
    free(made->names);
    made->names = NULL;
}

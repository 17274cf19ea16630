/* lab-offset.c: offset -1 is the file's position, 0 is the file's start.
 * Introduced in phase 2. Needs: lab.h.
 *
 * What it teaches: a read through the ring takes an offset, as pread does.
 * Offset -1 means the file's position, which the read then moves, as read(2)
 * does. Two such reads in flight share the position, and timing decides which
 * bytes each of them gets. So use -1 only for files that are not seekable
 * (pipes, terminals), with one operation at a time. Use an explicit offset for
 * all other files. */
#include <stdint.h>
#include <unistd.h>

#include "lab.h"

struct step {
    const char *what;
    int64_t offset;
    const char *content;
    int position; /* expected afterwards */
};

static void step(struct io_uring *ring, int fd, const struct step *s)
{
    char buf[4] = "";
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_read(sqe, fd, buf, 3, (uint64_t)s->offset);
    io_uring_sqe_set_data64(sqe, 1);
    if (lab_run(ring, 1) < 0)
        buf[0] = '?';
    lab_text(s->what, s->content, buf);
    lab_result("the file's position afterwards", s->position,
               (int)lseek(fd, 0, SEEK_CUR));
}

int main(int argc, char **argv)
{
    const struct step steps[] = {
        {"3 bytes at 0", 0, "abc", 0},
        {"3 bytes at 0 again", 0, "abc", 0},
        {"3 bytes at -1", -1, "abc", 3},
        {"3 bytes at -1 again", -1, "def", 6},
        {"3 bytes at 1", 1, "bcd", 6},
    };
    struct io_uring ring;
    int fd, code = lab_options(argc, argv, "lab-offset",
                               "What do offsets 0 and -1 mean?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    fd = lab_file("abcdefghi", 9);
    lab_print("a file that holds abcdefghi");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        step(&ring, fd, &steps[i]);
    close(fd);
    io_uring_queue_exit(&ring);
    return lab_end();
}

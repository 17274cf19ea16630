/* lab-buf-mmap.c: a buffer ring in the kernel's memory, and its status.
 * Introduced in phase 8. Needs: lab.h, sys.h, tcp.h, uring_buffers.h.
 *
 * What it teaches: usually the program allocates the buffer ring, and the
 * kernel maps it. With UR_PBUF_RING_MMAP (6.4) the kernel allocates it, and the
 * program maps it from the ring's descriptor:
 *
 *      register group 5, no address
 *      mmap(ring_fd, 0x80000000 | 5 << 16)  -->  the buffer ring
 *
 * The memory is then contiguous in the kernel. The buffers themselves stay the
 * program's. PBUF_STATUS (6.8) returns the kernel's head: how many entries it
 * has taken. tail - head entries are free. That is exact, while a count in the
 * program misses the buffers of CQEs that it has not reaped. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"
#include "tcp.h"
#include "uring_buffers.h"

enum { GROUP = 5, ENTRIES = 4, LEN = 16 };

static char memory[ENTRIES][LEN];

/* Returns how many entries of the group the kernel has taken, or -errno. */
static int head_of(struct io_uring *ring, unsigned group)
{
    struct ur_buf_status status = {.group = group};
    int rc = io_uring_register((unsigned)ring->ring_fd,
                               UR_REGISTER_PBUF_STATUS, &status, 1);

    return rc < 0 ? rc : (int)status.head;
}

static int receive(struct io_uring *ring, int fd)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;

    io_uring_prep_recv(sqe, fd, NULL, LEN, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    lab_take(ring, &cqe, 1);
    return cqe.res;
}

static void *map(const struct io_uring *ring, int group)
{
    return mmap(NULL, ENTRIES * sizeof(struct io_uring_buf),
                PROT_READ | PROT_WRITE, MAP_SHARED, ring->ring_fd,
                ur_buf_ring_offset(group));
}

static void use(struct io_uring *ring, struct io_uring_buf_ring *buffers)
{
    int fds[2];

    tcp_pair(fds);
    for (unsigned short id = 0; id < ENTRIES; id++)
        io_uring_buf_ring_add(buffers, memory[id], LEN, id,
                              io_uring_buf_ring_mask(ENTRIES), id);
    io_uring_buf_ring_advance(buffers, ENTRIES);
    lab_result("head", 0, head_of(ring, GROUP));
    if (write(fds[0], "two buffers", 11) != 11)
        return;
    lab_result("a receive", 11, receive(ring, fds[1]));
    lab_text("the first buffer", "two buffers", memory[0]);
    lab_result("head", 1, head_of(ring, GROUP));
    lab_result("head of a group that does not exist", -ENOENT,
               head_of(ring, GROUP + 1));
}

int main(int argc, char **argv)
{
    struct io_uring_buf_reg registration = {
        .ring_entries = ENTRIES,
        .bgid = GROUP,
        .pad = UR_PBUF_RING_MMAP, /* flags */
    };
    struct io_uring ring;
    void *buffers;
    int code = lab_options(argc, argv, "lab-buf-mmap",
                           "Can the kernel allocate a buffer ring?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    if (io_uring_register_buf_ring(&ring, &registration, 0) == -EINVAL ||
        head_of(&ring, GROUP) == -EINVAL) {
        lab_absent("a mapped ring", "the kernel has none, or no status (6.8)");
        return lab_end();
    }
    lab_print("a ring of 4 entries that the kernel has allocated");
    lab_truth("mmap of another group", false,
              map(&ring, GROUP + 1) != MAP_FAILED);
    buffers = map(&ring, GROUP);
    lab_truth("mmap", true, buffers != MAP_FAILED);
    if (buffers != MAP_FAILED)
        use(&ring, buffers);
    io_uring_queue_exit(&ring);
    return lab_end();
}

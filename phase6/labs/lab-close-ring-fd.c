/* lab-close-ring-fd.c: a ring that has no descriptor any more.
 * Introduced in phase 6. Needs: lab.h, sys.h, uring_compat.h.
 *
 * What it teaches: each thread has a small table of rings in the kernel. A
 * thread can register its ring there, and enter the ring by the index. That
 * saves the look-up of the descriptor in each system call. Since 6.3
 * io_uring_register(2) takes the index, too, so the program can close the
 * descriptor. Then
 *
 *      the number is free, and a program that closes all descriptors does not
 *      close the ring;
 *      /proc has no fdinfo for the ring;
 *      other threads and children cannot enter the ring, because the table
 *      belongs to one thread.
 *
 * The kernel closes the ring when the thread removes the index, or ends. */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"
#include "uring_compat.h"

/* Enters the ring by its index, without submitting anything. */
static int enter(const struct io_uring *ring)
{
    return io_uring_enter2((unsigned)ring->enter_ring_fd, 0, 0,
                           IORING_ENTER_GETEVENTS |
                               IORING_ENTER_REGISTERED_RING,
                           NULL, 0);
}

static void *enter_in_thread(void *arg)
{
    lab_result("an enter by another thread", -EINVAL, enter(arg));
    return NULL;
}

static void enter_elsewhere(struct io_uring *ring)
{
    pthread_t thread;
    int status = 0;
    pid_t child;

    if (sys_thread_start(&thread, enter_in_thread, ring) == 0)
        (void)sys_thread_join(thread);
    child = fork();
    if (child == 0)
        _exit(-enter(ring));
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (child > 0)
        lab_result("an enter by a child", -EINVAL, -WEXITSTATUS(status));
}

/* Reads the limits of io-wq workers: a registration that changes nothing. */
static int register_by(int fd, unsigned flag)
{
    unsigned limits[2] = {0, 0};

    return io_uring_register((unsigned)fd,
                             IORING_REGISTER_IOWQ_MAX_WORKERS | flag, limits,
                             2);
}

static void use(struct io_uring *ring, int fd)
{
    struct io_uring_rsrc_update entry = {.offset =
                                             (unsigned)ring->enter_ring_fd};
    char path[64], text[16];

    lab_print("the descriptor is closed");
    (void)close(fd);
    io_uring_prep_nop(io_uring_get_sqe(ring));
    lab_result("a nop", 0, lab_run(ring, 0));
    lab_result("a registration by the descriptor", -EBADF, register_by(fd, 0));
    lab_result("a registration by the index", 0,
               register_by(ring->enter_ring_fd,
                           UR_REGISTER_USE_REGISTERED_RING));
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    lab_result("its fdinfo", -ENOENT, sys_read_text(path, text, sizeof text));
    lab_truth("the next descriptor has its number", true,
              sys_event_fd() == fd);
    enter_elsewhere(ring);
    lab_print("the index is removed");
    lab_result("entries removed", 1,
               io_uring_register((unsigned)ring->enter_ring_fd,
                                 IORING_UNREGISTER_RING_FDS |
                                     UR_REGISTER_USE_REGISTERED_RING,
                                 &entry, 1));
    lab_result("an enter", -EBADF, enter(ring));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fd, code = lab_options(argc, argv, "lab-close-ring-fd",
                               "What can a ring without a descriptor do?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    fd = ring.ring_fd;
    if (!(ring.features & UR_FEAT_REG_REG_RING)) {
        lab_absent("a ring without a descriptor", "the kernel has none (6.3)");
        return lab_end();
    }
    lab_result("rings registered", 1, io_uring_register_ring_fd(&ring));
    /* liburing before 2.5 would close this descriptor, which is another file
     * now. */
    ring.ring_fd = -1;
    use(&ring, fd);
    io_uring_queue_exit(&ring);
    return lab_end();
}

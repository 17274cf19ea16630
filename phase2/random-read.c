/* random-read.c: reads random 4 KiB blocks of a file, without the page cache.
 * Introduced in phase 2. Needs: command.h, err.h, file.h, slots.h, sys.h.
 *
 * What it teaches: where a ring is faster, and by how much. A disk needs about
 * 100 us for a random read, and can serve about thirty reads at a time. A
 * thread that calls pread has only one read in flight. A thread with a ring has
 * as many as --depth allows. O_DIRECT bypasses the page cache, so the program
 * measures the disk and not memory.
 *
 * Three strategies read the same blocks: pread, the ring, and the ring with the
 * file and the buffers registered. Registration helps here, because the kernel
 * pins the pages once and not for each read. The program compares checksums of
 * the bytes that the strategies read. If they differ, the numbers mean
 * nothing. */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "err.h"
#include "file.h"
#include "slots.h"
#include "sys.h"

enum { BLOCK = 4096, DEPTH_MAX = 256, READS_MAX = 1000000000 };

struct job {
    const char *path;
    int fd;
    uint64_t block_count; /* blocks of the file or of the device */
    uint64_t reads;
    unsigned depth;
    bool is_registered;
    struct slots slots; /* `depth` buffers of one block each */
    struct io_uring ring;
    uint64_t sum; /* checksum, independent of the order */
};

/* Returns the offset of the n-th block to read. The offsets are scattered, and
 * the same in each run. */
static uint64_t offset_of(const struct job *job, uint64_t n)
{
    uint64_t x = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

    x ^= x >> 31;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 29;
    return x % job->block_count * BLOCK;
}

/* Multiplies the n-th block's checksum by its offset + 1, and adds the product
 * to the sum. So two swapped blocks change the sum. Returns 0 or -errno. */
static int take(struct job *job, uint64_t n, unsigned slot, int result)
{
    const uint64_t *words;
    uint64_t sum = 0;

    if (result != BLOCK)
        return result < 0 ? result : -EIO;
    words = slots_data(&job->slots, slot);
    for (unsigned i = 0; i < BLOCK / sizeof *words; i++)
        sum = sum * 31 + words[i];
    job->sum += sum * (offset_of(job, n) + 1);
    return 0;
}

/* Reads one block at a time, as the baseline. */
static int random_read_pread(struct job *job)
{
    unsigned slot = (unsigned)slots_take(&job->slots);
    int rc = 0;

    for (uint64_t n = 0; n < job->reads && rc == 0; n++) {
        ssize_t got = pread(job->fd, slots_data(&job->slots, slot), BLOCK,
                            (off_t)offset_of(job, n));

        rc = take(job, n, slot, got < 0 ? -errno : (int)got);
    }
    slots_release(&job->slots, slot);
    return rc;
}

/* Queues the n-th read into a free buffer; user_data is (n, slot). */
static void queue(struct job *job, uint64_t n)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&job->ring);
    unsigned slot = (unsigned)slots_take(&job->slots);
    void *buf = slots_lend(&job->slots, slot);

    if (job->is_registered) {
        io_uring_prep_read_fixed(sqe, 0, buf, BLOCK, offset_of(job, n),
                                 (int)slot);
        sqe->flags |= IOSQE_FIXED_FILE;
    } else {
        io_uring_prep_read(sqe, job->fd, buf, BLOCK, offset_of(job, n));
    }
    io_uring_sqe_set_data64(sqe, n << 8 | slot);
}

/* Takes all completions. Releases their buffers, even after an error. Returns
 * the number of completions, or the first -errno. */
static int reap(struct job *job)
{
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    int rc = 0;

    io_uring_for_each_cqe(&job->ring, head, cqe) {
        unsigned slot = cqe->user_data & 0xff;
        int taken;

        slots_reclaim(&job->slots, slot);
        taken = take(job, cqe->user_data >> 8, slot, cqe->res);
        rc = rc < 0 ? rc : taken;
        slots_release(&job->slots, slot);
        count++;
    }
    io_uring_cq_advance(&job->ring, count);
    return rc < 0 ? rc : (int)count;
}

/* Keeps the disk busy: queues a read for each free buffer. */
static int random_read_ring(struct job *job)
{
    /* Wait for a quarter of the depth at a time. The disk's queue stays filled,
     * and the kernel notifies the disk of the next reads only once. */
    const uint64_t several = job->depth / 4 + 1;
    uint64_t queued = 0, done = 0;

    while (done < job->reads) {
        uint64_t in_flight;
        int rc;

        while (queued < job->reads && job->slots.free_count > 0)
            queue(job, queued++);
        in_flight = queued - done; /* waiting for more would never end */
        rc = io_uring_submit_and_wait(
            &job->ring, (unsigned)(several < in_flight ? several : in_flight));
        if (rc < 0 && rc != -EINTR)
            return rc;
        rc = reap(job);
        if (rc < 0)
            return rc;
        done += (unsigned)rc;
    }
    return 0;
}

/* Registers the file at index 0, and each buffer at the index of its slot. */
static int register_all(struct job *job)
{
    static struct iovec all[DEPTH_MAX];
    int rc;

    for (unsigned i = 0; i < job->depth; i++)
        all[i] = (struct iovec){slots_address(&job->slots, i), BLOCK};
    rc = io_uring_register_files(&job->ring, &job->fd, 1);
    if (rc < 0)
        return rc;
    rc = io_uring_register_buffers(&job->ring, all, job->depth);
    job->is_registered = rc == 0;
    return rc;
}

/* Runs one strategy and prints its rate. Returns the rate, or 0 after an
 * error. */
static double measure(struct job *job, const char *name,
                      int (*run)(struct job *job), double base)
{
    uint64_t start_ns = sys_now_ns();
    int rc;
    double rate;

    job->sum = 0;
    rc = run(job);
    if (rc < 0) {
        fprintf(stderr, "random-read: %s: %s: %s (%s)\n", name, job->path,
                err_words(rc), err_name(rc));
        return 0;
    }
    rate = (double)job->reads * 1e9 / (double)(sys_now_ns() - start_ns);
    printf("%-18s %9.0f reads/s", name, rate);
    if (base > 0)
        printf("  %5.1f times", rate / base);
    putchar('\n');
    return rate;
}

/* Runs the three strategies. If the kernel refuses registration
 * (RLIMIT_MEMLOCK), prints a message and does not fail. */
static int run_all(struct job *job)
{
    double base = measure(job, "pread", random_read_pread, 0);
    uint64_t sum = job->sum;
    int rc;

    if (base == 0 || measure(job, "ring", random_read_ring, base) == 0)
        return EXIT_FAILURE;
    /* If the bytes already differ, the next number would mean nothing. */
    if (job->sum == sum) {
        rc = register_all(job);
        if (rc < 0)
            printf("%-18s refused: %s (%s)\n", "ring, registered",
                   err_words(rc), err_name(rc));
        else if (measure(job, "ring, registered", random_read_ring, base) == 0)
            return EXIT_FAILURE;
    }
    if (job->sum == sum)
        return EXIT_SUCCESS;
    fputs("random-read: the three ways did not read the same bytes\n", stderr);
    return EXIT_FAILURE;
}

/* Opens the file, allocates the buffers, and sets up the ring. Returns 0, or
 * -errno after printing a message. */
static int set_up(struct job *job)
{
    const char *what = "open with O_DIRECT";
    uint64_t len;
    int rc = sys_open(job->path, O_RDONLY | O_DIRECT, 0);

    if (rc >= 0) {
        job->fd = rc;
        rc = file_len(job->fd, &len);
        job->block_count = rc == 0 ? len / BLOCK : 0;
        if (rc == 0 && job->block_count == 0)
            rc = -ENODATA;
    }
    if (rc >= 0) {
        what = "buffers";
        rc = slots_init(&job->slots, job->depth, BLOCK);
    }
    if (rc >= 0) {
        what = "io_uring_setup";
        /* These flags suit a ring that only this thread uses and enters. */
        rc = io_uring_queue_init(job->depth, &job->ring,
                                 IORING_SETUP_SINGLE_ISSUER |
                                     IORING_SETUP_DEFER_TASKRUN);
        if (rc == -EINVAL) /* a kernel before 6.1 */
            rc = io_uring_queue_init(job->depth, &job->ring, 0);
    }
    if (rc < 0)
        fprintf(stderr, "random-read: %s: %s: %s (%s)\n", what, job->path,
                err_words(rc), err_name(rc));
    return rc;
}

static const char help[] =
    "[--depth N] [--reads N] FILE\n\n"
    "Reads random 4 KiB blocks of FILE with O_DIRECT, in three ways, and\n"
    "prints the reads per second of each.\n\n"
    "  --depth N   reads in flight on the ring, 1 to 256 (32)\n"
    "  --reads N   blocks to read in each way, up to 10^9 (4000)\n"
    "  --help, --version\n\n"
    "Exit codes: 0 done, 1 a read failed, 2 usage, no O_DIRECT, no ring.\n";

int main(int argc, char **argv)
{
    static struct job job = {.reads = 4000, .depth = 32};
    const struct command_option options[] = {
        {.name = "depth", .number = &job.depth, .min = 1, .max = DEPTH_MAX},
        {.name = "reads", .number64 = &job.reads, .min = 1, .max = READS_MAX},
        {0},
    };
    struct command command = {
        .name = "random-read",
        .help = help,
        .options = options,
        .operands_min = 1,
        .operands_max = 1,
    };
    int code = command_read(&command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    job.path = command.operands[0];
    if (set_up(&job) < 0)
        return COMMAND_USAGE;
    code = run_all(&job);
    if (code == EXIT_SUCCESS) { /* otherwise reads may be in flight */
        /* The kernel may destroy a closed ring after the process has ended.
         * Until then, a registered file would stay open, and its file system
         * could not be unmounted. */
        (void)io_uring_unregister_buffers(&job.ring);
        (void)io_uring_unregister_files(&job.ring); /* -ENXIO: none */
        io_uring_queue_exit(&job.ring);
        slots_finish(&job.slots);
        sys_close(job.fd);
    }
    return command_finish(&command, code);
}

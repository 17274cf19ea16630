/* batch.c: reads many files at once. All five modes write the same bytes.
 * Introduced in phase 2. Needs: batch_loop.h, batch_options.h, sync.h.
 *
 * What it teaches: how much each feature of io_uring saves. The modes are one
 * operation at a time, many per submit, chains, registered buffers and files,
 * and vectored operations. They share all code except the functions that queue
 * the operations, so you can compare their --stats. Read the files in this
 * order:
 *
 *      window.h      the window and its entries
 *      batch_loop.c  the loop, which queues each file's next operation
 *      single.c      modes single and batch, then linked.c, fixed.c, vectored.c
 *      output.c      the files' bytes in order, to stdout
 *      batch_ring.c  the ring
 *      batch_plain.c files that do not suit a ring
 *      sync.c        the same job without a ring */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "batch_loop.h"
#include "batch_options.h"
#include "command.h"
#include "err.h"
#include "sync.h"
#include "sys.h"

/* Prints an error that does not belong to a file. advice is empty or begins
 * with ": ". */
static void complain(const char *what, int result, const char *advice)
{
    fprintf(stderr, "batch: %s: %s (%s)%s\n", what, err_words(result),
            err_name(result), advice);
}

/* Prints one line of name=value pairs. bench.sh depends on the names. */
static void print_stats(const struct batch_loop *loop,
                        const struct batch_options *o, uint64_t elapsed_ns)
{
    const struct counts *c = &loop->counts;

    fprintf(stderr,
            "mode=%s files=%u failed=%u bytes=%llu operations=%llu "
            "submits=%llu system_calls=%llu window=%u ms=%.3f%s\n",
            o->is_sync ? "sync" : o->mode->name, o->file_count, c->failed,
            (unsigned long long)c->bytes, (unsigned long long)c->operations,
            (unsigned long long)c->submits, (unsigned long long)c->system_calls,
            o->is_sync ? 1 : loop->window.size, (double)elapsed_ns / 1e6,
            o->mode != &mode_fixed || o->is_sync ? ""
            : loop->window.has_registered_buffers ? " buffers=registered"
                                                  : " buffers=refused");
}

/* Sets the pointers between the parts, and copies the options that each part
 * needs. */
static void connect_parts(struct batch_loop *loop,
                          const struct batch_options *o)
{
    loop->mode = o->mode;
    loop->ring.counts = &loop->counts;
    loop->ring.is_serial = o->mode->is_serial;
    loop->window.ring = &loop->ring;
    loop->window.files = o->files;
    loop->window.file_count = o->file_count;
    loop->window.size = o->mode->is_serial ? 1 : o->window;
    loop->window.is_direct = o->mode->is_direct;
    loop->output.window = &loop->window;
    loop->output.mode = o->mode;
    loop->output.counts = &loop->counts;
    loop->output.is_quiet = o->is_quiet;
    loop->verify.window = &loop->window;
    loop->verify.is_linked = o->mode->is_linked;
}

/* Opens the scratch file of --verify. On failure, prints the directory that it
 * tried. */
static int open_scratch(struct verify *verify)
{
    const char *directory = getenv("TMPDIR");
    int rc;

    if (directory == NULL || *directory == '\0')
        directory = "/tmp";
    rc = verify_open(verify, directory);
    if (rc < 0)
        fprintf(stderr, "batch: scratch file in %s: %s (%s): set TMPDIR\n",
                directory, err_words(rc), err_name(rc));
    return rc;
}

/* Sets up the ring first, because that may lower the size of the window. Then
 * allocates the memory for a window of the resulting size. */
static int set_up(struct batch_loop *loop, const struct batch_options *o)
{
    struct window *w = &loop->window;
    int rc = batch_ring_init(&loop->ring, o->sq, &w->size, w->is_direct);

    if (rc < 0) {
        (void)command_no_ring("batch", rc);
        return rc;
    }
    rc = window_init(w, o->mode->per_set, o->is_verify ? w->size : 0);
    if (rc == 0)
        rc = output_init(&loop->output);
    if (rc == 0 && o->is_verify)
        rc = verify_init(&loop->verify);
    if (rc < 0) {
        complain("buffers", -ENOMEM, ": use a smaller --window");
        return rc;
    }
    rc = o->mode->setup != NULL ? o->mode->setup(w) : 0;
    if (rc < 0)
        complain("io_uring_register", rc, ": --mode batch does not need it");
    return rc;
}

/* Reads the files with the ring. Returns the exit code. After an error, does
 * not free the memory, because the kernel may still own the buffers of
 * operations in flight. */
static int run_ring(struct batch_loop *loop, const struct batch_options *o)
{
    int rc;

    if (o->is_verify && open_scratch(&loop->verify) < 0)
        return COMMAND_USAGE;
    if (set_up(loop, o) < 0)
        return COMMAND_USAGE;
    rc = batch_loop_run(loop);
    if (rc < 0) {
        complain(loop->output.result < 0 ? "stdout" : "io_uring_enter", rc, "");
        return EXIT_FAILURE;
    }
    io_uring_queue_exit(&loop->ring.uring);
    verify_finish(&loop->verify);
    output_finish(&loop->output);
    window_finish(&loop->window);
    return EXIT_SUCCESS;
}

/* Reads the files without a ring. Returns the exit code. */
static int run_sync(struct output *output, const struct batch_options *o)
{
    struct sync s = {
        .files = o->files, .file_count = o->file_count, .output = output,
    };
    int rc = slots_init(&s.slots, 1, BUFFERS_LEN);

    if (rc < 0) {
        complain("buffer", rc, "");
        return COMMAND_USAGE;
    }
    rc = sync_run(&s);
    slots_finish(&s.slots);
    if (rc < 0)
        complain("stdout", rc, "");
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static struct batch_loop loop = {.verify.scratch = -1};
    struct batch_options o;
    uint64_t start_ns = sys_now_ns();
    struct command command;
    int rc, code = batch_options_parse(&command, argc, argv, &o);

    if (code != COMMAND_GO_ON)
        return code;
    connect_parts(&loop, &o);
    /* With SIGXFSZ ignored, a write beyond the limit on the size of a file
     * fails instead of killing the program. */
    (void)sys_ignore_signal(SIGXFSZ);
    /* Fail now if stdout is closed. Otherwise the next file that is opened
     * would get descriptor 1, and the output would go to that file. */
    rc = output_open(&loop.output);
    if (rc < 0) {
        complain("stdout", rc, "");
        return EXIT_FAILURE;
    }
    code = o.is_sync ? run_sync(&loop.output, &o) : run_ring(&loop, &o);
    if (o.has_stats && code != COMMAND_USAGE)
        print_stats(&loop, &o, sys_now_ns() - start_ns);
    if (code == EXIT_SUCCESS && o.is_verify)
        printf("verified: %u files, %llu bytes\n",
               o.file_count - loop.counts.failed,
               (unsigned long long)loop.counts.bytes);
    if (code == EXIT_SUCCESS && loop.counts.failed > 0)
        code = EXIT_FAILURE;
    return command_finish(&command, code);
}

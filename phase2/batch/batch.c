/* batch.c: many files at once, in five ways; the same bytes each time.
 * Introduced in phase 2. Needs: batch_options.h, batch_ring.h, cli.h.
 *
 * What it teaches: what each means of io_uring saves. One operation at a time,
 * many per submit, chains, registered buffers and files, vectored operations:
 * the modes share everything but the operations themselves, so that --stats can
 * be compared line by line. Read on in this order:
 *
 *      batch.h      the window and its places
 *      window.c     the loop: what can be done next
 *      plain.c      modes single and batch, then linked.c, fixed.c, vectored.c
 *      output.c     order; batch_ring.c: the ring; sync.c: without */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mode.h"
#include "batch_options.h"
#include "batch_ring.h"
#include "cli.h"
#include "err.h"
#include "sys.h"

/* Prints a name so that it stays on its line, whatever is in it. */
static void print_escaped(const char *name)
{
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;

        if (c < 0x20 || c == 0x7f || c == '\\')
            fprintf(stderr, "\\x%02x", c);
        else
            putc(c, stderr);
    }
}

void batch_report(const struct place *p)
{
    fprintf(stderr, "batch: %s: ", p->failed);
    print_escaped(p->path);
    if (strcmp(p->failed, "open") != 0)
        fprintf(stderr, " at offset %llu", (unsigned long long)p->offset);
    fprintf(stderr, ": %s (%s)\n", err_words(p->result), err_name(p->result));
}

static void complain(const char *what, int result, const char *advice)
{
    fprintf(stderr, "batch: %s: %s (%s)%s\n", what, err_words(result),
            err_name(result), advice);
}

static void print_stats(const struct batch *b, const struct batch_options *o,
                        uint64_t elapsed_ns)
{
    const struct batch_counts *c = &b->counts;

    fprintf(stderr,
            "mode=%s files=%u failed=%u bytes=%llu operations=%llu "
            "submits=%llu system_calls=%llu window=%u ms=%.3f%s\n",
            o->is_sync ? "sync" : o->mode->name, b->file_count, c->failed,
            (unsigned long long)c->bytes, (unsigned long long)c->operations,
            (unsigned long long)c->submits, (unsigned long long)c->system_calls,
            o->is_sync ? 1 : b->window, (double)elapsed_ns / 1e6,
            o->mode != &batch_fixed || o->is_sync ? ""
            : b->has_buffers ? " buffers=registered"
                             : " buffers=refused");
}

/* The ring, and the memory for as many places as it left us. */
static int set_up(struct batch *b, const struct batch_options *o)
{
    int rc = batch_ring_init(b, o->sq);
    unsigned buffers = b->window * b->pieces;

    if (rc < 0) {
        complain("io_uring_setup", rc,
                 rc == -ENOMEM ? ": raise RLIMIT_MEMLOCK (ulimit -l)"
                               : ": phase0/envcheck says more");
        return rc;
    }
    b->places = calloc(b->window, sizeof *b->places);
    b->run = calloc(b->window, sizeof *b->run);
    b->run_list = calloc(buffers, sizeof *b->run_list);
    if (b->scratch >= 0)
        buffers *= 2;
    rc = slots_init(&b->slots, buffers, BATCH_BUFFER_LEN);
    if (rc < 0 || !b->places || !b->run || !b->run_list) {
        complain("buffers", -ENOMEM, ": take a smaller --window");
        return -ENOMEM;
    }
    rc = b->mode->setup != NULL ? b->mode->setup(b) : 0;
    if (rc < 0)
        complain("io_uring_register", rc, ": --mode batch does without");
    return rc;
}

/* Only when nothing is in flight: until then the kernel owns the buffers. */
static void tear_down(struct batch *b)
{
    io_uring_queue_exit(&b->ring);
    slots_finish(&b->slots);
    free(b->places);
    free(b->run);
    free(b->run_list);
}

/* Opens the scratch file of --verify, or says which place has none. */
static int open_scratch(struct batch *b)
{
    const char *directory = getenv("TMPDIR");

    if (directory == NULL || *directory == '\0')
        directory = "/tmp";
    b->scratch = batch_scratch_open(directory);
    if (b->scratch < 0)
        fprintf(stderr, "batch: scratch file in %s: %s (%s): set TMPDIR\n",
                directory, err_words(b->scratch), err_name(b->scratch));
    return b->scratch;
}

static int run_ring(struct batch *b, const struct batch_options *o)
{
    int rc;

    if (o->is_verify) {
        if (open_scratch(b) < 0)
            return EXIT_USAGE;
        b->hand_on = batch_verify;
    }
    if (set_up(b, o) < 0)
        return EXIT_USAGE;
    rc = batch_run(b);
    if (rc < 0)
        complain(b->output_result < 0 ? "stdout" : "io_uring_enter", rc, "");
    else
        tear_down(b);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run_sync(struct batch *b)
{
    int rc = slots_init(&b->slots, 1, BATCH_BUFFER_LEN);

    if (rc < 0) {
        complain("buffer", rc, "");
        return EXIT_USAGE;
    }
    rc = batch_sync(b);
    slots_finish(&b->slots);
    if (rc < 0)
        complain("stdout", rc, "");
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static struct batch b = {.scratch = -1, .hand_on = batch_output};
    struct batch_options o;
    uint64_t start_ns = sys_now_ns();
    int rc, code = batch_options_parse(argc, argv, &o);

    if (code != -1)
        return code;
    b.mode = o.mode;
    b.pieces = b.mode->pieces;
    b.files = o.files;
    b.file_count = o.file_count;
    b.window = b.mode->is_serial ? 1 : o.window;
    if (o.is_quiet)
        b.hand_on = batch_discard;
    /* A closed stdout has to be found now: the next descriptor that is opened
     * would take its number, and the bytes. */
    rc = sys_stat(STDOUT_FILENO, &b.out_info);
    if (rc < 0) {
        complain("stdout", rc, "");
        return EXIT_FAILURE;
    }
    code = o.is_sync ? run_sync(&b) : run_ring(&b, &o);
    if (o.has_stats && code != EXIT_USAGE)
        print_stats(&b, &o, sys_now_ns() - start_ns);
    if (code == EXIT_SUCCESS && o.is_verify)
        printf("verified: %u files, %llu bytes\n",
               b.file_count - b.counts.failed,
               (unsigned long long)b.counts.bytes);
    if (code == EXIT_SUCCESS && b.counts.failed > 0)
        code = EXIT_FAILURE;
    return cli_finish("batch", code, EXIT_FAILURE);
}

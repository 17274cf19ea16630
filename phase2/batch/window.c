/* window.c: the window of files that are being read; see window.h.
 * Introduced in phase 2. Needs: window.h, err.h, op_error.h.
 *
 * What it teaches: a bounded window needs two numbers, head and tail. A file
 * enters at the tail when there is room, and leaves at the head when it and all
 * files before it are done. File n uses entry n % size. */
#include "window.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "op_error.h"

/* The limit on operations in a row that had no effect. Reading some files in
 * /sys returns only -EAGAIN. If no io-wq worker can be created, an operation
 * that needs one returns only -ECANCELED. */
#define RETRIES_MAX 100u

int window_init(struct window *w, unsigned per_set, unsigned spare_sets)
{
    w->entries = calloc(w->size, sizeof *w->entries);
    if (w->entries == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < w->size; i++)
        w->entries[i].index = i;
    return buffers_init(&w->buffers, per_set, w->size + spare_sets);
}

void window_finish(struct window *w)
{
    buffers_finish(&w->buffers);
    free(w->entries);
}

struct entry *window_entry(const struct window *w, unsigned file)
{
    return &w->entries[file % w->size];
}

struct entry *window_admit(struct window *w)
{
    struct entry *e = window_entry(w, w->tail);

    if (w->tail == w->file_count || w->tail - w->head == w->size)
        return NULL;
    *e = (struct entry){.file = w->tail,
                        .path = w->files[w->tail],
                        .index = e->index,
                        .is_left_open = e->is_left_open};
    buffers_take(&w->buffers, e->set);
    w->tail++;
    return e;
}

void window_report(const struct entry *e)
{
    fprintf(stderr, "batch: %s: ", e->failed);
    /* Escape control bytes, because a newline in the path would make one
     * message look like two. */
    for (const char *p = e->path; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;

        if (c < 0x20 || c == 0x7f || c == '\\')
            fprintf(stderr, "\\x%02x", c);
        else
            putc(c, stderr);
    }
    if (strcmp(e->failed, "open") != 0)
        fprintf(stderr, " at offset %llu", (unsigned long long)e->offset);
    fprintf(stderr, ": %s (%s)\n", err_words(e->result), err_name(e->result));
}

void window_retire(struct window *w)
{
    for (; w->head < w->tail; w->head++) {
        struct entry *e = window_entry(w, w->head);

        if (!e->has_ended || e->is_open || e->in_flight > 0 || e->filled > 0)
            return;
        /* Report here and not at the failure, so that the messages come in
         * the order of the files. */
        if (e->result < 0) {
            w->ring->counts->failed++;
            window_report(e);
        }
        buffers_release(&w->buffers, e->set);
    }
}

bool window_is_ready(const struct window *w, const struct entry *e)
{
    return e->filled > 0 &&
           (e->has_ended || e->filled == buffers_capacity(&w->buffers));
}

bool window_retries(struct entry *e, int opcode, int result)
{
    /* -ECANCELED usually means that the previous operation of the chain was
     * short. */
    bool had_no_effect = result == -ECANCELED ||
                         op_error_kind(opcode, result) == ERROR_RETRY;

    e->retries = had_no_effect ? e->retries + 1 : 0;
    return had_no_effect && e->retries < RETRIES_MAX;
}

void window_empty(struct entry *e)
{
    e->filled = e->written = 0;
}

void window_fail(struct entry *e, const char *what, int result)
{
    e->has_ended = true;
    if (e->result == 0) {
        e->result = result;
        e->failed = what;
    }
}

struct io_uring_sqe *window_sqe(struct window *w, struct entry *e,
                                enum step step)
{
    uint64_t index = 0;

    if (e != NULL) {
        index = e->index;
        e->in_flight++;
    }
    return batch_ring_sqe(w->ring, index << 8 | (unsigned)step);
}

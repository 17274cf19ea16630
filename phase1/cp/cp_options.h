/* cp_options.h: cp-uring's command line as a struct. */
#ifndef PHASE1_CP_OPTIONS_H
#define PHASE1_CP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Limits and defaults. The buffers need depth * block_len bytes. A block of the
 * default size is still in the processor's cache when it is written. */
#define CP_DEPTH_DEFAULT 32
#define CP_DEPTH_MAX 1024
#define CP_BLOCK_DEFAULT (256u * 1024)
#define CP_BLOCK_MIN 4096u
#define CP_BLOCK_MAX (512u * 1024 * 1024) /* a result must fit in an int */
#define CP_MEMORY_MAX (1024u * 1024 * 1024)

/* The values of --engine. The engines without a ring are for measurements, and
 * for kernels without io_uring. */
enum cp_engine {
    CP_ENGINE_URING,           /* many blocks in flight: pump.c */
    CP_ENGINE_RW,              /* one read, then one write */
    CP_ENGINE_COPY_FILE_RANGE, /* the kernel copies, or shares blocks */
    CP_ENGINE_SPLICE,          /* through a pipe */
};

/* The values of --direct. O_DIRECT bypasses the page cache. */
enum cp_direct {
    CP_DIRECT_AUTO, /* the ring's reads, if page_cache_should_bypass is true */
    CP_DIRECT_NEVER,
    CP_DIRECT_ALWAYS, /* reads and writes */
};

enum cp_stats_format { CP_STATS_TEXT, CP_STATS_JSON, CP_STATS_NONE };

struct cp_options {
    /* The options of cp(1): -r -f -n -v -p -T. */
    bool recursive, force, no_clobber, verbose, preserve;
    bool no_target_directory;

    /* The other options. --sparse=auto sets keep_holes. */
    bool keep_holes, fsync, progress, in_place;
    enum cp_direct direct;
    enum cp_engine engine;
    enum cp_stats_format stats;
    unsigned depth;
    size_t block_len;

    char **sources; /* borrowed from argv */
    int source_count;
    const char *target;      /* borrowed from argv; NULL with -t */
    const char *target_dir;  /* borrowed from argv; NULL without -t */
};

/* Reads the command line.
 *
 * Returns  -1    o is set; start to copy
 *          >= 0  the exit code, after printing help, version or an error */
int cp_options_parse(struct cp_options *o, int argc, char **argv);

/* Returns the engine's name on the command line, in static storage. */
const char *cp_options_engine_name(enum cp_engine engine);

#endif

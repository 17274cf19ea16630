/* chaos.h: what the processes of http-chaos share: the files that one of them
 * changes, and the counts. See chaos.c. */
#ifndef TESTS_PHASE10_CHAOS_H
#define TESTS_PHASE10_CHAOS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define CHAOS_FILES 8u         /* files of each kind */
#define CHAOS_LEN_MAX 2000000u /* bytes of a file */
#define CHAOS_VERSION_LEN 11u  /* "0000000001\n" */

/*     kept    replaced by rename(2): each answer must be 200, and every byte of
 *             it from one version
 *     cut     truncated, grown, and written again in place: an answer may be
 *             cut by a reset or an end, but not otherwise wrong
 *     gone    removed and made again: 200 or 404 */
enum kind { KEPT, CUT, GONE, KINDS };
extern const char *const kind_names[KINDS];

/* What is known about a file. changes is odd while the file changes. A client
 * that finds the same even number before its request and after its answer has
 * seen a file that did not change: its answer must be that file, whole. */
struct file_state {
    atomic_uint changes;
    atomic_uint version; /* 0: the file was removed */
};

/* Shared by all processes. */
struct chaos {
    struct file_state files[KINDS][CHAOS_FILES];
    atomic_ulong answers, still, cut, gone, failures, changes;
};
extern struct chaos *chaos;

/* The process's own. */
extern double chaos_end_s; /* when it ends */
extern char chaos_bytes[CHAOS_LEN_MAX];

double chaos_now_s(void);

/* Returns a number below limit. Each process has other numbers. */
unsigned chaos_random(unsigned limit);
void chaos_seed(unsigned number);

/* Prints what was wrong, and counts it. */
void chaos_report(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* chaos_files.c: files in the current directory. */

/* The length and the bytes of a version, behind its number. */
size_t chaos_len_of(unsigned version);
char chaos_byte_at(unsigned version, size_t offset);

void chaos_make_files(void);
void chaos_change_files(void); /* until chaos_end_s */

/* The bytes of the one file inside the root of chaos_swap_links, and of the
 * files outside of it, which no client may get. */
#define CHAOS_INSIDE "the bytes of the root\n"
#define CHAOS_OUTSIDE "foreign bytes\n"
void chaos_make_links(void);
void chaos_swap_links(void); /* until chaos_end_s */

/* chaos_clients.c: clients of the server at 127.0.0.1:port. Each of these
 * functions runs one client. */

/* Good and bad ones, until chaos_end_s. */
void chaos_run_client(unsigned port);

/* Asks for the links of chaos_swap_links, until chaos_end_s. */
void chaos_follow_links(unsigned port);

/* Good ones, until the server refuses a connection. An answer may be missing,
 * but an answer that has begun must be whole. */
void chaos_outlive_server(unsigned port);

#endif

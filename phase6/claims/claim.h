/* claim.h: a claim about io_uring, and the program that checks it.
 * Introduced in phase 6. Needs: nothing.
 *
 * A claim is one sentence of a manual page or an article. Its check is a
 * function of ten to twenty lines. The check has its own process, so it may
 * change its user or leave rings open. It returns what it saw, or NULL if the
 * claim holds:
 *
 *      static const char *entries_are_rounded_up(void)
 *      {
 *          struct io_uring ring;
 *
 *          claim_ring(&ring, 5, 0);
 *          return claim_number("entries", 8, (int)ring.sq.ring_entries);
 *      }
 *
 * To add a claim, write its check, and add a row to the list of the file. */
#ifndef PHASE6_CLAIM_H
#define PHASE6_CLAIM_H

#include <liburing.h>
#include <stddef.h>

struct claim {
    const char *source; /* "io_uring_enter(2)", or "articles" */
    const char *text;   /* the claim, in our words */
    const char *(*check)(void);
};

/* The lists of claims. Each ends with a row whose source is NULL. */
extern const struct claim claims_setup[], claims_submit[], claims_links[],
    claims_operations[], claims_resources[], claims_articles[];

/* Makes a ring with these entries and flags. Ends the process, as claim_absent
 * does, if the kernel refuses. */
void claim_ring(struct io_uring *ring, unsigned entries, unsigned flags);

/* Tries to make a ring. Returns 0 or -errno. The ring stays open. */
int claim_try(unsigned entries, unsigned flags);

/* Ends the process: this kernel, user or machine cannot check the claim. */
_Noreturn void claim_absent(const char *why);

/* Returns a free SQE with this user_data. */
struct io_uring_sqe *claim_sqe(struct io_uring *ring, unsigned data);

/* Submits, and waits for one completion, whose res it returns. Ends the process
 * if none comes within a second. */
int claim_run(struct io_uring *ring);

/* Submits, and waits for count completions. results[d] becomes the res of the
 * completion with user_data d, which is below 8. order, which may be NULL,
 * becomes the user_data of each as digits: 213, for example. */
void claim_take(struct io_uring *ring, unsigned count, int results[8],
                int *order);

/* Makes a pipe, or a pair of connected stream sockets. */
void claim_pipe(int fds[2]);
void claim_sockets(int fds[2]);

/* Returns an unnamed file with this text. */
int claim_file(const char *text);

/* Becomes an ordinary user for the rest of the process. Ends the process if it
 * cannot. Does nothing if it is one. */
void claim_drop_root(void);

/* Returns NULL if seen is what was claimed. Otherwise "WHAT: SEEN", in memory
 * that the next call overwrites. Negative numbers are printed as errnos. */
const char *claim_number(const char *what, int claimed, int seen);

/* Returns NULL if holds is true, otherwise text. */
const char *claim_true(int holds, const char *text);

#endif

/* err.h: the convention for results, and their names and texts.
 * Introduced in phase 0. Needs: nothing.
 *
 * Every function of lib that can fail returns >= 0 or -errno, exactly as a
 * completion does in cqe->res. Only files that make system calls use errno
 * itself, because there is one per thread, and all tasks of a loop share the
 * thread. */
#ifndef ONE_RING_ERR_H
#define ONE_RING_ERR_H

#ifdef NDEBUG
#error "assertions stay on in release: build without -DNDEBUG"
#endif

/* Returns the name of a result: "ENOENT" for -ENOENT, "0" for success, "E?" for
 * a number that the C library does not know. Never NULL; static storage. */
const char *err_name(int result);

/* Returns the text of a result: "No such file or directory" for -ENOENT. Never
 * NULL; static storage. The text is not translated, so that users can search
 * for it. */
const char *err_words(int result);

/* Returns what a user can do if the kernel refuses a ring with result. Never
 * NULL; static storage. */
const char *err_ring_advice(int result);

#endif

/* err.h: results in one convention, and in words.
 * Introduced in phase 0. Needs: nothing.
 *
 * Every function of lib that can fail returns >= 0, or -errno: exactly what a
 * completion carries in cqe->res. errno itself is not used above sys.c: it is
 * one per thread, and all tasks of a loop share the thread. */
#ifndef ONE_RING_ERR_H
#define ONE_RING_ERR_H

#ifdef NDEBUG
#error "assertions stay on in release: build without -DNDEBUG"
#endif

/* Returns the name of a result: "ENOENT" for -ENOENT, "0" for success, "E?" for
 * a number that the C library does not know. Never NULL; static storage. */
const char *err_name(int result);

/* Returns the text of a result: "No such file or directory" for -ENOENT. Never
 * NULL; static storage. The text is not translated, so that a reader can search
 * for it. */
const char *err_words(int result);

/* Returns what a user can do if the kernel refuses a ring with result. Never
 * NULL; static storage. */
const char *err_ring_advice(int result);

#endif

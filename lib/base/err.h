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

/* The name of a result: "ENOENT" for -ENOENT, "0" for success. Never NULL;
 * "E?" for a number that the C library does not know. Static storage. */
const char *err_name(int result);

/* The words of a result: "No such file or directory" for -ENOENT. Never NULL.
 * Static storage; not translated, so that messages can be looked up. */
const char *err_words(int result);

#endif

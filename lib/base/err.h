/* err.h: the convention for results, and their names and texts.
 * Introduced in phase 0. Needs: nothing.
 *
 * Every function of lib that can fail returns >= 0 or -errno, like the field
 * res of a CQE. Only files that make system calls read errno itself. A thread
 * has only one errno, but from phase 3 on, many tasks run in one thread. So a
 * task that read errno late could get the error of another task. */
#ifndef ONE_RING_ERR_H
#define ONE_RING_ERR_H

#ifdef NDEBUG
#error "assertions stay on in release: build without -DNDEBUG"
#endif

/* lib returns -ERR_NO_WORKER if the kernel cancelled an operation that this
 * program did not cancel. The operation needed an io-wq worker (a kernel thread
 * that may block), and the kernel could not create one. RLIMIT_NPROC, systemd's
 * TasksMax, and the pids limit of a container limit the number of threads. The
 * kernel reports ECANCELED in this case, so err_name() returns "ECANCELED".
 * Every errno is smaller than 4001, so no errno equals ERR_NO_WORKER. */
enum { ERR_NO_WORKER = 4001 };

/* Returns the name of a result: "ENOENT" for -ENOENT, "0" for success, "E?" for
 * an unknown number. The string is static, and never NULL. */
const char *err_name(int result);

/* Returns the text of a result: "No such file or directory" for -ENOENT. The
 * string is static, and never NULL. The text is not translated, so that users
 * can search for it. -ECANCELED has the same text as -ERR_NO_WORKER. A program
 * does not print a message about an operation that it cancelled itself, so a
 * message about -ECANCELED means that the kernel cancelled the operation. */
const char *err_words(int result);

/* Returns advice for the user if creating or entering a ring failed with
 * result. The string is static, and never NULL. */
const char *err_ring_advice(int result);

#endif

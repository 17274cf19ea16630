/* err.c: names and texts of results; see err.h.
 * Introduced in phase 0. Needs: err.h. */
#include "err.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

const char *err_name(int result)
{
    const char *name;

    if (result >= 0)
        return "0";
    if (result == -ERR_NO_WORKER)
        return "ECANCELED";
    name = strerrorname_np(-result);
    return name != NULL ? name : "E?";
}

const char *err_words(int result)
{
    const char *words;

    if (result >= 0)
        return "success";
    if (result == -ERR_NO_WORKER || result == -ECANCELED)
        return "the kernel cancelled the operation, because it could not "
               "create a worker thread: see ulimit -u, TasksMax, and the pids "
               "limit of a container";
    words = strerrordesc_np(-result);
    return words != NULL ? words : "unknown error";
}

const char *err_ring_advice(int result)
{
    switch (result) {
    case -EMFILE:
        return "this process has too many files open: raise ulimit -n";
    case -ENFILE:
        return "the system has too many files open";
    case -ENOMEM:
        return "too little memory: raise ulimit -l (locked memory) or "
               "ulimit -v (address space)";
    case -EAGAIN:
    case -EBUSY:
        return "the kernel has no memory for a request";
    default:
        return "phase 0's envcheck names the cause";
    }
}

/* wal_errors.c: the error messages of wal; see wal_errors.h. */
#include "wal_errors.h"

#include <errno.h>
#include <stdio.h>

#include "err.h"

int wal_failed(const char *path, const char *verb, int rc)
{
    if (rc == -EMEDIUMTYPE)
        fprintf(stderr, "wal: cannot %s %s: it is not a log of wal; choose "
                "another file\n", verb, path);
    else if (rc == -ESPIPE)
        fprintf(stderr, "wal: cannot %s %s: it is not a regular file\n", verb,
                path);
    else if (rc == -EDEADLK)
        fprintf(stderr, "wal: cannot %s %s: it is the input\n", verb, path);
    else if (rc == -EWOULDBLOCK)
        fprintf(stderr, "wal: cannot %s %s: another process has it open\n",
                verb, path);
    else
        fprintf(stderr, "wal: cannot %s %s: %s (%s)\n", verb, path,
                err_words(rc), err_name(rc));
    return rc;
}

/* The message has no name of a file, because the shell has opened the input. */
int wal_input_failed(int rc)
{
    if (rc == -EMSGSIZE)
        fprintf(stderr, "wal: a line of the input is longer than %zu bytes\n",
                RECORD_PAYLOAD_MAX);
    else
        fprintf(stderr, "wal: cannot read the input: %s (%s)\n",
                err_words(rc), err_name(rc));
    return rc;
}

int wal_damaged(const char *path, const struct scan *scan)
{
    fprintf(stderr, "wal: %s is damaged: record %llu at offset %llu is not "
            "what was written", path, (unsigned long long)scan->last + 1,
            (unsigned long long)scan->offset);
    if (scan->proof > 0)
        fprintf(stderr, ", and record %llu was written after it was durable",
                (unsigned long long)scan->proof);
    fputs("; restore the file from a copy\n", stderr);
    return -EBADMSG;
}

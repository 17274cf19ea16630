/* siblings.h: requests a file with Accept-Encoding, and checks the answer.
 *
 * Test support of phase 10. Needs: client.h. */
#ifndef TESTS_PHASE10_SIBLINGS_H
#define TESTS_PHASE10_SIBLINGS_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client.h"

static struct client c;
static struct answer a;

/* Sets the time at which a file was changed. */
static inline void set_time(const char *name, time_t s, long ns)
{
    struct timespec times[2] = {{.tv_sec = s, .tv_nsec = ns},
                                {.tv_sec = s, .tv_nsec = ns}};

    check_res(utimensat(site_fd(), name, times, 0), 0);
}

/* Sends a request with more lines, each with its end, and takes the answer. */
static inline void ask(const char *method, const char *target,
                       const char *lines)
{
    char request[512];

    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n",
             method, target, lines);
    client_send(&c, request);
    if (strcmp(method, "HEAD") == 0)
        client_take_head(&c, &a);
    else
        client_take(&c, &a);
}

static inline void check_field(const char *name, const char *value)
{
    const char *got = answer_field(&a, name);

    if (value == NULL)
        ck_assert_msg(got == NULL, "%s: %s", name, got);
    else
        ck_assert_msg(got != NULL && strcmp(got, value) == 0,
                      "%s is not %s: %s", name, value, a.head);
}

/* GET target for a client with that Accept-Encoding: the answer has this
 * coding, or none for NULL, and this content; and Vary. */
static inline void check_coded(const char *target, const char *accept,
                               const char *coding, const char *text)
{
    char line[256];

    snprintf(line, sizeof line, "Accept-Encoding: %s\r\n", accept);
    ask("GET", target, line);
    check_answer(&a, 200, text);
    check_field("Content-Encoding", coding);
    check_field("Vary", "Accept-Encoding");
}

#endif

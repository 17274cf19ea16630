/* asking.h: one client that sends a request and checks the answer.
 *
 * Test support of phase 10. Needs: client.h. */
#ifndef TESTS_PHASE10_ASKING_H
#define TESTS_PHASE10_ASKING_H

#include <string.h>

#include "client.h"

#define HOST "Host: a\r\n"

static struct client c;
static struct answer a;

/* The server with one file, and a connection to it. */
static inline void begin(void)
{
    start(NULL);
    site_text("root/a.txt", "hello\n");
    client_open(&c);
}

static inline void end(void)
{
    client_close(&c);
    stop();
}

/* Sends a request as it is and takes the answer. */
static inline void ask(const char *request)
{
    client_send(&c, request);
    if (strncmp(request, "HEAD", 4) == 0)
        client_take_head(&c, &a);
    else
        client_take(&c, &a);
}

static inline void reopen(void)
{
    client_close(&c);
    client_open(&c);
}

#endif

/* client.h: a strict HTTP client, and a root full of files to be served.
 *
 * Test support of phase 10. Needs: daemon.h, suite.h.
 *
 *     start(NULL);                          a new root, and serve upon it
 *     site_text("root/a.txt", "hello");
 *     check_get("/a.txt", 200, "hello");
 *     stop();                               SIGTERM: it must exit with 0
 *
 * A test may put files beside the root that no client may ever see. The client
 * does not use lib's parser. It compares each head with the exact grammar that
 * the server promises, and any deviation fails the test. */
#ifndef TESTS_PHASE10_CLIENT_H
#define TESTS_PHASE10_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon.h"
#include "suite.h"

/* The server under test, and the directory that it serves. */
extern struct daemon server;
extern char site_root[];

/* Options of serve, ended by NULL. */
#define start(...)                                                             \
    (site_make(),                                                              \
     daemon_start(&server, "serve", "--root", site_root, __VA_ARGS__))
void stop(void);

/* Makes a new directory with an empty "root" in it; removes it with all that is
 * in it. Names below are relative to that directory: "root/a", "secret". */
void site_make(void);
void site_remove(void);
int site_fd(void);
const char *site_path(const char *name); /* valid until the next call */
void site_dir(const char *name);
void site_text(const char *name, const char *text);
void site_bytes(const char *name, const void *bytes, size_t len);
void site_link(const char *name, const char *target);

/* A file of len bytes that differ at every offset; and whether bytes are those
 * from offset on. */
void site_pattern(const char *name, size_t len);
bool is_pattern(const char *bytes, size_t len, size_t offset);

/* The longest body that the client takes. */
#define BODY_MAX ((size_t)9 << 20)

struct answer {
    int status;
    long long length; /* Content-Length; -1: none */
    bool closes;      /* says Connection: close */
    bool keeps_alive; /* says Connection: keep-alive */
    char head[32768]; /* all of it, with a NUL at the end */
    char *body;       /* shared by all clients: valid until the next answer */
    size_t body_len;
};

struct client {
    int fd;
    size_t at, have; /* bytes that were read and not yet taken */
    char buf[65536];
};

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HEAD(target) "HEAD " target " HTTP/1.1\r\nHost: a\r\n\r\n"

void client_open(struct client *client);
void client_close(struct client *client);
void client_send(struct client *client, const char *text);

/* Takes one answer, in full; of one to HEAD the body does not come. */
void client_take(struct client *client, struct answer *answer);
void client_take_head(struct client *client, struct answer *answer);

/* Takes an answer's head alone; its body is the caller's to read. */
void client_take_only_head(struct client *client, struct answer *answer);

/* Reads up to len bytes. Returns how many, 0 at the end, or -errno. */
long client_read(struct client *client, void *bytes, size_t len);

/* Asks GET target and takes the answer. */
void client_get(struct client *client, const char *target,
                struct answer *answer);

/* The server has closed, and said nothing more. */
void client_expect_end(struct client *client);

/* The value of a header field, NULL if there is none; valid until next call. */
const char *answer_field(const struct answer *answer, const char *name);

/* The answer has this status and says these bytes; a page of error says its
 * status. */
void check_answer(const struct answer *answer, int status, const char *text);
void check_page(const struct answer *answer, int status);

/* Sends a GET on a new connection. Compares the body with text; for text NULL
 * and an error status, with the error page. */
void check_get(const char *target, int status, const char *text);

/* Sends a GET on a new connection. The answer must be 301, and the connection
 * must stay open. */
void check_redirect(const char *target, const char *location);

/* NULL, or why a test cannot be left without memory. */
const char *why_memory_is_not_limited(void);

/* Milliseconds of a clock that never goes back. */
long now_ms(void);

#endif

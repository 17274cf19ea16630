/* client.c: a strict HTTP client, and a root full of files; see client.h.
 *
 * Test support of phase 10. Needs: client.h. */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct daemon server;
char site_root[2 * PATH_MAX];

static char top[PATH_MAX];
static int top_fd = -1;
static char body[BODY_MAX];

long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *why_memory_is_not_limited(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return "AddressSanitizer needs more than any limit";
#else
    return NULL;
#endif
}

/* The root. */

void site_make(void)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(top, sizeof top, "%s/serve.XXXXXX", tmp != NULL ? tmp : "/tmp");
    ck_assert(mkdtemp(top) != NULL);
    check(chmod(top, 0755) == 0); /* a server without privileges gets in */
    top_fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
    ck_assert(top_fd >= 0);
    site_dir("root");
    snprintf(site_root, sizeof site_root, "%s/root", top);
}

/* Only root can look into a directory whose mode forbids it. */
static int unlock_one(const char *path, const struct stat *info, int kind,
                      struct FTW *where)
{
    (void)info, (void)where;
    return kind == FTW_D || kind == FTW_DNR ? chmod(path, 0700) : 0;
}

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *where)
{
    (void)info, (void)kind, (void)where;
    return remove(path);
}

void site_remove(void)
{
    close(top_fd);
    check_res(nftw(top, unlock_one, 16, FTW_PHYS), 0);
    check_res(nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void stop(void)
{
    daemon_stop(&server);
    site_remove();
}

int site_fd(void)
{
    return top_fd;
}

const char *site_path(const char *name)
{
    static char path[2 * PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", top, name);
    return path;
}

void site_dir(const char *name)
{
    ck_assert_msg(mkdirat(top_fd, name, 0755) == 0, "%s: %s", name,
                  strerror(errno));
}

void site_bytes(const char *name, const void *bytes, size_t len)
{
    int fd = openat(top_fd, name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC,
                    0644);

    ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
    check(write(fd, bytes, len) == (ssize_t)len);
    check(close(fd) == 0);
}

void site_text(const char *name, const char *text)
{
    site_bytes(name, text, strlen(text));
}

void site_link(const char *name, const char *target)
{
    ck_assert_msg(symlinkat(target, top_fd, name) == 0, "%s: %s", name,
                  strerror(errno));
}

static char pattern_byte(size_t offset)
{
    return (char)(offset ^ offset >> 8 ^ offset >> 16);
}

void site_pattern(const char *name, size_t len)
{
    char *bytes = malloc(len + 1);

    ck_assert(bytes != NULL);
    for (size_t i = 0; i < len; i++)
        bytes[i] = pattern_byte(i);
    site_bytes(name, bytes, len);
    free(bytes);
}

bool is_pattern(const char *bytes, size_t len, size_t offset)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != pattern_byte(offset + i))
            return false;
    return true;
}

/* The connection. */

void client_open(struct client *client)
{
    client->fd = daemon_connect(&server);
    client->at = client->have = 0;
}

void client_close(struct client *client)
{
    close(client->fd);
}

void client_send(struct client *client, const char *text)
{
    socket_send(client->fd, text, strlen(text));
}

/* Makes sure that a byte is there. Returns 1; 0 at the end; or -errno. */
static long fill(struct client *client)
{
    ssize_t got;

    if (client->at < client->have)
        return 1;
    got = recv(client->fd, client->buf, sizeof client->buf, 0);
    client->at = 0;
    client->have = got > 0 ? (size_t)got : 0;
    return got < 0 ? -errno : got > 0;
}

long client_read(struct client *client, void *bytes, size_t len)
{
    long rc = fill(client);
    size_t part = client->have - client->at;

    if (rc <= 0)
        return rc;
    part = part < len ? part : len;
    memcpy(bytes, client->buf + client->at, part);
    client->at += part;
    return (long)part;
}

void client_expect_end(struct client *client)
{
    char byte;
    long rc = client_read(client, &byte, 1);

    ck_assert_msg(rc == 0, "instead of the end: %s",
                  rc > 0 ? "another byte" : strerror((int)-rc));
}

/* The head. Nothing is said to Check about what is right: it would write each
 * time, and there are tests of ten thousand answers. */

static void require(bool is_right, const struct answer *answer)
{
    if (!is_right)
        ck_abort_msg("a head that is odd: %s", answer->head);
}

const char *answer_field(const struct answer *answer, const char *name)
{
    static char value[32768];
    const char *line = strstr(answer->head, "\r\n") + 2;
    size_t len = strlen(name);

    for (; *line != '\r'; line = strstr(line, "\r\n") + 2)
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            line += len + 2;
            snprintf(value, sizeof value, "%.*s", (int)strcspn(line, "\r"),
                     line);
            return value;
        }
    return NULL;
}

static void read_head(struct client *client, struct answer *answer)
{
    size_t len = 0;

    do {
        long rc = fill(client);

        if (rc != 1)
            ck_abort_msg("the head of an answer is missing: %s",
                         rc == 0 ? "the end" : strerror((int)-rc));
        answer->head[len++] = client->buf[client->at++];
        if (len == sizeof answer->head)
            ck_abort_msg("a head without end");
    } while (len < 4 || memcmp(answer->head + len - 4, "\r\n\r\n", 4) != 0);
    answer->head[len] = '\0';
}

/* One "Name: value" line with nothing odd in it; not twice in a head. */
static void check_line(const struct answer *answer, const char *line)
{
    size_t name = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz-");
    const char *end = strstr(line, "\r\n");
    char pattern[128];

    require(name > 0 && strncmp(line + name, ": ", 2) == 0, answer);
    for (const char *p = line; p < end; p++)
        require((unsigned char)*p >= ' ' && *p != 127, answer);
    snprintf(pattern, sizeof pattern, "\r\n%.*s:", (int)name, line);
    require(strcasestr(strcasestr(answer->head, pattern) + 1, pattern) == NULL,
            answer);
}

static bool field_is(const struct answer *answer, const char *name,
                     const char *value)
{
    const char *is = answer_field(answer, name);

    return is != NULL && strcmp(is, value) == 0;
}

static bool has_field(const struct answer *answer, const char *name)
{
    return answer_field(answer, name) != NULL;
}

/* Checks the fields that every answer has, and those that belong to its
 * status. */
static void check_fields(const struct answer *answer)
{
    const char *date = answer_field(answer, "Date");
    struct tm parsed;

    require(date != NULL && strlen(date) == 29 &&
                strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &parsed) != NULL,
            answer);
    require(field_is(answer, "Server", "one-ring"), answer);
    require(field_is(answer, "X-Content-Type-Options", "nosniff"), answer);
    require((answer->length >= 0) ==
                (answer->status != 304 && answer->status != 204),
            answer);
    require(has_field(answer, "Allow") ==
                (answer->status == 405 || answer->status == 204),
            answer);
    require(has_field(answer, "Location") == (answer->status == 301), answer);
    require(answer->closes || answer->keeps_alive ||
                !has_field(answer, "Connection"),
            answer);
    /* A field about the connection is named in Connection (RFC 9110 7.6.1). */
    require(answer->keeps_alive || !has_field(answer, "Keep-Alive"), answer);
}

void client_take_only_head(struct client *client, struct answer *answer)
{
    const char *line;

    read_head(client, answer);
    require(strncmp(answer->head, "HTTP/1.1 ", 9) == 0 &&
                strspn(answer->head + 9, "0123456789") == 3 &&
                answer->head[12] == ' ',
            answer);
    answer->status = atoi(answer->head + 9);
    for (line = strstr(answer->head, "\r\n") + 2; *line != '\r';
         line = strstr(line, "\r\n") + 2)
        check_line(answer, line);
    line = answer_field(answer, "Content-Length");
    answer->length = line != NULL ? strtoll(line, NULL, 10) : -1;
    answer->closes = field_is(answer, "Connection", "close");
    answer->keeps_alive = field_is(answer, "Connection", "keep-alive");
    answer->body = body;
    answer->body_len = 0;
    body[0] = '\0';
    check_fields(answer);
}

void client_take_head(struct client *client, struct answer *answer)
{
    client_take_only_head(client, answer);
    if (answer->closes)
        client_expect_end(client);
}

void client_take(struct client *client, struct answer *answer)
{
    size_t len;

    client_take_only_head(client, answer);
    len = answer->length > 0 ? (size_t)answer->length : 0;
    ck_assert(len < BODY_MAX);
    while (answer->body_len < len) {
        long got = client_read(client, body + answer->body_len,
                               len - answer->body_len);

        if (got <= 0)
            ck_abort_msg("%zu of %zu bytes came, then %s", answer->body_len,
                         len, got == 0 ? "the end" : strerror((int)-got));
        answer->body_len += (size_t)got;
    }
    body[len] = '\0';
    if (answer->closes)
        client_expect_end(client);
}

void client_get(struct client *client, const char *target,
                struct answer *answer)
{
    static char request[16384];

    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
             target);
    client_send(client, request);
    client_take(client, answer);
}

void check_answer(const struct answer *answer, int status, const char *text)
{
    ck_assert_msg(answer->status == status, "not %d: %s%s", status,
                  answer->head, answer->status >= 400 ? "" : answer->body);
    ck_assert_msg(answer->body_len == strlen(text) &&
                      memcmp(answer->body, text, answer->body_len) == 0,
                  "not \"%s\": \"%s\"", text, answer->body);
}

void check_page(const struct answer *answer, int status)
{
    char title[16];

    snprintf(title, sizeof title, "<title>%d ", status);
    ck_assert_msg(answer->status == status, "not %d: %s", status,
                  answer->head);
    ck_assert_str_eq(answer_field(answer, "Content-Type"),
                     "text/html; charset=utf-8");
    ck_assert_msg(strncmp(answer->body, "<!DOCTYPE html>\n", 16) == 0 &&
                      strstr(answer->body, title) != NULL,
                  "no page of %d: %s", status, answer->body);
}

void check_get(const char *target, int status, const char *text)
{
    static struct client client;
    static struct answer answer;

    client_open(&client);
    client_get(&client, target, &answer);
    if (text != NULL)
        check_answer(&answer, status, text);
    else if (status >= 300)
        check_page(&answer, status);
    else
        ck_assert_int_eq(answer.status, status);
    client_close(&client);
}

void check_redirect(const char *target, const char *location)
{
    static struct client client;
    static struct answer answer;

    client_open(&client);
    client_get(&client, target, &answer);
    check_page(&answer, 301);
    ck_assert_str_eq(answer_field(&answer, "Location"), location);
    ck_assert(!answer.closes);
    client_close(&client);
}

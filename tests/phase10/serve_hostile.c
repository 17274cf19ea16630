/* serve_hostile.c: the server from outside, and peers that mean harm.
 *
 * Judges: serve. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases.h"
#include "client.h"
#include "random.h"

#define SECRET "this must never be seen"

#define countof(array) (sizeof array / sizeof *array)

static struct client c;
static struct answer a;

static void begin(void)
{
    start(NULL);
    site_text("root/index.html", "index");
    site_text("root/f", "hello");
    site_text("secret", SECRET);
    client_open(&c);
}

static void end(void)
{
    client_close(&c);
    check_get("/f", 200, "hello");
    daemon_await_counter(&server, "connections", 0);
    ck_assert_int_eq(daemon_counter(&server, "buffers_free"), 256);
    ck_assert_int_eq(daemon_counter(&server, "stale_completions"), 0);
    stop();
}

/* Phase 9's corpus, said to a server. */

/* Where the head that begins at offset at ends; 0 if it does not. */
static size_t head_end(const struct loaded_case *stream, size_t at)
{
    const char *found;

    while (at < stream->len && strchr("\r\n", stream->input[at]) != NULL)
        at++;
    found = memmem(stream->input + at, stream->len - at, "\r\n\r\n", 4);
    return found != NULL ? (size_t)(found - stream->input) + 4 : 0;
}

/* The value of a field in a line like "GET / 1.1 keep {Host=a; X=y} ...". */
static const char *field_of(const char *line, const char *name)
{
    char wanted[64];
    const char *found;

    snprintf(wanted, sizeof wanted, "{%s=", name);
    found = strcasestr(line, wanted);
    if (found == NULL) {
        snprintf(wanted, sizeof wanted, "; %s=", name);
        found = strcasestr(line, wanted);
    }
    return found != NULL ? found + strlen(wanted) : NULL;
}

/* Where a chunked body that is well-formed ends; it begins at offset at. */
static size_t chunks_end(const struct loaded_case *stream, size_t at)
{
    const char *line = stream->input + at;
    size_t size = 1;

    while (size > 0) {
        size = strtoul(line, NULL, 16);
        line = strstr(line, "\r\n") + 2;
        line += size > 0 ? size + 2 : 0;
    }
    while (strncmp(line, "\r\n", 2) != 0) /* trailers */
        line = strstr(line, "\r\n") + 2;
    return (size_t)(line + 2 - stream->input);
}

/* Where the body of a request ends, whose head ends at offset at. request is
 * the parser's line about it. */
static size_t body_end(const struct loaded_case *stream, const char *request,
                       size_t at)
{
    const char *length = field_of(request, "Content-Length");

    if (field_of(request, "Transfer-Encoding") != NULL)
        return chunks_end(stream, at);
    return at + (length != NULL ? strtoul(length, NULL, 10) : 0);
}

static void take_one(const struct loaded_case *stream, int status)
{
    client_take(&c, &a);
    ck_assert_msg(status == 0 || a.status == status,
                  "%s: answered %d, not %d", stream->origin->name, a.status,
                  status);
}

/* A stream of this length arrives in one receive buffer. */
#define ONE_RECEIVE_MAX 16000

/* Takes the answer to a request whose body is refused with status. If a part of
 * the body arrived later, the answer is that to the head. */
static void take_bad_body(const struct loaded_case *stream, int status)
{
    bool is_whole = stream->len <= ONE_RECEIVE_MAX;

    take_one(stream, is_whole ? status : 0);
    ck_assert_msg(a.closes || !is_whole, "%s: goes on", stream->origin->name);
}

/* Takes the answers that are due to one line of the expectation. Returns where
 * the next request begins, or 0 if there is none. */
static size_t take_line(const struct loaded_case *stream, const char *line,
                        size_t len, size_t at)
{
    static char request[sizeof ((struct loaded_case *)0)->expected];
    size_t end_of_head = head_end(stream, at);
    const char *place = memchr(line, '@', len);
    bool is_refused = *line >= '0' && *line <= '9', is_last;

    if (is_refused && strtoul(place + 1, NULL, 10) < end_of_head)
        end_of_head = 0;
    if (is_refused && end_of_head == 0) {
        take_one(stream, atoi(line));
        ck_assert_msg(a.closes, "%s: goes on", stream->origin->name);
        return 0;
    }
    if (end_of_head == 0)
        return 0; /* incomplete: nothing is due */
    if (is_refused) {
        take_bad_body(stream, atoi(line));
        return 0;
    }
    take_one(stream, 0);
    if (strncmp(line, "incomplete", 10) == 0)
        return 0; /* the answer, and then the end */
    snprintf(request, sizeof request, "%.*s", (int)len, line);
    is_last = strstr(request, " close ") != NULL;
    ck_assert_msg(a.closes == is_last, "%s: goes on or ends",
                  stream->origin->name);
    return is_last ? 0 : body_end(stream, request, end_of_head);
}

static void take_case(const struct loaded_case *stream)
{
    const char *line = stream->expected;
    size_t at = 0;

    do {
        size_t len = strcspn(line, "\n");

        at = take_line(stream, line, len, at);
        line += len + (line[len] == '\n');
    } while (at > 0 && *line != '\0');
}

/* Each malformed message has exactly one answer, and then the end. The server
 * never mistakes the bytes after it, or a body, for a request. */
TEST(every_stream_of_the_corpus_is_answered_as_it_should)
{
    size_t count = cases_count();

    begin();
    client_close(&c);
    ck_assert_uint_ge(count, 300);
    for (size_t i = 0; i < count; i++) {
        const struct loaded_case *stream = cases_load(i);

        client_open(&c);
        socket_send(c.fd, stream->input, stream->len);
        shutdown(c.fd, SHUT_WR);
        take_case(stream);
        client_expect_end(&c);
        client_close(&c);
    }
    client_open(&c);
    end();
}

/* Garbage. */

TEST(a_mebibyte_of_garbage_has_one_answer)
{
    static const int fillers[] = {'A', '\0', '\n', '\r', ' ', 0xff, '/'};
    static char bytes[1 << 20];

    begin();
    for (size_t i = 0; i < countof(fillers); i++) {
        memset(bytes, fillers[i], sizeof bytes);
        socket_send(c.fd, bytes, sizeof bytes);
        client_take(&c, &a);
        ck_assert_int_ge(a.status, 400);
        ck_assert(a.closes);
        client_close(&c);
        client_open(&c);
    }
    end();
}

/* Requests with some of their bytes changed. Every reply is a valid answer, and
 * every file that is found is below the root. */
static void ask_mutated(struct random *random)
{
    static const char request[] = "GET /f?x HTTP/1.1\r\nHost: a\r\n"
                                  "Content-Length: 0\r\nConnection: close"
                                  "\r\n\r\n";
    char bytes[sizeof request], got[1024];
    size_t len = sizeof request - 1;
    long got_len;

    memcpy(bytes, request, len);
    for (uint64_t i = random_below(random, 4); i > 0; i--)
        bytes[random_below(random, len)] = (char)random_below(random, 256);
    socket_send(c.fd, bytes, len);
    shutdown(c.fd, SHUT_WR);
    got_len = socket_receive_all(c.fd, got, sizeof got);
    ck_assert_int_ge(got_len, 0);
    if (got_len == 0)
        return; /* the head has not ended */
    got[got_len] = '\0';
    ck_assert_msg(strncmp(got, "HTTP/1.1 ", 9) == 0, "%s", got);
    if (strncmp(got + 9, "200", 3) == 0)
        ck_assert_msg(strcmp(got + got_len - 5, "hello") == 0 ||
                          strcmp(got + got_len - 5, "index") == 0,
                      "%s", got);
}

TEST(mutations_of_a_request_harm_no_other_client)
{
    struct random random = random_begin();

    begin();
    for (int i = 0; i < 1000; i++) {
        ask_mutated(&random);
        client_close(&c);
        client_open(&c);
    }
    end();
}

/* One that never stops asking, and never listens. */

static atomic_bool goes_on;

static void *ask_without_end(void *arg)
{
    static const char requests[] = GET("/f") GET("/f") GET("/none") GET("/f");
    int fd = *(int *)arg;

    while (atomic_load(&goes_on))
        (void)!send(fd, requests, sizeof requests - 1,
                    MSG_DONTWAIT | MSG_NOSIGNAL);
    return NULL;
}

/* Returns the milliseconds of the slowest of 200 answers beside a flood. */
static long ask_beside_flood(void)
{
    static struct client flood;
    long start_ms, slowest = 0;
    pthread_t thread;

    client_open(&flood);
    atomic_store(&goes_on, true);
    check_res(pthread_create(&thread, NULL, ask_without_end, &flood.fd), 0);
    for (int i = 0; i < 200; i++) {
        start_ms = now_ms();
        client_get(&c, "/f", &a);
        check_answer(&a, 200, "hello");
        if (now_ms() - start_ms > slowest)
            slowest = now_ms() - start_ms;
    }
    atomic_store(&goes_on, false);
    pthread_join(thread, NULL);
    client_close(&flood);
    return slowest;
}

/* On a busy machine an answer may wait for a processor, but not each time. */
TEST(a_flood_of_requests_keeps_nobody_waiting)
{
    long slowest = 2000;

    begin();
    for (int i = 0; i < 5 && slowest >= 2000; i++)
        slowest = ask_beside_flood();
    ck_assert_int_lt(slowest, 2000);
    end();
}

/* Names that change their meaning while they are looked up. */

#define SWAP_MS 1000

static void *swap(void *arg)
{
    int fd = site_fd();

    (void)arg;
    while (atomic_load(&goes_on)) {
        /* d is a directory of the root's, and a link to one outside of it. */
        renameat2(fd, "root/d", fd, "root/other", RENAME_EXCHANGE);
        renameat2(fd, "root/x", fd, "root/y", RENAME_EXCHANGE);
        renameat2(fd, "root/deep/a", fd, "outside/a", RENAME_EXCHANGE);
        renameat2(fd, "root/file", fd, "root/fifo", RENAME_EXCHANGE);
    }
    return NULL;
}

/* Checks that a file that is found belongs to the root. One that is not found
 * has been removed, or does not exist yet. */
static int check_confined(const char *target)
{
    client_get(&c, target, &a);
    if (a.status == 200) {
        check_answer(&a, 200, "inside");
        return 1;
    }
    ck_assert_msg(a.status == 404 || a.status == 503 || a.status == 301,
                  "%s: %s", target, a.head);
    ck_assert_ptr_null(strstr(a.body, "never be seen"));
    return 0;
}

TEST(changing_names_never_show_a_file_outside_and_never_block)
{
    static const char *const targets[] = {
        "/d/f",         "/other/f",    "/x",    "/y",
        "/deep/a/../b", "/deep/a/b/f", "/file", "/fifo",
    };
    int found = 0, missed = 0;
    pthread_t thread;
    long until;

    begin();
    site_dir("outside");
    site_text("outside/f", SECRET);
    site_dir("outside/a");
    site_dir("outside/a/b");
    site_text("outside/a/b/f", "inside"); /* wherever it is just now */
    site_dir("root/d");
    site_text("root/d/f", "inside");
    site_link("root/other", "../outside");
    site_text("root/x", "inside");
    site_link("root/y", "../outside/f");
    site_dir("root/deep");
    site_dir("root/deep/a");
    site_text("root/file", "inside");
    check_res(mkfifoat(site_fd(), "root/fifo", 0644), 0);
    atomic_store(&goes_on, true);
    check_res(pthread_create(&thread, NULL, swap, NULL), 0);
    until = now_ms() + SWAP_MS;
    while (now_ms() < until || found == 0 || missed == 0) {
        for (size_t i = 0; i < countof(targets); i++) {
            int rc = check_confined(targets[i]);

            found += rc;
            missed += !rc;
        }
        ck_assert(now_ms() < until + DAEMON_DEADLINE_MS);
    }
    atomic_store(&goes_on, false);
    pthread_join(thread, NULL);
    end();
}

int main(void)
{
    suite_begin("serve_hostile");
    suite_stage("errors");
    suite_add(every_stream_of_the_corpus_is_answered_as_it_should);
    suite_add(a_mebibyte_of_garbage_has_one_answer);
    suite_add(mutations_of_a_request_harm_no_other_client);
    suite_add(a_flood_of_requests_keeps_nobody_waiting);
    suite_add(changing_names_never_show_a_file_outside_and_never_block);
    return suite_end();
}

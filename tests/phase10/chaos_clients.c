/* chaos_clients.c: good and bad clients, with blocking sockets; see chaos.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "chaos.h"
#include "command.h"

#define HEAD_MAX 1536u
#define DEADLINE_S 60 /* a client waits so long for bytes */
#define PIPELINED 16u

/* Connects to the server. Returns -1 if it refuses. */
static int try_connect(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct timeval limit = {.tv_sec = DEADLINE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)port);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        close(fd);
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return fd;
}

static int connect_client(unsigned port)
{
    int fd = try_connect(port);

    if (fd < 0) {
        chaos_report("connect: %s", strerror(errno));
        exit(COMMAND_FAILED);
    }
    return fd;
}

/* A file that a client asks for, and its state before the request. */
struct target {
    enum kind kind;
    unsigned number, changes, version;
};

static struct target choose(void)
{
    struct target target = {.kind = (enum kind)chaos_random(KINDS),
                            .number = chaos_random(CHAOS_FILES)};
    struct file_state *file = &chaos->files[target.kind][target.number];

    target.changes = atomic_load(&file->changes);
    target.version = atomic_load(&file->version);
    return target;
}

/* Returns true if the file has not changed since target was chosen. */
static bool is_still(struct target target)
{
    return target.changes % 2 == 0 &&
           atomic_load(&chaos->files[target.kind][target.number].changes) ==
               target.changes;
}

static int ask_name(int fd, const char *name)
{
    char request[128];
    int len = snprintf(request, sizeof request,
                       "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", name);

    return send(fd, request, (size_t)len, MSG_NOSIGNAL) == len ? 0 : -1;
}

static int ask(int fd, struct target target)
{
    char name[32];

    snprintf(name, sizeof name, "%s%u", kind_names[target.kind], target.number);
    return ask_name(fd, name);
}

/* Receives. A client that is stopped and continued gets EINTR, because its
 * socket has a deadline. */
static ssize_t receive(int fd, void *bytes, size_t len)
{
    ssize_t got;

    do
        got = recv(fd, bytes, len, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

/* An answer. Its body is in chaos_bytes. */
struct taken {
    char head[HEAD_MAX];
    size_t head_len; /* of an answer that was cut: the part that came */
    int status;      /* 0: the head did not come */
    size_t len, have;
};

/* Reads a head, byte by byte: the body must not be read with it. Returns false
 * at an end or an error. */
static bool read_head(int fd, struct taken *taken)
{
    size_t len = 0;

    taken->status = 0;
    taken->len = taken->have = 0;
    while (len < HEAD_MAX - 1 && receive(fd, taken->head + len, 1) == 1) {
        taken->head[++len] = '\0';
        taken->head_len = len;
        if (len >= 4 && memcmp(taken->head + len - 4, "\r\n\r\n", 4) == 0) {
            taken->status = atoi(taken->head + 9);
            return true;
        }
    }
    taken->head_len = len;
    return false;
}

/* Reads the body; pauses now and then if slow. */
static void read_body(int fd, struct taken *taken, bool slow)
{
    while (taken->have < taken->len) {
        size_t left = taken->len - taken->have;
        size_t want = slow && left > 9000 ? 9000 : left;
        ssize_t got = receive(fd, chaos_bytes + taken->have, want);

        if (got <= 0)
            break;
        taken->have += (size_t)got;
        if (slow)
            poll(NULL, 0, (int)chaos_random(20));
    }
}

/* Reads an answer. Returns false if not even its head came. */
static bool read_answer(int fd, struct taken *taken, bool slow)
{
    const char *field;

    if (!read_head(fd, taken))
        return false;
    field = strstr(taken->head, "Content-Length: ");
    taken->len = field != NULL ? strtoul(field + 16, NULL, 10) : 0;
    if (taken->len > CHAOS_LEN_MAX) {
        chaos_report("an answer has %zu bytes", taken->len);
        exit(COMMAND_FAILED);
    }
    read_body(fd, taken, slow);
    atomic_fetch_add(&chaos->answers, 1);
    return true;
}

static void check_bytes(struct target target, size_t len, bool still)
{
    const char *name = kind_names[target.kind];
    unsigned version = (unsigned)strtoul(chaos_bytes, NULL, 10);

    if (still && version != target.version)
        chaos_report("%s%u: version %u, but it was %u before the request",
                     name, target.number, version, target.version);
    if (len != chaos_len_of(version))
        chaos_report("%s%u: %zu bytes, but version %u has %zu", name,
                     target.number, len, version, chaos_len_of(version));
    for (size_t i = CHAOS_VERSION_LEN; i < len; i++)
        if (chaos_bytes[i] != chaos_byte_at(version, i)) {
            chaos_report("%s%u: byte %zu is not of version %u", name,
                         target.number, i, version);
            return;
        }
}

/* Checks an answer with 200. The bytes of a file that is cut while it is sent
 * may be from several versions. */
static void check_body(struct target target, const struct taken *taken,
                       bool still)
{
    if (taken->have < taken->len) {
        atomic_fetch_add(&chaos->cut, 1);
        if (target.kind != CUT || still)
            chaos_report("%s%u: cut after %zu of %zu bytes",
                         kind_names[target.kind], target.number, taken->have,
                         taken->len);
    } else if (target.kind != CUT || still) {
        check_bytes(target, taken->len, still);
    }
}

/* Takes one answer and checks it. Returns false if the connection is over. */
static bool take(int fd, struct target target, bool slow)
{
    const char *name = kind_names[target.kind];
    static struct taken taken;
    bool has_answer = read_answer(fd, &taken, slow);
    int error = has_answer ? 0 : errno;
    bool still = is_still(target);

    if (error == ECONNRESET && target.kind == CUT && !still) {
        /* The server resets the connection if the file is cut while it is
         * sent. That can drop the head before it has left the server. */
        atomic_fetch_add(&chaos->cut, 1);
        return false;
    }
    if (!has_answer) {
        chaos_report("%s%u: no answer: %s", name, target.number,
                     strerror(error));
        return false;
    }
    atomic_fetch_add(&chaos->still, still);
    if (taken.status == 200)
        check_body(target, &taken, still);
    else if (taken.status == 404 && target.kind == GONE &&
             (!still || target.version == 0))
        atomic_fetch_add(&chaos->gone, 1);
    else
        chaos_report("%s%u: status %d%s", name, target.number, taken.status,
                     still ? ", and it did not change" : "");
    return taken.have == taken.len &&
           strstr(taken.head, "Connection: close") == NULL;
}

static void ask_in_turn(int fd)
{
    bool slow = chaos_random(4) == 0;

    for (unsigned i = 0; i < 20; i++) {
        struct target target = choose();

        if (ask(fd, target) < 0 || !take(fd, target, slow))
            return;
    }
}

static void ask_at_once(int fd)
{
    struct target targets[PIPELINED];

    for (unsigned i = 0; i < PIPELINED; i++) {
        targets[i] = choose();
        if (ask(fd, targets[i]) < 0)
            return;
    }
    for (unsigned i = 0; i < PIPELINED; i++)
        if (!take(fd, targets[i], false))
            return;
}

static void ask_and_shut(int fd)
{
    struct target target = choose();

    if (ask(fd, target) == 0 && shutdown(fd, SHUT_WR) == 0)
        (void)take(fd, target, chaos_random(2) == 0);
}

/* Reads a part of an answer at most, and goes away. */
static void ask_and_leave(int fd)
{
    struct linger reset = {.l_onoff = chaos_random(2) == 0};

    for (unsigned i = 0; i < 1 + chaos_random(4); i++)
        (void)ask(fd, choose());
    if (chaos_random(2) == 0)
        (void)receive(fd, chaos_bytes, chaos_random(100000) + 1);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static void send_half(int fd)
{
    static const char request[] = "GET /kept1 HTTP/1.1\r\nHost: a\r\nX: y\r";

    (void)send(fd, request, chaos_random(sizeof request), MSG_NOSIGNAL);
    poll(NULL, 0, (int)chaos_random(50));
}

static void send_nonsense(int fd)
{
    static struct taken taken;

    for (unsigned i = 0; i < 200; i++)
        chaos_bytes[i] = (char)chaos_random(256);
    memcpy(chaos_bytes + 200, "\r\n\r\n", 4);
    (void)send(fd, chaos_bytes, 204, MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    if (read_head(fd, &taken) && taken.status / 100 != 4)
        chaos_report("nonsense is answered with %d", taken.status);
}

void chaos_run_client(unsigned port)
{
    static void (*const ways[])(int fd) = {
        ask_in_turn, ask_in_turn, ask_at_once, ask_at_once,
        ask_and_shut, ask_and_leave, send_half, send_nonsense,
    };

    while (chaos_now_s() < chaos_end_s) {
        int fd = connect_client(port);

        ways[chaos_random(sizeof ways / sizeof *ways)](fd);
        close(fd);
    }
}

static void check_link(const char *name, const struct taken *taken)
{
    const size_t len = strlen(CHAOS_INSIDE);

    if (taken->status == 404)
        atomic_fetch_add(&chaos->gone, 1);
    else if (taken->status != 200 || taken->have != len ||
             memcmp(chaos_bytes, CHAOS_INSIDE, len) != 0)
        chaos_report("%s: status %d, %zu of %zu bytes: %.20s", name,
                     taken->status, taken->have, taken->len, chaos_bytes);
}

void chaos_follow_links(unsigned port)
{
    static const char *const names[] = {
        "dir/file", "link", "moved/up", "away/file", "leaves", "file"};
    static struct taken taken;
    int fd = connect_client(port);

    while (chaos_now_s() < chaos_end_s) {
        const char *name = names[chaos_random(sizeof names / sizeof *names)];

        if (ask_name(fd, name) < 0 || !read_answer(fd, &taken, false)) {
            chaos_report("%s: no answer: %s", name, strerror(errno));
            return;
        }
        check_link(name, &taken);
    }
}

/* Asks, and takes answers until the server ends the connection. */
static void take_until_end(int fd)
{
    static struct taken taken;
    unsigned count = 1 + chaos_random(PIPELINED);
    bool slow = chaos_random(4) == 0;

    for (unsigned i = 0; i < count; i++)
        if (ask(fd, choose()) < 0)
            break;
    for (unsigned i = 0; i < count; i++) {
        bool has_head = read_answer(fd, &taken, slow);

        if (!has_head && taken.head_len == 0)
            return;
        if (!has_head || taken.have < taken.len)
            chaos_report("an answer was cut after %zu bytes of its head, %zu "
                         "of %zu bytes of its body: %s", taken.head_len,
                         taken.have, taken.len, strerror(errno));
        else if (taken.status != 200)
            chaos_report("status %d", taken.status);
        if (!has_head || strstr(taken.head, "Connection: close") != NULL)
            return;
    }
}

void chaos_outlive_server(unsigned port)
{
    int fd;

    while ((fd = try_connect(port)) >= 0) {
        for (unsigned i = chaos_random(8); i > 0; i--)
            take_until_end(fd); /* after the end, it fails at once */
        close(fd);
    }
}

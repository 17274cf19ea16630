/* sandbox.c: takes rights away from serve; see sandbox.h. */
#include "sandbox.h"

#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "err.h"
#include "sys.h"
#include "sys_net.h"
#include "tools.h"

/* A server needs only these. Most operations that would help an attacker are
 * missing: connect, rename, unlink, mkdir, link, splice, and ioctl. */
static const uint8_t operations[] = {
    IORING_OP_NOP,     IORING_OP_ASYNC_CANCEL, IORING_OP_TIMEOUT,
    IORING_OP_ACCEPT,  IORING_OP_RECV,         IORING_OP_SEND,
    IORING_OP_SENDMSG, IORING_OP_SHUTDOWN,     IORING_OP_POLL_ADD,
    IORING_OP_OPENAT,  IORING_OP_OPENAT2,      IORING_OP_STATX,
    IORING_OP_READ,    IORING_OP_WRITE,        IORING_OP_CLOSE,
};

const struct ring_rules sandbox_rules = {
    .ops = operations,
    .op_count = sizeof operations,
    .sqe_flags = IOSQE_BUFFER_SELECT,
};

struct rules {
    struct confine_rule rules[SANDBOX_DIRS_MAX + 4];
    unsigned count;
};

static void add(struct rules *rules, int directory, enum confine_right right)
{
    rules->rules[rules->count++] = (struct confine_rule){directory, right};
}

/* Opens a directory, to name it in a rule. Returns a descriptor, which
 * close_rules closes, or -errno. */
static int open_named(const char *path)
{
    return sys_open(path, O_PATH | O_DIRECTORY, 0);
}

/* Adds a rule for the directory that contains the file called name. If there is
 * no such directory, adds none: the code that uses the name reports the
 * error. */
static void add_directory_of(struct rules *rules, const char *name,
                             enum confine_right right)
{
    static char path[PATH_MAX];
    const char *slash = strrchr(name, '/');
    int fd;

    snprintf(path, sizeof path, "%.*s",
             slash != NULL ? (int)(slash - name) + 1 : 1,
             slash != NULL ? name : ".");
    fd = open_named(path);
    if (fd >= 0)
        add(rules, fd, right);
}

static bool is_same_directory(const char *a, const char *b)
{
    static char paths[2][PATH_MAX + 2];
    struct stat one, other;

    snprintf(paths[0], sizeof paths[0], "%s/.", a); /* follows a link */
    snprintf(paths[1], sizeof paths[1], "%s/.", b);
    return sys_stat_name(paths[0], &one) == 0 &&
           sys_stat_name(paths[1], &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Adds the directory that contains the root to those of --may-read, unless
 * sandbox.h gives a reason not to. */
static void add_parent(struct sandbox *sandbox, const char *root)
{
    static char parent[PATH_MAX];
    const char *home = getenv("HOME");
    size_t len = strlen(root);

    while (len > 0 && root[len - 1] == '/')
        len--;
    if (len == 0 || len >= sizeof parent || root[len - 1] == '.')
        return; /* "/", "." or ".." */
    while (len > 0 && root[len - 1] != '/')
        len--;
    snprintf(parent, sizeof parent, "%.*s", (int)(len > 1 ? len - 1 : len),
             root);
    if (len == 0)
        snprintf(parent, sizeof parent, ".");
    if (is_same_directory(parent, "/") ||
        (home != NULL && is_same_directory(parent, home)))
        return;
    sandbox->may_read[sandbox->may_read_count++] = parent;
}

static int port_of(const struct net_address *address)
{
    const struct sockaddr_in *v4 = (const void *)&address->storage;
    const struct sockaddr_in6 *v6 = (const void *)&address->storage;

    switch (address->storage.ss_family) {
    case AF_INET:
        return ntohs(v4->sin_port);
    case AF_INET6:
        return ntohs(v6->sin6_port);
    default:
        return CONFINE_NO_PORT;
    }
}

static int open_rules(struct rules *rules, const struct sandbox *sandbox,
                      const struct command *command)
{
    for (unsigned i = 0; i < sandbox->may_read_count; i++) {
        int fd = open_named(sandbox->may_read[i]);

        if (fd < 0)
            return command_misuse(command, "--may-read %.200s: %s (%s): it "
                                  "must be a directory", sandbox->may_read[i],
                                  err_words(fd), err_name(fd));
        add(rules, fd, CONFINE_READ);
    }
    return COMMAND_GO_ON;
}

int sandbox_enter(struct sandbox *sandbox, struct docroot *root,
                  const struct service_options *service,
                  const struct command *command)
{
    const struct sockaddr_un *at = (const void *)&service->address.storage;
    struct rules rules = {0};
    int code = COMMAND_GO_ON, port = CONFINE_NO_PORT;

    if (sandbox->is_off)
        return code;
    if (sandbox->may_read_count == 0)
        add_parent(sandbox, root->name);
    code = open_rules(&rules, sandbox, command);
    if (service->systemd.listener_count == 0) {
        port = port_of(&service->address);
        /* The server binds its Unix socket after it is confined, and removes
         * the name at its end. */
        if (at->sun_family == AF_UNIX)
            add_directory_of(&rules, at->sun_path, CONFINE_SOCKET);
    }
    if (sandbox->log_name != NULL)
        add_directory_of(&rules, sandbox->log_name, CONFINE_WRITE);
    if (TOOLS_READ_PROC) { /* sanitizers read /proc at the end */
        int proc = open_named("/proc");

        if (proc >= 0)
            add(&rules, proc, CONFINE_READ);
    }
    add(&rules, root->fd, CONFINE_READ);
    if (code == COMMAND_GO_ON) {
        sandbox->confined =
            confine_process(rules.rules, rules.count, port);
        root->is_confined = sandbox->confined.landlock > 0;
    }
    for (unsigned i = 0; i + 1 < rules.count; i++) /* the last is root->fd */
        sys_close(rules.rules[i].directory);
    return code;
}

/* Adds the names of the directories to text. Returns the length. */
static size_t list_names(const struct sandbox *sandbox, const char *root,
                         char *text, size_t size)
{
    size_t len = (size_t)snprintf(text, size, "'%.100s'", root);

    for (unsigned i = 0; i < sandbox->may_read_count && len < size; i++)
        len += (size_t)snprintf(text + len, size - len, ", '%.40s'",
                                sandbox->may_read[i]);
    return len < size ? len : size - 1;
}

/* Describes in text the files that Landlock allows, or why it is missing. */
static void describe_files(const struct sandbox *sandbox, const char *root,
                           char *text, size_t size)
{
    const int landlock = sandbox->confined.landlock;
    size_t len;

    if (landlock < 0) {
        snprintf(text, size, "reads all files (no Landlock: %s: %s)",
                 err_name(landlock), confine_why_no_landlock(landlock));
        return;
    }
    len = (size_t)snprintf(text, size, "reads only below ");
    len += list_names(sandbox, root, text + len, size - len);
    snprintf(text + len, size - len, " (Landlock %d)", landlock);
}

void sandbox_print(const struct sandbox *sandbox, const struct docroot *root,
                   const struct ring *ring)
{
    char files[700], operations_text[100], line[1000] =
        "serve: not confined: --no-sandbox\n";

    describe_files(sandbox, root->name, files, sizeof files);
    if (ring->restricted > 0)
        snprintf(operations_text, sizeof operations_text, "%u ring operations",
                 sandbox_rules.op_count);
    else
        snprintf(operations_text, sizeof operations_text,
                 "all ring operations (rules: %s)", err_name(ring->restricted));
    if (!sandbox->is_off)
        snprintf(line, sizeof line, "serve: confined: %s; %s; %s\n", files,
                 operations_text, sandbox->confined.privileges == 0
                                      ? "no new privileges"
                                      : "new privileges by exec");
    sys_print_error(line, strlen(line));
}

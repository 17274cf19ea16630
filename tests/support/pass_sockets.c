/* pass_sockets.c: runs a command as systemd does, with sockets that listen.
 *
 *     pass-sockets --tcp --unix PATH -- build/phase10/serve root
 *     pass-sockets --tcp --notify FILE -- build/phase10/serve root
 *
 *   --tcp         a socket that listens at a free port of 127.0.0.1
 *   --unix PATH   a socket that listens at PATH
 *   --datagram    a UDP socket, which no server takes
 *   --connected   one end of a pair, as with Accept=yes
 *   --file        a descriptor that is not a socket
 *   --count TEXT  LISTEN_FDS, in place of the number of descriptors
 *   --foreign     LISTEN_PID is another process
 *   --notify FILE a child appends each report of the command to FILE, a line
 *                 each
 *
 * Exits with 126 if it cannot prepare, and with 127 if it cannot run the
 * command. */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3

static int count;

static void require(int is_right, const char *what)
{
    if (is_right)
        return;
    fprintf(stderr, "pass-sockets: %s\n", what);
    exit(126);
}

/* Gives the descriptor the next number that the command expects. */
static void pass(int fd)
{
    int to = FIRST_FD + count++;

    require(fd >= 0, "cannot open a descriptor");
    if (fd == to)
        return;
    require(fd > to && dup2(fd, to) == to, "a descriptor is in the way");
    close(fd);
}

static void pass_tcp(int type)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, type, 0);

    require(bind(fd, (struct sockaddr *)&at, sizeof at) == 0, "cannot bind");
    require(type != SOCK_STREAM || listen(fd, 64) == 0, "cannot listen");
    pass(fd);
}

static int bind_path(const char *path, int type)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type, 0);

    require(strlen(path) < sizeof at.sun_path, "the path is too long");
    memcpy(at.sun_path, path, strlen(path));
    require(bind(fd, (struct sockaddr *)&at, sizeof at) == 0, "cannot bind");
    return fd;
}

static void pass_unix(const char *path)
{
    int fd = bind_path(path, SOCK_STREAM);

    require(listen(fd, 64) == 0, "cannot listen");
    pass(fd);
}

static void pass_connected(void)
{
    int pair[2];

    require(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "no pair");
    pass(pair[0]);
}

/* Starts the child that writes reports. It ends after "STOPPING=1", or after a
 * silence. A signal at the parent's death would not arrive, because a confined
 * parent may send none to it. */
static void report_to(const char *path)
{
    const struct timeval silence = {.tv_sec = 100};
    char name[128], line[512];
    int fd;

    snprintf(name, sizeof name, "%s.socket", path);
    fd = bind_path(name, SOCK_DGRAM);
    setenv("NOTIFY_SOCKET", name, 1);
    if (fork() != 0) {
        close(fd);
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    for (int i = FIRST_FD; i < FIRST_FD + count; i++)
        close(i);
    do {
        ssize_t len = recv(fd, line, sizeof line - 1, 0);
        int out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);

        if (len < 0 || out < 0)
            _exit(1);
        line[len] = '\n';
        if (write(out, line, (size_t)len + 1) < 0)
            _exit(1);
        close(out);
    } while (strncmp(line, "STOPPING", 8) != 0);
    _exit(0);
}

int main(int argc, char **argv)
{
    const char *listen_fds = NULL, *reports = NULL;
    pid_t pid = getpid();
    char text[16];
    int i;

    for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--tcp") == 0)
            pass_tcp(SOCK_STREAM);
        else if (strcmp(argv[i], "--datagram") == 0)
            pass_tcp(SOCK_DGRAM);
        else if (strcmp(argv[i], "--connected") == 0)
            pass_connected();
        else if (strcmp(argv[i], "--file") == 0)
            pass(open("/dev/null", O_RDONLY));
        else if (strcmp(argv[i], "--foreign") == 0)
            pid++;
        else if (strcmp(argv[i], "--unix") == 0)
            pass_unix(argv[++i]);
        else if (strcmp(argv[i], "--count") == 0)
            listen_fds = argv[++i];
        else if (strcmp(argv[i], "--notify") == 0)
            reports = argv[++i];
        else
            require(0, argv[i]);
    }
    require(i + 1 < argc, "no command");
    if (reports != NULL)
        report_to(reports);
    snprintf(text, sizeof text, "%d", (int)pid);
    setenv("LISTEN_PID", text, 1);
    snprintf(text, sizeof text, "%d", count);
    setenv("LISTEN_FDS", listen_fds != NULL ? listen_fds : text, 1);
    setenv("LISTEN_FDNAMES", "web:admin", 1);
    execvp(argv[i + 1], argv + i + 1);
    perror(argv[i + 1]);
    return 127;
}

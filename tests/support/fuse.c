/* fuse.c: a file system that misbehaves on request; see fuse.h.
 *
 * Test support. Needs: fuse.h. */
#include "fuse.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounts.h"
#include "suite.h"

#define FILES_MAX 16
#define REQUEST_MAX (256 * 1024)

struct file {
    char name[64]; /* empty if there is no file */
    unsigned char *bytes;
    size_t len;
};

/* Used only in the child. A file's node number is its index plus 2. */
static struct {
    int fd;
    struct fuse_faults faults;
    struct file files[FILES_MAX];
} server;

unsigned char fuse_byte(size_t offset)
{
    return (unsigned char)(offset ^ (offset >> 8) ^ (offset >> 16));
}

const char *fuse_missing(void)
{
    if (geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) != 0)
        return "no /dev/fuse";
    return mounts_missing();
}

static struct file *find(const char *name)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (strcmp(server.files[i].name, name) == 0)
            return &server.files[i];
    return NULL;
}

static struct file *add(const char *name)
{
    struct file *file = find("");

    if (file == NULL || strlen(name) >= sizeof file->name)
        return NULL;
    strcpy(file->name, name);
    if (file->bytes == NULL)
        file->bytes = malloc(FUSE_FILE_MAX);
    file->len = 0;
    return file;
}

static uint64_t node_of(const struct file *file)
{
    return (uint64_t)(file - server.files) + 2;
}

static void fill_attr(uint64_t node, struct fuse_attr *attr)
{
    const struct file *file;

    memset(attr, 0, sizeof *attr);
    attr->ino = node;
    attr->nlink = 1;
    attr->blksize = 4096;
    attr->mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0644;
    if (node == FUSE_ROOT_ID)
        return;
    file = &server.files[node - 2];
    attr->size = file->len;
    if (server.faults.lies && strcmp(file->name, "source") == 0)
        attr->size = server.faults.says_len;
    attr->blocks = (attr->size + 511) / 512;
}

static void reply(const struct fuse_in_header *in, int error, const void *data,
                  size_t len)
{
    static char message[REQUEST_MAX];
    struct fuse_out_header out = {
        .len = (uint32_t)(sizeof out + (error == 0 ? len : 0)),
        .error = -error,
        .unique = in->unique,
    };
    ssize_t written;

    memcpy(message, &out, sizeof out);
    if (error == 0 && len > 0)
        memcpy(message + sizeof out, data, len);
    written = write(server.fd, message, out.len);
    (void)written; /* it fails with ENOENT if the caller was interrupted */
}

static void reply_entry(const struct fuse_in_header *in, struct file *file,
                        int opened)
{
    struct {
        struct fuse_entry_out entry;
        struct fuse_open_out open;
    } out = {.open = {.open_flags = FOPEN_DIRECT_IO}};

    if (file == NULL) {
        reply(in, opened ? ENOSPC : ENOENT, NULL, 0);
        return;
    }
    out.entry.nodeid = node_of(file);
    fill_attr(out.entry.nodeid, &out.entry.attr);
    reply(in, 0, &out, opened ? sizeof out : sizeof out.entry);
}

static void reply_attr(const struct fuse_in_header *in)
{
    struct fuse_attr_out out = {0};
    char byte;

    if (server.faults.attr_gate > 0 && in->nodeid != FUSE_ROOT_ID)
        (void)!read(server.faults.attr_gate, &byte, 1);
    fill_attr(in->nodeid, &out.attr);
    reply(in, 0, &out, sizeof out);
}

static void serve_read(const struct fuse_in_header *in,
                       const struct fuse_read_in *read_in)
{
    const struct file *file = &server.files[in->nodeid - 2];
    const struct fuse_faults copy = server.faults, *faults = &copy;
    size_t len = read_in->size, end = file->len;

    if (faults->heals > 0 && --server.faults.heals == 0)
        memset(&server.faults, 0, sizeof server.faults);

    if (faults->read_error != 0) {
        if (read_in->offset >= faults->read_fail_at) {
            reply(in, faults->read_error, NULL, 0);
            return;
        }
        if (end > faults->read_fail_at)
            end = faults->read_fail_at;
    }
    if (read_in->offset >= end) {
        reply(in, 0, NULL, 0);
        return;
    }
    if (len > end - read_in->offset)
        len = end - read_in->offset;
    if (faults->read_max != 0 && len > faults->read_max)
        len = faults->read_max;
    reply(in, 0, file->bytes + read_in->offset, len);
}

static void serve_write(const struct fuse_in_header *in,
                        const struct fuse_write_in *write_in)
{
    struct file *file = &server.files[in->nodeid - 2];
    struct fuse_write_out out = {.size = write_in->size};

    if (server.faults.write_max != 0 && out.size > server.faults.write_max)
        out.size = server.faults.write_max;
    if (write_in->offset + out.size > FUSE_FILE_MAX) {
        reply(in, EFBIG, NULL, 0);
        return;
    }
    if (write_in->offset > file->len)
        memset(file->bytes + file->len, 0, write_in->offset - file->len);
    memcpy(file->bytes + write_in->offset, write_in + 1, out.size);
    if (write_in->offset + out.size > file->len)
        file->len = write_in->offset + out.size;
    reply(in, 0, &out, sizeof out);
}

static void serve_setattr(const struct fuse_in_header *in,
                          const struct fuse_setattr_in *set)
{
    struct file *file = &server.files[in->nodeid - 2];

    if (set->valid & FATTR_SIZE) {
        if (set->size > file->len)
            memset(file->bytes + file->len, 0, set->size - file->len);
        file->len = set->size;
    }
    reply_attr(in);
}

static void serve_rename(const struct fuse_in_header *in, const char *from)
{
    struct file *file = find(from);
    struct file *old = find(from + strlen(from) + 1);

    if (server.faults.rename_error != 0 || file == NULL) {
        reply(in, file == NULL ? ENOENT : server.faults.rename_error, NULL, 0);
        return;
    }
    if (old != NULL)
        old->name[0] = '\0';
    strcpy(file->name, from + strlen(from) + 1);
    reply(in, 0, NULL, 0);
}

static void serve_unlink(const struct fuse_in_header *in, const char *name)
{
    struct file *file = find(name);

    if (file != NULL)
        file->name[0] = '\0';
    reply(in, file == NULL ? ENOENT : 0, NULL, 0);
}

static void serve_init(const struct fuse_in_header *in)
{
    struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION,
        .minor = 31,
        .max_write = 128 * 1024,
        .flags = FUSE_BIG_WRITES | FUSE_ASYNC_READ,
    };

    if (server.faults.completes_later)
        out.flags |= FUSE_ASYNC_DIO;
    reply(in, 0, &out, sizeof out);
}

static void serve_statfs(const struct fuse_in_header *in)
{
    struct fuse_statfs_out out = {.st = {.bsize = 4096, .namelen = 63}};

    reply(in, 0, &out, sizeof out);
}

/* Handles requests about names. Returns 1, or 0 for any other request. */
static int serve_name(const struct fuse_in_header *in)
{
    const char *body = (const char *)(in + 1);

    switch (in->opcode) {
    case FUSE_LOOKUP:
        reply_entry(in, find(body), 0);
        return 1;
    case FUSE_CREATE:
        reply_entry(in, add(body + sizeof(struct fuse_create_in)), 1);
        return 1;
    case FUSE_RENAME:
        serve_rename(in, body + sizeof(struct fuse_rename_in));
        return 1;
    case FUSE_RENAME2:
        serve_rename(in, body + sizeof(struct fuse_rename2_in));
        return 1;
    case FUSE_UNLINK:
        serve_unlink(in, body);
        return 1;
    default:
        return 0;
    }
}

/* Handles requests about the bytes of an open file. Returns 1, or 0 for any
 * other request. */
static int serve_bytes(const struct fuse_in_header *in)
{
    const void *body = in + 1;

    switch (in->opcode) {
    case FUSE_READ:
        serve_read(in, body);
        return 1;
    case FUSE_WRITE:
        serve_write(in, body);
        return 1;
    case FUSE_FLUSH:
        reply(in, server.faults.flush_error, NULL, 0);
        return 1;
    case FUSE_FSYNC:
        reply(in, server.faults.fsync_error, NULL, 0);
        return 1;
    default:
        return 0;
    }
}

static void serve_request(const struct fuse_in_header *in)
{
    const void *body = in + 1;
    const struct fuse_open_out opened = {.open_flags = FOPEN_DIRECT_IO};

    if (serve_name(in) || serve_bytes(in))
        return;
    switch (in->opcode) {
    case FUSE_INIT:
        serve_init(in);
        break;
    case FUSE_GETATTR:
        reply_attr(in);
        break;
    case FUSE_SETATTR:
        serve_setattr(in, body);
        break;
    case FUSE_OPEN:
    case FUSE_OPENDIR:
        reply(in, 0, &opened, sizeof opened);
        break;
    case FUSE_STATFS:
        serve_statfs(in);
        break;
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_FSYNCDIR:
        reply(in, 0, NULL, 0);
        break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        break; /* these take no reply */
    default:
        reply(in, ENOSYS, NULL, 0);
        break;
    }
}

_Noreturn static void serve(size_t len)
{
    static _Alignas(8) char request[REQUEST_MAX];
    struct file *source = add("source");

    source->len = len;
    for (size_t i = 0; i < len; i++)
        source->bytes[i] = fuse_byte(i);
    for (;;) {
        ssize_t got = read(server.fd, request, sizeof request);

        if (got > 0)
            serve_request((const struct fuse_in_header *)(void *)request);
        else if (errno != EINTR && errno != ENOENT && errno != EAGAIN)
            _exit(0); /* unmounted */
    }
}

void fuse_serve(const char *directory, size_t len,
                const struct fuse_faults *faults)
{
    char options[128];
    pid_t child;

    check(len <= FUSE_FILE_MAX);
    server.faults = *faults;
    check(mounts_leave() == 0);
    server.fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    check(server.fd >= 0);
    snprintf(options, sizeof options,
             "fd=%d,rootmode=40000,user_id=0,group_id=0", server.fd);
    check(mount("test", directory, "fuse", 0, options) == 0);
    child = fork();
    check(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(len);
    }
    close(server.fd);
}

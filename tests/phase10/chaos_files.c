/* chaos_files.c: files and links that change without a pause; see chaos.h. */
#include "chaos.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "command.h"

const char *const kind_names[KINDS] = {"kept", "cut", "gone"};

size_t chaos_len_of(unsigned version)
{
    unsigned spread = version % 8 == 0 ? CHAOS_LEN_MAX - 1000 : 20000;

    return CHAOS_VERSION_LEN + version * 2654435761u % spread;
}

char chaos_byte_at(unsigned version, size_t offset)
{
    return (char)(version * 31 + offset * 7 + (offset >> 8));
}

static size_t make_content(unsigned version)
{
    size_t len = chaos_len_of(version);

    for (size_t i = CHAOS_VERSION_LEN; i < len; i++)
        chaos_bytes[i] = chaos_byte_at(version, i);
    snprintf(chaos_bytes, CHAOS_VERSION_LEN, "%010u", version);
    chaos_bytes[CHAOS_VERSION_LEN - 1] = '\n';
    return len;
}

static void write_bytes(int fd, size_t from, size_t to)
{
    while (from < to) {
        ssize_t wrote = write(fd, chaos_bytes + from, to - from);

        if (wrote <= 0) {
            perror("write");
            exit(COMMAND_FAILED);
        }
        from += (size_t)wrote;
    }
}

/* Every third version grows in two steps. */
static void write_file(const char *name, unsigned version)
{
    size_t len = make_content(version), part = version % 3 == 0 ? len / 2 : len;
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0644);

    if (fd < 0) {
        perror(name);
        exit(COMMAND_FAILED);
    }
    write_bytes(fd, 0, part);
    if (part < len)
        poll(NULL, 0, (int)chaos_random(3));
    write_bytes(fd, part, len);
    close(fd);
}

static void change(enum kind kind, unsigned number, unsigned version)
{
    char name[64];

    snprintf(name, sizeof name, "%s%u", kind_names[kind], number);
    if (kind == CUT) {
        /* The first file is cut and written again for as long as a request
         * takes, so that a request is tried several times. */
        for (unsigned i = 0; number == 0 && i < 20; i++)
            write_file(name, version);
        if (version % 2 == 0 && truncate(name, (off_t)chaos_random(20000)) < 0)
            perror(name);
        write_file(name, version);
    } else if (kind == GONE && version % 2 == 0) {
        (void)unlink(name);
    } else {
        write_file("new", version);
        if (rename("new", name) < 0)
            perror(name);
    }
}

static void change_file(enum kind kind, unsigned number, unsigned version)
{
    struct file_state *file = &chaos->files[kind][number];

    atomic_fetch_add(&file->changes, 1);
    change(kind, number, version);
    atomic_store(&file->version,
                 kind == GONE && version % 2 == 0 ? 0 : version);
    atomic_fetch_add(&file->changes, 1);
}

void chaos_make_files(void)
{
    for (unsigned i = 0; i < KINDS * CHAOS_FILES; i++)
        change_file((enum kind)(i % KINDS), i / KINDS, 1);
}

void chaos_change_files(void)
{
    for (unsigned version = 2; chaos_now_s() < chaos_end_s; version++) {
        change_file((enum kind)chaos_random(KINDS), chaos_random(CHAOS_FILES),
                    version);
        atomic_fetch_add(&chaos->changes, 1);
        poll(NULL, 0, (int)chaos_random(4));
    }
}

static void must(int result, const char *what)
{
    if (result == 0)
        return;
    perror(what);
    exit(COMMAND_FAILED);
}

static void write_text(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0644);

    must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text)
             ? 0 : -1, name);
    close(fd);
}

/*     root/ dir/file        <-- swapped with -->  root/away -> ../outside
 *           link -> dir/../file  <-- and -->  root/leaves -> ../outside/file
 *           moved/up -> ../file  is moved to outside/moved, and back
 *
 * The files have the same names inside and outside, so that a walk that leaves
 * the root finds foreign bytes. The sandbox of serve allows outside, because it
 * is in the directory that contains the root. */
void chaos_make_links(void)
{
    must(mkdir("../outside", 0755), "../outside");
    write_text("../outside/file", CHAOS_OUTSIDE);
    must(mkdir("dir", 0755), "dir");
    write_text("dir/file", CHAOS_INSIDE);
    write_text("file", CHAOS_INSIDE);
    must(symlink("../outside", "away"), "away");
    must(symlink("dir/../file", "link"), "link");
    must(symlink("../outside/file", "leaves"), "leaves");
    must(mkdir("moved", 0755), "moved");
    must(symlink("../file", "moved/up"), "moved/up");
}

static void exchange(const char *a, const char *b)
{
    must((int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b,
                      RENAME_EXCHANGE), a);
    atomic_fetch_add(&chaos->changes, 1);
}

void chaos_swap_links(void)
{
    while (chaos_now_s() < chaos_end_s) {
        exchange("dir", "away");
        exchange("link", "leaves");
        must(rename("moved", "../outside/moved"), "moved");
        exchange("dir", "away");
        exchange("link", "leaves");
        must(rename("../outside/moved", "moved"), "moved");
    }
}

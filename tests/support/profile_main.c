/* profile_main.c: runs a command under a container's seccomp profile.
 *
 *     profile docs/seccomp.json -- build/phase0/envcheck
 *
 * It reads the names of the calls that the profile denies, as a container
 * runtime does, and makes a filter of them. Only what docs/seccomp.json has is
 * understood: "names" are denied with EPERM, and all other calls are allowed.
 * Prints each name that is no call of this architecture on stderr; a runtime
 * ignores it. Exits with the command's exit code, with 126 if it cannot install
 * the filter, or with 127 if it cannot run the command. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "err.h"

#define CALLS_MAX 128u /* a jump of a filter passes at most 255 instructions */
#define FILE_MAX 16384u

struct call {
    const char *name;
    int number;
};

/* The calls of this architecture, from <sys/syscall.h>. */
static const struct call calls[] = {
#include "call_names.h"
};

static int number_of(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const char *call = calls[i].name;

        if (strlen(call) == len && memcmp(call, name, len) == 0)
            return calls[i].number;
    }
    return -ENOSYS;
}

/* Adds the number of each name in the list at text, which ends with "]".
 * Returns the new count. */
static unsigned add_names(const char *text, unsigned *numbers, unsigned count)
{
    const char *end = text + strcspn(text, "]");

    for (text = strchr(text, '"'); text != NULL && text < end;
         text = strchr(text + 1, '"')) {
        size_t len = strcspn(text + 1, "\"");
        int number = number_of(text + 1, len);

        if (number < 0)
            fprintf(stderr, "profile: not here: %.*s\n", (int)len, text + 1);
        else if (count < CALLS_MAX)
            numbers[count++] = (unsigned)number;
        text += len + 1;
    }
    return count;
}

static int install(const unsigned *numbers, unsigned count)
{
    struct sock_filter code[CALLS_MAX + 3];
    struct sock_fprog program = {(unsigned short)(count + 3), code};

    code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                           offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < count; i++)
        code[i + 1] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, numbers[i], /* to the last one */
            (unsigned char)(count - i), 0);
    code[count + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
                                                   SECCOMP_RET_ALLOW);
    code[count + 2] = (struct sock_filter)BPF_STMT(
        BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return -errno;
    return 0;
}

/* Reads the profile's names.
 *
 * Returns >= 0    the count of the calls that it denies
 *         -EFBIG  the file has 16 KiB or more
 *         -E2BIG  it names CALLS_MAX calls or more
 *         -errno  from fopen(3) */
static int read_profile(const char *path, unsigned *numbers)
{
    static char text[FILE_MAX];
    FILE *file = fopen(path, "r");
    unsigned count = 0;
    size_t len;

    if (file == NULL)
        return -errno;
    len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    if (len == sizeof text - 1)
        return -EFBIG;
    for (const char *at = text; (at = strstr(at, "\"names\":")) != NULL;) {
        at += strlen("\"names\":");
        count = add_names(at, numbers, count);
    }
    return count < CALLS_MAX ? (int)count : -E2BIG;
}

int main(int argc, char **argv)
{
    unsigned numbers[CALLS_MAX];
    int result;

    if (argc < 4 || strcmp(argv[2], "--") != 0) {
        fputs("usage: profile FILE -- COMMAND\n", stderr);
        return 2;
    }
    result = read_profile(argv[1], numbers);
    if (result >= 0)
        result = install(numbers, (unsigned)result);
    if (result < 0) {
        fprintf(stderr, "profile: %s: %s (%s)\n", argv[1], err_words(result),
                err_name(result));
        return 126;
    }
    execvp(argv[3], argv + 3);
    fprintf(stderr, "profile: %s: %s\n", argv[3], err_words(-errno));
    return 127;
}

/* machine.c: describes this machine; see machine.h. */
#include "machine.h"

#include <liburing.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "facts.h"
#include "sys.h"

#define countof(array) ((int)(sizeof(array) / sizeof(array)[0]))

#ifdef IO_URING_VERSION_MAJOR /* liburing 2.4 and newer */
#define TEXT(x) #x
#define VERSION(major, minor) TEXT(major) "." TEXT(minor)
#define HEADER VERSION(IO_URING_VERSION_MAJOR, IO_URING_VERSION_MINOR)
#else
#define HEADER "2.3"
#endif

/* A few kernel bugs, each with a public report. Only this table depends on the
 * kernel version, because envcheck can test for a feature but not for a bug. */
static const struct machine_bug bugs[] = {
    {0x050100, 0x050aba,
     "an SQPOLL thread can spin at 100 % CPU (phase 2's SQPOLL lab)",
     "https://github.com/libuv/libuv/pull/4093"},
    {0x050b00, 0x050f03,
     "a buffered write can wait for ever (a lost wake-up in io-wq)",
     "https://jira.mariadb.org/browse/MDEV-26674"},
    {0x051000, 0x060100,
     "a file closed through the ring can stay busy (ETXTBSY on exec)",
     "https://github.com/libuv/libuv/pull/4141"},
    {0x060140, 0x060142,
     "ext4 can put O_DIRECT writes in the wrong place",
     "https://bugs.debian.org/1057843"},
};

unsigned machine_version(const char *text)
{
    unsigned part[3] = {0, 0, 0};

    if (sscanf(text, "%u.%u.%u", &part[0], &part[1], &part[2]) < 2)
        return 0;
    for (int i = 0; i < 3; i++)
        part[i] = part[i] > 255 ? 255 : part[i];
    return part[0] << 16 | part[1] << 8 | part[2];
}

const struct machine_bug *machine_bug(unsigned version, int n)
{
    for (int i = 0; i < countof(bugs); i++)
        if (version >= bugs[i].from && version < bugs[i].below && n-- == 0)
            return &bugs[i];
    return NULL;
}

/* Returns the version of the kernel sources. On two distributions, uname -r
 * does not show it: Debian's "6.1.0-13-amd64" is 6.1.55, and Ubuntu's
 * "5.15.0-91" is 5.15.131. */
static unsigned source_version(const struct utsname *name)
{
    char signature[128];
    const char *debian = strstr(name->version, "Debian "), *last;

    if (debian != NULL)
        return machine_version(debian + strlen("Debian "));
    (void)sys_read_text("/proc/version_signature", signature,
                        sizeof signature);
    last = strrchr(signature, ' ');
    return machine_version(last != NULL ? last + 1 : name->release);
}

/* Finds a key in text, which has the syntax of os-release, and copies its value
 * to out without the quotes. key includes the "=". If text has no such key,
 * stores "". */
static void take_value(char *out, size_t len, const char *text,
                       const char *key)
{
    const char *value = strstr(text, key);
    size_t used;

    out[0] = '\0';
    if (value == NULL)
        return;
    value += strlen(key);
    value += *value == '"' || *value == '\'';
    used = strcspn(value, "\"'\n");
    snprintf(out, len, "%.*s", (int)used, value);
}

/* Called for each loaded library. Stores the name of the file that
 * liburing.so.2 points to, because the name contains the version. liburing 2.3
 * has no function that returns its version. */
static int look_at_object(struct dl_phdr_info *info, size_t size, void *data)
{
    struct machine *machine = data;
    const char *so = strstr(info->dlpi_name, "liburing.so");
    char *real;

    (void)size;
    if (so == NULL)
        return 0;
    real = realpath(info->dlpi_name, NULL);
    if (real != NULL)
        so = strstr(real, "liburing.so") != NULL ? strstr(real, "liburing.so")
                                                 : so;
    snprintf(machine->library, sizeof machine->library, "%s", so);
    free(real);
    return 1;
}

void machine_look(struct machine *out)
{
    struct utsname name;
    char text[1024];

    memset(out, 0, sizeof *out);
    if (uname(&name) == 0) {
        snprintf(out->kernel, sizeof out->kernel, "%s", name.release);
        snprintf(out->arch, sizeof out->arch, "%s", name.machine);
        out->version = source_version(&name);
    }
    if (sys_read_text("/etc/os-release", text, sizeof text) <= 0)
        (void)sys_read_text("/usr/lib/os-release", text, sizeof text);
    take_value(out->distribution, sizeof out->distribution, text,
               "PRETTY_NAME=");
    out->is_virtual =
        facts_file_contains("/proc/cpuinfo", " hypervisor") > 0 ||
        facts_file_contains("/sys/hypervisor/type", "\n") > 0;
    snprintf(out->header, sizeof out->header, "%s", HEADER);
    (void)dl_iterate_phdr(look_at_object, out);
}

/* no_memory.c: makes one call of malloc, calloc, or realloc fail.
 *
 * Test support, preloaded: NO_MEMORY=3 fails the third call, NO_MEMORY=3+ the
 * third and all later ones. NO_MEMORY_TO is a file: a failed call appends a
 * line to it, so that a test knows whether the program makes that many calls.
 * Calls of the dynamic loader before main are not counted. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own functions under other names: dlsym itself allocates. */
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *__libc_realloc(void *old, size_t len);
void *__libc_memalign(size_t alignment, size_t len);

static unsigned long fail_at, calls;
static bool fails_later;
static int report = -1;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("NO_MEMORY"), *path = getenv("NO_MEMORY_TO");
    char *end = NULL;

    calls = 0;
    if (text == NULL)
        return;
    if (path != NULL)
        report = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    fail_at = strtoul(text, &end, 10);
    fails_later = *end == '+';
}

static bool fails(void)
{
    unsigned long call = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);

    if (fail_at == 0 || call < fail_at || (call > fail_at && !fails_later))
        return false;
    if (report >= 0 && write(report, "failed\n", 7) < 0)
        abort();
    errno = ENOMEM;
    return true;
}

void *malloc(size_t len)
{
    return fails() ? NULL : __libc_malloc(len);
}

void *calloc(size_t count, size_t len)
{
    return fails() ? NULL : __libc_calloc(count, len);
}

void *realloc(void *old, size_t len)
{
    return fails() ? NULL : __libc_realloc(old, len);
}

int posix_memalign(void **out, size_t alignment, size_t len)
{
    void *memory = fails() ? NULL : __libc_memalign(alignment, len);

    if (memory == NULL)
        return ENOMEM;
    *out = memory;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t len)
{
    return fails() ? NULL : __libc_memalign(alignment, len);
}

/* sim_sys.c: the system calls of lib/base/sys.h, simulated.
 *
 * What it teaches: the linker chooses. It takes sys.o from lib's archive only
 * if a function of sys.h is missing here; then each function below is defined
 * twice, and the program does not link. So no call can reach the real clock or
 * a real descriptor by mistake.
 *
 * Memory is real: an address decides nothing. */
#include "sys.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim_check.h"
#include "sim_file.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_world.h"
#include "sys_end.h"

#define STEP_NS 500000u /* of the program, between two looks at the clock */

/* The program takes time, too. A deadline may pass between two of its steps. */
uint64_t sys_now_ns(void)
{
    if (!knob_is_on(KNOB_INSTANT))
        world_pass(pick(2) * STEP_NS);
    return world_now_ns();
}

uint64_t sys_wall_ns(void)
{
    return world_wall_ns();
}

/* A pause is time that passes, and nothing else happens in it. */
void sys_pause_ns(uint64_t delay_ns)
{
    world_pass(delay_ns);
}

int sys_map(void **memory, size_t len)
{
    void *mapped = mmap(NULL, len, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (mapped == MAP_FAILED)
        return -ENOMEM;
    *memory = mapped;
    return 0;
}

int sys_unmap(void *memory, size_t len)
{
    return munmap(memory, len) < 0 ? -EINVAL : 0;
}

/* Guards are not simulated: a task's overflow is a matter for real tests. */
int sys_guard(void *memory, size_t len)
{
    (void)memory, (void)len;
    return 0;
}

void sys_discard(void *memory, size_t len)
{
    (void)madvise(memory, len, MADV_DONTNEED);
}

/* No driver forks, so no page has to be wiped. */
int sys_map_forgotten(void **page)
{
    return sys_map(page, sys_page_size());
}

/* Fixed, so that a seed makes the same run on all machines. */
size_t sys_page_size(void)
{
    return 4096;
}

int sys_close(int fd)
{
    return file_close(fd);
}

/* The calls below are made for files by name, which no driver has. */
static int not_simulated(const char *call)
{
    check_fail("simulated-operation", "%s is not simulated", call);
}

int sys_stat(int fd, struct stat *out)
{
    (void)fd, (void)out;
    return not_simulated("fstat");
}

int sys_position(int fd, uint64_t *offset)
{
    (void)fd, (void)offset;
    return not_simulated("lseek");
}

int sys_file_system(int fd, uint64_t *magic)
{
    (void)fd, (void)magic;
    return not_simulated("fstatfs");
}

int64_t sys_seek(int fd, int64_t offset, int whence)
{
    assert(file_of(fd) != NULL);
    (void)offset, (void)whence;
    return -ESPIPE;
}

int sys_thread_id(void)
{
    return 1;
}

/* lib ends the process for reasons that are failures here. */
_Noreturn void sys_fatal(const char *what, int result)
{
    check_fail("no-fatal-end", "%s: %d", what, result);
}

_Noreturn void sys_end_without_ring(int result)
{
    check_fail("no-fatal-end", "the kernel refuses the ring: %d", result);
}

void sys_end_watch(void (*fn)(void))
{
    (void)fn; /* no signal ends the process */
}

void sys_print_error(const char *text, size_t len)
{
    if (check_is_running())
        check_trace("stderr: %.*s", (int)len - 1, text);
    else
        (void)!write(STDERR_FILENO, text, len); /* a message of sim itself */
}

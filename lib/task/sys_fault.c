/* sys_fault.c: a handler for memory faults; see sys_fault.h.
 * Introduced in phase 3. Needs: sys_fault.h, sys.h.
 *
 * What it teaches: a program can observe a fault and still die as it would have
 * without a handler. When a handler returns, the processor repeats the faulting
 * access. So if there was no previous handler, this handler restores SIG_DFL
 * and returns. The same instruction faults again, and a debugger or a core file
 * shows the program at the fault. */
#include "sys_fault.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "sys.h"

/* A signal frame with all vector registers takes 3 to 11 KiB, and the previous
 * handler may need much more. Only touched pages use memory. */
#define SIGNAL_STACK_LEN (64u << 10)

/* `tell` and `before` are written once, before the handler is installed. */
static sys_fault_fn *tell;
static struct sigaction before;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

static int result_of(long returned)
{
    return returned == -1 ? -errno : (int)returned;
}

/* Returns the stack pointer at the fault. The handler itself runs on another
 * stack. */
static const void *stack_pointer_of(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (const void *)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return (const void *)context->uc_mcontext.sp;
#else
    (void)context;
    return NULL;
#endif
}

static void sys_fault_on_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno; /* the previous handler may resume the program */

    if (info->si_code > 0) /* if not, a process sent the signal */
        tell(info->si_addr, stack_pointer_of(context));
    errno = saved;
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(number, info, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(number);
    } else {
        (void)sigaction(number, &before, NULL);
        /* A signal that a process sent does not repeat, so send it again. */
        if (info->si_code <= 0)
            (void)syscall(SYS_rt_tgsigqueueinfo, getpid(), sys_thread_id(),
                          number, info);
    }
}

int sys_on_fault(sys_fault_fn *fn)
{
    struct sigaction action = {.sa_sigaction = sys_fault_on_signal,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};
    bool is_new;
    int rc = 0;

    sigemptyset(&action.sa_mask);
    pthread_mutex_lock(&writing);
    assert(tell == NULL || tell == fn);
    is_new = tell == NULL;
    if (is_new)
        rc = result_of(sigaction(SIGSEGV, NULL, &before));
    if (is_new && rc == 0) {
        tell = fn; /* first, because the handler uses it */
        rc = result_of(sigaction(SIGSEGV, &action, NULL));
        if (rc < 0)
            tell = NULL;
    }
    pthread_mutex_unlock(&writing);
    return rc;
}

/* Keeps a signal stack that the thread already has. AddressSanitizer installs
 * one in each thread. When the thread ends, AddressSanitizer unmaps the signal
 * stack that the thread has at that time, even if another part of the program
 * installed it. */
int sys_signal_stack(void **memory)
{
    stack_t stack;
    int rc = result_of(sigaltstack(NULL, &stack));

    *memory = NULL;
    if (rc < 0 || !(stack.ss_flags & SS_DISABLE))
        return rc;
    rc = sys_map(memory, SIGNAL_STACK_LEN);
    if (rc < 0)
        return rc;
    stack = (stack_t){.ss_sp = *memory, .ss_size = SIGNAL_STACK_LEN};
    rc = result_of(sigaltstack(&stack, NULL));
    if (rc < 0) {
        (void)sys_unmap(*memory, SIGNAL_STACK_LEN);
        *memory = NULL;
    }
    return rc < 0 ? rc : 1;
}

void sys_signal_stack_finish(void *memory)
{
    stack_t none = {.ss_flags = SS_DISABLE};

    if (memory == NULL)
        return;
    (void)sigaltstack(&none, NULL);
    (void)sys_unmap(memory, SIGNAL_STACK_LEN);
}

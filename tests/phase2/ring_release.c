/* ring_release.c: a CQE is read before its slot is released, because the kernel
 * may use the slot again immediately. */
#include "ring.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "small_rings.h"
#include "sys.h"

#define COUNT 4

static void *page; /* of the head of the CQ */
static volatile sig_atomic_t releases;

/* Stands in for a kernel that is as fast as can be. The page of the head may
 * only be read, so the store that releases a slot faults, and comes here. All
 * slots get other contents; then the store is repeated. */
static void reuse_slots(int number)
{
    (void)number;
    mprotect(page, sys_page_size(), PROT_READ | PROT_WRITE);
    for (unsigned i = 0; i < ring.cq_entries; i++)
        ring.uring.cq.cqes[i] = (struct io_uring_cqe){.user_data = 777,
                                                      .res = 777};
    releases++;
}

TEST(a_cqe_is_copied_before_its_slot_is_released)
{
    struct sigaction action = {.sa_handler = reuse_slots};
    struct io_uring_cqe cqes[COUNT];
    size_t page_len = sys_page_size();

    start(COUNT, COUNT);
    page = (void *)((uintptr_t)ring.uring.cq.khead / page_len * page_len);
    check_res(sigaction(SIGSEGV, &action, NULL), 0);
    for (uint64_t i = 1; i <= COUNT; i++)
        nop(i);
    check_res(ring_enter(&ring, COUNT, RING_FOREVER), 0);
    check_res(mprotect(page, page_len, PROT_READ), 0);
    ck_assert_uint_eq(ring_take(&ring, cqes, COUNT), COUNT);
    ck_assert_int_eq(releases, 1);
    for (uint64_t i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(cqes[i].user_data, i + 1);
        ck_assert_int_eq(cqes[i].res, 0);
    }
    ring_finish(&ring);
}

int main(void)
{
    suite_begin("ring_release");
    suite_add(a_cqe_is_copied_before_its_slot_is_released);
    return suite_end();
}

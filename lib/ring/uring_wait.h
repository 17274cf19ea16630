/* uring_wait.h: names that the headers of liburing 2.3 lack, for waiting.
 * Introduced in phase 6. Needs: nothing of ours; liburing 2.3 or newer.
 *
 * The rules of uring_compat.h apply here, too. The structs have the layout of
 * <linux/io_uring.h>. Fields named reserved must be 0: with another value the
 * kernel returns -EINVAL. */
#ifndef ONE_RING_URING_WAIT_H
#define ONE_RING_URING_WAIT_H

#include <linux/time_types.h>
#include <stdint.h>

/* A flag of io_uring_enter(2); uring_compat.h has others. */
#define UR_ENTER_EXT_ARG_REG (1u << 6) /* 6.13; the argument is registered */

/* The argument of UR_REGISTER_CLOCK (6.12): the clock of all waits. */
struct ur_clock {
    uint32_t clock; /* CLOCK_MONOTONIC or CLOCK_BOOTTIME */
    uint32_t reserved[3];
};
_Static_assert(sizeof(struct ur_clock) == 16, "io_uring_clock_register");

/* The argument of io_uring_enter(2) with IORING_ENTER_EXT_ARG. min_wait_us
 * (6.12) is called min_wait_usec in newer headers, and pad in the header of
 * liburing 2.3. */
struct ur_wait_arg {
    uint64_t sigmask; /* address of a sigset_t, or 0 */
    uint32_t sigmask_len;
    uint32_t min_wait_us; /* 0: no minimum */
    uint64_t timeout;     /* address of a struct __kernel_timespec, or 0 */
};
_Static_assert(sizeof(struct ur_wait_arg) == 24, "io_uring_getevents_arg");

/* One entry of a registered wait region (6.13). With UR_ENTER_EXT_ARG_REG, the
 * argument of io_uring_enter(2) is the offset of the entry in bytes. */
struct ur_registered_wait {
    struct __kernel_timespec timeout;
    uint32_t min_wait_us;
    uint32_t flags; /* UR_REG_WAIT_TS: timeout is valid */
    uint64_t sigmask;
    uint32_t sigmask_len;
    uint32_t reserved[7];
};
_Static_assert(sizeof(struct ur_registered_wait) == 64, "io_uring_reg_wait");

#define UR_REG_WAIT_TS 1u

/* The argument of UR_REGISTER_MEM_REGION: memory that the kernel maps until the
 * ring is closed. The caller owns the memory, and must not unmap it before the
 * ring is closed. */
#define UR_REGISTER_MEM_REGION 34u     /* 6.13 */
#define UR_MEM_REGION_TYPE_USER 1u     /* the memory is at address */
#define UR_MEM_REGION_REG_WAIT_ARG 1u  /* holds struct ur_registered_wait */

struct ur_region {
    uint64_t address; /* address and len: multiples of the page size */
    uint64_t len;
    uint32_t flags; /* UR_MEM_REGION_TYPE_USER */
    uint32_t id;
    uint64_t mmap_offset;
    uint64_t reserved[4];
};
_Static_assert(sizeof(struct ur_region) == 64, "io_uring_region_desc");

struct ur_region_registration {
    uint64_t region; /* address of a struct ur_region */
    uint64_t flags;  /* with UR_MEM_REGION_REG_WAIT_ARG the ring must be
                        R_DISABLED */
    uint64_t reserved[2];
};
_Static_assert(sizeof(struct ur_region_registration) == 32,
               "io_uring_mem_region_reg");

/* The argument of UR_REGISTER_NAPI and UR_UNREGISTER_NAPI (6.9), which turn
 * busy polling of network devices on and off. The kernel overwrites the
 * argument with the old settings. */
#define UR_REGISTER_NAPI 27u
#define UR_UNREGISTER_NAPI 28u

/* Values of ur_napi.op (6.13; before that, the field must be 0). */
enum {
    UR_NAPI_SET = 0,    /* op_param: UR_NAPI_DYNAMIC or UR_NAPI_STATIC */
    UR_NAPI_ADD_ID = 1, /* op_param: a NAPI id; needs UR_NAPI_STATIC */
    UR_NAPI_REMOVE_ID = 2,
};
enum { UR_NAPI_DYNAMIC = 0, UR_NAPI_STATIC = 1, UR_NAPI_INACTIVE = 255 };

struct ur_napi {
    uint32_t busy_poll_us;
    uint8_t prefer_busy_poll;
    uint8_t op;
    uint8_t pad[2];
    uint32_t op_param;
    uint32_t reserved;
};
_Static_assert(sizeof(struct ur_napi) == 16, "io_uring_napi");

#endif

/* fence.h: memory that ends at an unreadable page.
 *
 * Test support. Needs: sys.h, view.h.
 *
 * A parser that reads one byte too many, and a writer that writes one, stop at
 * the instruction that does it, in every build. */
#ifndef TESTS_FENCE_H
#define TESTS_FENCE_H

#include <assert.h>
#include <string.h>

#include "sys.h"
#include "view.h"

#define FENCE_MAX 65536

/* A block of FENCE_MAX bytes, mapped at its first use. */
struct fence {
    char *end; /* the first byte that faults; NULL: not mapped yet */
};

/* len bytes that end at the fence. Their contents are what was there. */
static inline char *fence_buffer(struct fence *fence, size_t len)
{
    void *memory;
    int rc;

    assert(len <= FENCE_MAX);
    if (fence->end == NULL) {
        rc = sys_map(&memory, FENCE_MAX + sys_page_size());
        assert(rc == 0);
        fence->end = (char *)memory + FENCE_MAX;
        rc = sys_guard(fence->end, sys_page_size());
        assert(rc == 0);
    }
    return fence->end - len;
}

/* A copy of bytes that ends at the fence. */
static inline struct view fence_copy(struct fence *fence, const char *bytes,
                                     size_t len)
{
    char *copy = fence_buffer(fence, len);

    memcpy(copy, bytes, len);
    return (struct view){copy, len};
}

static inline struct view fence_text(struct fence *fence, const char *text)
{
    return fence_copy(fence, text, strlen(text));
}

#endif

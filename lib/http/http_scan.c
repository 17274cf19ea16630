/* http_scan.c: chooses the way to read a head; see http_scan.h.
 * Introduced in phase 9. Needs: http_scan.h, http_scan_sets.h, scan.h,
 * view.h. */
#include "http_scan.h"

#include "http_scan_sets.h"
#include "scan.h"
#include "view.h"

/* Leaves every byte to the state machine. */
static const char *read_nothing(struct http_request *request, const char *p,
                                const char *end)
{
    (void)request;
    (void)end;
    return p;
}

static bool is_always(void)
{
    return true;
}

bool http_scan_odd_line(const char *base, size_t at, size_t cr, size_t len,
                        struct http_field *field)
{
    struct view value;

    while (scan_is(base[at + len], SCAN_TOKEN)) /* not the CR */
        len++;
    if (len == 0 || base[at + len] != ':')
        return false;
    value = view_trim((struct view){base + at + len + 1, cr - (at + len + 1)});
    field->name = (struct http_span){(uint16_t)at, (uint16_t)len};
    field->value = (struct http_span){(uint16_t)(value.at - base),
                                      (uint16_t)value.len};
    return true;
}

#ifdef __x86_64__
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}
#endif

const struct http_scan http_scans[] = {
    {"states", is_always, NULL, read_nothing, read_nothing},
    {"plain", is_always, &http_scan_plain_ops, http_scan_plain_head,
     http_scan_plain_fields},
#ifdef __x86_64__
    {"sse2", is_always, &http_scan_sse2_ops, http_scan_sse2_head,
     http_scan_sse2_fields},
    {"avx2", has_avx2, &http_scan_avx2_ops, http_scan_avx2_head,
     http_scan_avx2_fields},
#endif
#ifdef __aarch64__
    {"neon", is_always, &http_scan_neon_ops, http_scan_neon_head,
     http_scan_neon_fields},
#endif
    {NULL, NULL, NULL, NULL, NULL},
};

_Atomic(const struct http_scan *) http_scan_chosen;

void http_scan_use(const struct http_scan *scan)
{
    atomic_store_explicit(&http_scan_chosen, scan, memory_order_relaxed);
}

const struct http_scan *http_scan_choose(void)
{
    const struct http_scan *best = http_scans;

    for (const struct http_scan *scan = http_scans; scan->name != NULL; scan++)
        if (scan->is_supported())
            best = scan;
    http_scan_use(best); /* all threads choose the same row */
    return best;
}

/* http_scan.h: reads a head by bitmaps, 64 bytes at a time.
 * Introduced in phase 9. Needs: http.h.
 *
 * The state machine of http.c looks at each byte, and each byte decides what
 * happens to the next. A CPU cannot do two such steps at once. The scan finds
 * all control characters in 64 bytes at once. The result is a bitmap, a 64-bit
 * number:
 *
 *     bytes    H o s t :   a . b \r\n A c c e p t :   * / * \r\n \r\n
 *     bitmap   . . . . . . . . . 1 1  . . . . . . . . . . . 1 1  1 1
 *                                ^
 *                  count trailing zeros: the first line ends here
 *
 * In a valid head, the only control characters are CR, LF and tabs, and few
 * lines have a tab. So the lowest bit is usually the CR that ends the current
 * line. "bits & (bits - 1)" clears that bit, and the next lowest is the LF.
 * Finding the end of a line takes a few instructions, whatever its length.
 * These instructions do not depend on the bytes of the line before, so the CPU
 * works on several lines at the same time.
 *
 * The scan accepts lines but does not refuse any. It stops at a line that is
 * incomplete, invalid or unusual, and the state machine reads that line. Both
 * call http_framing_take for the framing fields. So both give the same result.
 * After the state machine has read the line, the scan continues at the next
 * one. The scan reads each line once, so its time is proportional to the length
 * of the head, even if the head arrives byte by byte.
 *
 * http_scan_block.h makes the bitmap and finds the ends of lines,
 * http_scan_line.h reads the request line, and http_scan_fields.h the fields.
 * Each instruction set has a file that defines the tests of bytes (struct
 * scan_ops) and compiles these headers for that set. */
#ifndef ONE_RING_HTTP_SCAN_H
#define ONE_RING_HTTP_SCAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "http.h"

/* Each function tests the bytes at p. Bit i of the result describes p[i]. */
struct scan_ops {
    /* Reads 32 bytes. Bit i is set if p[i] is a control character (0x00 to
     * 0x1f, or 0x7f). */
    uint32_t (*controls)(const char *p);
    /* Reads target_len bytes. The lowest set bit is at the first byte that is
     * not SCAN_TARGET. The result is 0 if all are SCAN_TARGET. */
    uint32_t (*not_target)(const char *p);
    /* Reads 16 bytes. The lowest set bit is at the first byte that is not
     * SCAN_TOKEN, or at a byte before it. It is bit 16 only if all are
     * SCAN_TOKEN. */
    uint32_t (*not_name)(const char *p);
    size_t target_len; /* 16 or 32 */
};

/* One way to read a head. */
struct http_scan {
    const char *name;            /* as httpbench prints it */
    bool (*is_supported)(void);  /* by this CPU */
    const struct scan_ops *ops;  /* NULL: only the state machine */

    /* Reads the request line and as many complete field lines as it can, from
     * buf up to end. http_request_init has just prepared request, and
     * request->fields.base is buf.
     *
     * Returns not NULL  the position at which the state machine continues; the
     *                   head is complete if request->fields.state is
     *                   HTTP_FIELDS_DONE
     *         NULL      request->error is set: a framing field is invalid */
    const char *(*read_head)(struct http_request *request, const char *buf,
                             const char *end);

    /* Reads as many field lines as it can from p, the start of a line.
     * Returns the same values as read_head. */
    const char *(*read_fields)(struct http_request *request, const char *p,
                               const char *end);
};

/* All ways to read a head that this architecture has, from the slowest to the
 * fastest: the state machine alone, plain C, then vector instructions. A row
 * whose name is NULL ends the list. */
extern const struct http_scan http_scans[];

/* Private. http_scan_chosen is the row in use. It is NULL until
 * http_scan_use or, at the first request, http_scan_choose sets it. */
extern _Atomic(const struct http_scan *) http_scan_chosen;
const struct http_scan *http_scan_choose(void);

/* Returns the row that http_scan_use has set, otherwise the last supported row.
 * Any thread may call it. */
static inline const struct http_scan *http_scan_current(void)
{
    const struct http_scan *scan =
        atomic_load_explicit(&http_scan_chosen, memory_order_relaxed);

    return scan != NULL ? scan : http_scan_choose();
}

/* Private. Reads the unusual field line base[at..cr), which may have a long
 * name, an empty value, or blanks other than the usual space, and stores it in
 * *field. The first len bytes are SCAN_TOKEN.
 *
 * Returns true   field is complete
 *         false  the state machine must read the line */
bool http_scan_odd_line(const char *base, size_t at, size_t cr, size_t len,
                        struct http_field *field);

/* Makes all threads of this process use scan, a supported row of http_scans. If
 * scan is NULL, they use the fastest supported row. For tests and
 * benchmarks. */
void http_scan_use(const struct http_scan *scan);

#endif

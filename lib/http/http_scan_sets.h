/* http_scan_sets.h: one set of functions for each instruction set.
 * Introduced in phase 9. Needs: http.h, http_scan.h.
 *
 * Private to the files of http_scan.h, which has the contracts. */
#ifndef ONE_RING_HTTP_SCAN_SETS_H
#define ONE_RING_HTTP_SCAN_SETS_H

#include "http.h"
#include "http_scan.h"

/* Declares the functions of the file http_scan_SET.c. */
#define HTTP_SCAN_DECLARE(set)                                                 \
    extern const struct scan_ops http_scan_##set##_ops;                        \
    const char *http_scan_##set##_head(struct http_request *request,           \
                                       const char *buf, const char *end);      \
    const char *http_scan_##set##_fields(struct http_request *request,         \
                                         const char *p, const char *end)

HTTP_SCAN_DECLARE(plain);
HTTP_SCAN_DECLARE(sse2);
HTTP_SCAN_DECLARE(avx2);
HTTP_SCAN_DECLARE(neon);

/* Defines the two functions that HTTP_SCAN_DECLARE declares. attributes are
 * compiler attributes that permit the instructions of the set. The two
 * functions inline those of http_scan_line.h and http_scan_fields.h, and with
 * them the functions in http_scan_SET_ops. */
#define HTTP_SCAN_DEFINE(set, attributes)                                      \
    attributes const char *http_scan_##set##_fields(                           \
        struct http_request *request, const char *p, const char *end)          \
    {                                                                          \
        return scan_fields_from(&http_scan_##set##_ops, request, p, end);      \
    }                                                                          \
    attributes const char *http_scan_##set##_head(                             \
        struct http_request *request, const char *buf, const char *end)        \
    {                                                                          \
        return scan_head_read(&http_scan_##set##_ops, request, buf, end);      \
    }

#endif

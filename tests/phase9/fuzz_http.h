/* fuzz_http.h: the entry of the fuzz target; see fuzz_http.c.
 *
 * Test support of phase 9. Needs: nothing. */
#ifndef TESTS_PHASE9_FUZZ_HTTP_H
#define TESTS_PHASE9_FUZZ_HTTP_H

#include <stddef.h>
#include <stdint.h>

/* Parses data in one chunk and in others. Returns 0; aborts, with a message,
 * if the results differ. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif

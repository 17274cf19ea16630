/* load_text.c: the bytes that echo-client sends; see load_text.h. */
#include "load_text.h"

#include <stdio.h>
#include <string.h>

#define PERIOD 65521u /* of the table; prime: no size divides it */
#define STEP 101u     /* from the bytes of a connection to those of the next */
#define REQUESTS_LEN (128 * 1024u)

static char table[PERIOD + LOAD_SIZE_MAX];
static char requests[REQUESTS_LEN]; /* one request, again and again */
static size_t request_len, requests_len;
static const struct load_options *options; /* borrowed */

static void fill_requests(void)
{
    char host[NET_TEXT_MAX];

    net_format(&options->address, host);
    request_len = (size_t)snprintf(
        requests, sizeof requests, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n",
        options->path,
        options->address.storage.ss_family == AF_UNIX ? "localhost" : host);
    requests_len = request_len;
    while (requests_len + request_len <= sizeof requests) {
        memcpy(requests + requests_len, requests, request_len);
        requests_len += request_len;
    }
}

void load_text_init(const struct load_options *from)
{
    uint32_t x = 1;

    options = from;
    if (options->path != NULL) {
        fill_requests();
        return;
    }
    for (size_t i = 0; i < sizeof table; i++) {
        x = x * 1664525 + 1013904223;
        table[i] = i < PERIOD ? (char)(x >> 24) : table[i - PERIOD];
    }
}

unsigned load_text_len(uint64_t message)
{
    if (options->path != NULL)
        return (unsigned)request_len;
    return options->sizes[message % options->size_count];
}

const char *load_text_at(unsigned conn, uint64_t offset, size_t *len)
{
    if (options->path != NULL) {
        size_t at = offset % request_len;

        *len = requests_len - at;
        return requests + at;
    }
    *len = LOAD_SIZE_MAX;
    return table + ((uint64_t)conn * STEP + offset) % PERIOD;
}

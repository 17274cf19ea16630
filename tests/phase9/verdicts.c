/* verdicts: prints the parser's verdict on each case of the corpus, for the
 * comparison with other parsers (differences.bats):
 *
 *     H-07 | two chunks | 504f53...0d0a | 1 request, 12 bytes
 *
 * The columns are the row of the catalogue of failures, the case's name, its
 * stream in hexadecimal, and the verdict: the number of complete requests, the
 * bytes of their decoded bodies if there are any, and whether the stream then
 * was refused, or ended inside a message. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "body.h"
#include "cases.h"
#include "http.h"

static void print_verdict(char *buf, size_t len)
{
    static struct http_request request;
    static struct body body;
    size_t requests = 0, bytes = 0, got, consumed;
    int rc;

    do {
        http_request_init(&request, NULL);
        rc = http_parse_request(&request, buf, len);
        if (rc <= 0)
            break;
        buf += rc;
        len -= (size_t)rc;
        body_init(&body, &request);
        rc = body_decode(&body, buf, len, &got, &consumed);
        if (rc != 1)
            break;
        buf += consumed;
        len -= consumed;
        bytes += got;
        requests++;
    } while (request.keep_alive);
    if (rc == -EAGAIN && !http_has_begun(&request))
        rc = 0;
    printf("%zu request%s", requests, requests == 1 ? "" : "s");
    if (bytes > 0)
        printf(", %zu bytes", bytes);
    if (rc < 0)
        printf(", then %s", rc == -EBADMSG ? "refused" : "incomplete");
    printf("\n");
}

int main(void)
{
    for (size_t i = 0; i < cases_count(); i++) {
        const struct loaded_case *loaded = cases_load(i);
        static char copy[sizeof loaded->input];

        printf("%s | %s | ", loaded->origin->row, loaded->origin->name);
        for (size_t k = 0; k < loaded->len; k++)
            printf("%02x", (unsigned char)loaded->input[k]);
        printf(" | ");
        memcpy(copy, loaded->input, loaded->len);
        print_verdict(copy, loaded->len);
    }
    return 0;
}

/* fuzz_main.c: the fuzz target as a test: mutations of the corpus, the same
 * ones on every machine and in every run.
 *
 * FUZZ_ROUNDS sets how often each case is mutated (default 500, and 125 in
 * a build with sanitizers, which is slower): a second or two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "fuzz_http.h"
#include "suite.h"

#ifdef __SANITIZE_ADDRESS__
#define ROUNDS_DEFAULT 125
#else
#define ROUNDS_DEFAULT 500
#endif

enum { MUTANT_MAX = 2 * sizeof(((struct loaded_case *)0)->input) };

static uint64_t state = 1;

/* A number below n; splitmix64. */
static size_t below(size_t n)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((z ^ (z >> 31)) % n);
}

struct mutant {
    uint8_t data[MUTANT_MAX];
    size_t len;
};

/* Puts bytes in place of n bytes at position at. */
static void replace(struct mutant *m, size_t at, size_t n, const void *bytes,
                    size_t len)
{
    if (m->len - n + len > MUTANT_MAX)
        return;
    memmove(m->data + at + len, m->data + at + n, m->len - at - n);
    memcpy(m->data + at, bytes, len);
    m->len = m->len - n + len;
}

/* What parsers stumble over. */
static void insert_word(struct mutant *m)
{
    static const char *const words[] = {
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        " ",
        "\t",
        ":",
        ";",
        ",",
        "\"",
        "\\",
        "%",
        "%4",
        "?",
        "[",
        "]",
        "=",
        "0",
        "ffffffffffffffff",
        "18446744073709551616",
        "Content-Length: 3\r\n",
        "Host: b\r\n",
        "Transfer-Encoding: chunked\r\n",
        "3\r\nabc\r\n",
        "0\r\n\r\n",
        "GET / HTTP/1.1\r\n",
        "http://",
        "\x7f",
        "\xff",
    };
    const char *word = words[below(sizeof words / sizeof words[0])];

    replace(m, below(m->len + 1), 0, word, strlen(word));
}

static void mutate(struct mutant *m)
{
    uint8_t chunk[64];
    size_t at = below(m->len + 1);
    size_t n = below(m->len - at + 1);
    uint8_t byte = (uint8_t)below(256);

    n = n < sizeof chunk ? n : sizeof chunk;
    memcpy(chunk, m->data + at, n);
    switch (below(5)) {
    case 0: /* one byte more */
        replace(m, at, 0, &byte, 1);
        break;
    case 1: /* one byte changed */
        if (at < m->len)
            m->data[at] ^= (uint8_t)(1 << below(8));
        break;
    case 2: /* a part less */
        replace(m, at, n, "", 0);
        break;
    case 3: /* a part twice, or elsewhere */
        replace(m, below(m->len + 1), 0, chunk, n);
        break;
    default:
        insert_word(m);
    }
}

TEST(each_mutation_has_one_answer_however_it_is_cut)
{
    static struct mutant m;
    const char *set = getenv("FUZZ_ROUNDS");
    size_t rounds = set != NULL ? strtoul(set, NULL, 10) : ROUNDS_DEFAULT;
    size_t total = cases_count(), parsed = 0;

    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < total; i++) {
            const struct loaded_case *loaded = cases_load(i);

            memcpy(m.data, loaded->input, m.len = loaded->len);
            for (size_t k = 1 + below(4); k > 0; k--)
                mutate(&m);
            parsed += LLVMFuzzerTestOneInput(m.data, m.len) == 0;
        }
    }
    check(parsed == rounds * total && parsed > 0);
}

int main(void)
{
    suite_begin("fuzz_http");
    suite_add(each_mutation_has_one_answer_however_it_is_cut);
    return suite_end();
}

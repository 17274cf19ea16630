/* fuzz_main.c: the fuzz target as a test: mutations of the corpus, the same
 * ones on every machine and in every run.
 *
 * FUZZ_ROUNDS sets how often each case is mutated (default 250, and 50 in
 * a build with sanitizers, which is slower): about a second. FUZZ_SEED sets the
 * first of other mutations. A long run needs a longer limit, too:
 *
 *     FUZZ_ROUNDS=3000000 FUZZ_SEED=2 TEST_TIMEOUT_S=9999 \
 *         build/tests/phase9/fuzz */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "fuzz_http.h"
#include "suite.h"

#ifdef __SANITIZE_ADDRESS__
#define ROUNDS_DEFAULT 50
#else
#define ROUNDS_DEFAULT 250
#endif

enum { MUTANT_MAX = 4 * CASE_SHORT_MAX };

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

/* Inserts a word that is dangerous for a parser. */
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

TEST(each_case_keeps_the_promises_of_the_parser)
{
    for (size_t i = 0; i < cases_count(); i++) {
        const struct loaded_case *loaded = cases_load(i);

        check_res(LLVMFuzzerTestOneInput((const uint8_t *)loaded->input,
                                         loaded->len), 0);
    }
}

/* The short cases. Long ones would make most mutations slow. */
static struct seed {
    uint8_t data[CASE_SHORT_MAX];
    size_t len;
} seeds[1024];
static size_t seed_count;

static void load_seeds(void)
{
    seed_count = 0;
    for (size_t i = 0; i < cases_count(); i++) {
        const struct loaded_case *loaded = cases_load(i);
        struct seed *seed = &seeds[seed_count];

        if (loaded->len > sizeof seed->data)
            continue;
        memcpy(seed->data, loaded->input, loaded->len);
        seed->len = loaded->len;
        seed_count++;
    }
}

/* Prepares m: a case, or the start of one and the end of another. */
static void choose(struct mutant *m, const struct seed *seed)
{
    memcpy(m->data, seed->data, seed->len);
    m->len = seed->len;
    if (below(4) == 0) {
        const struct seed *other = &seeds[below(seed_count)];
        size_t from = below(other->len + 1), at = below(m->len + 1);

        replace(m, at, m->len - at, other->data + from, other->len - from);
    }
}

TEST(each_mutation_keeps_the_promises_of_the_parser)
{
    static struct mutant m;
    const char *set = getenv("FUZZ_ROUNDS"), *seed = getenv("FUZZ_SEED");
    size_t rounds = set != NULL ? strtoul(set, NULL, 10) : ROUNDS_DEFAULT;
    size_t tried = 0, passed = 0;

    state = seed != NULL ? strtoull(seed, NULL, 10) : 1;
    load_seeds();
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < seed_count; i++) {
            choose(&m, &seeds[i]);
            for (size_t k = 1 + below(4); k > 0; k--)
                mutate(&m);
            tried++;
            passed += LLVMFuzzerTestOneInput(m.data, m.len) == 0;
        }
    }
    check(passed == tried && tried > 100 * rounds);
    if (set != NULL)
        printf("%zu executions\n", tried);
}

int main(void)
{
    suite_begin("fuzz_http");
    suite_add(each_case_keeps_the_promises_of_the_parser);
    suite_add(each_mutation_keeps_the_promises_of_the_parser);
    return suite_end();
}

/* fuzz_http.c: any bytes at all; one answer, however they are cut.
 *
 * The entry is libFuzzer's. With clang, to run until it finds something:
 *
 *     ninja fuzz-phase9 && mkdir -p FOLDER && build/fuzz/seeds FOLDER
 *     build/fuzz/http -max_len=4000 FOLDER
 *
 * fuzz_main.c calls the same entry for a bounded number of seeded mutations of
 * the corpus, as part of the suite. */
#include "fuzz_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

/* Small enough for a short input to meet each of them; chosen by the first
 * byte, which stays in the input. */
static const struct http_limits narrow = {
    .line_max = 50,
    .field_line_max = 60,
    .head_max = 160,
    .fields_max = 4,
    .trailers_max = 40,
    .extensions_max = 20,
    .body_max = 50,
};
static const struct http_limits wide = HTTP_LIMITS_DEFAULT;

static void compare(const char *whole, const char *cut,
                    const struct schedule *schedule)
{
    if (strcmp(whole, cut) == 0)
        return;
    fprintf(stderr, "first %zu, step %zu, seed %llu:\n%s\nbut whole:\n%s\n",
            schedule->first, schedule->step, (unsigned long long)schedule->seed,
            cut, whole);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const char *input = (const char *)data;
    const struct http_limits *limits =
        len > 0 && data[0] % 2 == 1 ? &narrow : &wide;
    const struct schedule cuts[] = {
        {.step = 1},
        {.first = len / 2},
        {.seed = len + 1},
        {.seed = len * 7 + 3},
    };
    const char *whole;

    if (len >= REPLAY_TEXT_MAX / 64) /* the text is up to 40 times as long */
        return 0;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        whole = replay(input, len, limits, (struct schedule){0});
        compare(whole, replay(input, len, limits, cuts[i]), &cuts[i]);
    }
    return 0;
}

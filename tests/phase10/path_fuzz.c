/* path_fuzz.c: properties of every target, checked for all short targets and
 * for many random ones.
 *
 * Test of lib/path. Needs: suite.h, fence.h, random.h, path.h.
 *
 * The rules of path.h are written here once more, as a list of segments
 * instead of a string that grows: the two must agree on every input. */
#include <errno.h>
#include <stdio.h>

#include "fence.h"
#include "path.h"
#include "random.h"
#include "suite.h"

#define TARGET_MAX 48
#define SEGMENTS_MAX (TARGET_MAX / 2 + 1)

static struct fence input, output, location;

struct model {
    char segments[SEGMENTS_MAX][TARGET_MAX + 1];
    int count;
    bool directory; /* a '/' follows the last segment */
};

static void print_target(char *text, size_t size, struct view target)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < target.len && used + 5 < size; i++)
        used += (size_t)snprintf(
            text + used, size - used,
            target.at[i] > ' ' && target.at[i] < 127 ? "%c" : "\\x%02x",
            (unsigned char)target.at[i]);
}

/* Decodes one segment into text. Returns 0 or -EINVAL. */
static int model_decode(char *text, struct view raw)
{
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        unsigned value = (unsigned char)raw.at[i];
        char digits[3] = "";

        if (value <= 32 || value >= 127)
            return -EINVAL;
        if (value == '%') {
            if (raw.len - i < 3)
                return -EINVAL;
            memcpy(digits, raw.at + i + 1, 2);
            if (strspn(digits, "0123456789abcdefABCDEF") != 2)
                return -EINVAL;
            value = (unsigned)strtoul(digits, NULL, 16);
            i += 2;
        }
        if (value == 0 || value == '/' || value == '\\')
            return -EINVAL;
        text[len++] = (char)value;
    }
    text[len] = '\0';
    return 0;
}

/* Adds a segment that is not empty. */
static int model_add(struct model *m, struct view raw, bool allow_hidden)
{
    char *text = m->segments[m->count];
    int result = model_decode(text, raw);

    if (result < 0 || strcmp(text, ".") == 0)
        return result;
    if (strcmp(text, "..") == 0)
        return --m->count < 0 ? -EINVAL : 0;
    if (!allow_hidden && (text[0] == '.' || text[strlen(text) - 1] == '~') &&
        (m->count > 0 || strcmp(text, ".well-known") != 0))
        return -ENOENT;
    m->count++;
    return 0;
}

static int model_run(struct model *m, struct view target, bool allow_hidden)
{
    size_t at = 0, end;
    int result = 0;

    m->count = 0;
    m->directory = true;
    if (target.len == 0 || target.at[0] != '/')
        return -EINVAL;
    while (at < target.len && target.at[at] == '/' && result == 0) {
        int before = m->count;

        for (end = at + 1; end < target.len; end++)
            if (memchr("/?#", target.at[end], 3) != NULL)
                break;
        if (end > at + 1)
            result = model_add(
                m, (struct view){target.at + at + 1, end - at - 1},
                allow_hidden);
        at = end;
        /* Only a name that stays, and that nothing follows, is a file. */
        m->directory = m->count <= before;
    }
    return result;
}

static void model_name(const struct model *m, char *name)
{
    name[0] = '\0';
    for (int i = 0; i < m->count; i++) {
        strcat(name, m->segments[i]);
        if (i + 1 < m->count || m->directory)
            strcat(name, "/");
    }
}

/* Checks the rules that path.h guarantees for every name. */
static bool is_confined(const struct path *path)
{
    return path->text[0] != '/' && strstr(path->text, "//") == NULL &&
           strlen(path->text) == path->len &&
           strncmp(path->text, "../", 3) != 0 &&
           strcmp(path->text, "..") != 0 && strcmp(path->text, ".") != 0 &&
           strncmp(path->text, "./", 2) != 0 &&
           strstr(path->text, "/../") == NULL &&
           strstr(path->text, "/./") == NULL &&
           (path->len < 3 ||
            strcmp(path->text + path->len - 3, "/..") != 0) &&
           (path->len < 2 || strcmp(path->text + path->len - 2, "/.") != 0);
}

/* A name's location is relative, consists of visible characters, and has no
 * scheme and no host. Resolved against the target (RFC 3986 5.2.3), it leads to
 * the same name as a directory. */
static bool location_is_good(const struct path *path, struct view target)
{
    size_t size = 3 * path->len + 4, base_len = 0;
    char *out = fence_buffer(&location, size), again[TARGET_MAX + 2];
    char resolved[4 * TARGET_MAX + 8];
    struct path back = {.text = again, .size = sizeof again};
    int len = path_location(out, size, path, (struct view){NULL, 0});

    if (len < 2 || out[0] == '/' || out[len] != '\0')
        return false;
    if (memchr(out, ':', (size_t)len) != NULL && memcmp(out, "./", 2) != 0)
        return false;
    for (int i = 0; i < len; i++)
        if (out[i] <= ' ' || out[i] >= 127 || out[i] == '\\')
            return false;
    for (size_t i = 0; i < target.len && strchr("?#", target.at[i]) == NULL;
         i++)
        if (target.at[i] == '/')
            base_len = i + 1;
    memcpy(resolved, target.at, base_len);
    memcpy(resolved + base_len, out, (size_t)len);
    return path_decode(&back,
                       (struct view){resolved, base_len + (size_t)len},
                       true) == 0 &&
           path_is_directory(&back) && back.len == path->len + 1 &&
           memcmp(back.text, path->text, path->len) == 0;
}

/* Returns path_decode's result. (Check notes the place of each assertion for
 * the case of a crash, which costs a system call: so there is one, at the end
 * of a target that has failed.) */
static int check_target(struct view target, bool allow_hidden)
{
    static struct model model;
    char shown[4 * TARGET_MAX + 8], name[2 * TARGET_MAX];
    struct path path = {fence_buffer(&output, TARGET_MAX + 1), TARGET_MAX + 1,
                        0};
    int result = path_decode(&path, target, allow_hidden);
    int expected = model_run(&model, target, allow_hidden);

    model_name(&model, name);
    if (result == expected && is_confined(&path) &&
        (result < 0 || strcmp(path.text, name) == 0) &&
        (path_is_directory(&path) || location_is_good(&path, target)))
        return result;
    print_target(shown, sizeof shown, target);
    ck_abort_msg("%s is %s \"%s\", and of the model %s \"%s\"", shown,
                 err_name(result), path.text, err_name(expected), name);
}

/* Every target of up to 7 characters, of those that mean something: a slash, a
 * dot, what spells an encoded dot or slash, and a letter. */
TEST(every_short_target_stays_below_the_root)
{
    static const char letters[] = "/.%2ef~";
    size_t count = sizeof letters - 1;
    char target[7];

    for (size_t len = 0; len <= sizeof target; len++) {
        size_t all = 1;

        for (size_t i = 0; i < len; i++)
            all *= count;
        /* Those that do not begin with '/' end at once: every seventh does. */
        for (size_t n = 0; n < all; n += len > 4 ? count : 1) {
            size_t rest = n;

            for (size_t i = 0; i < len; i++, rest /= count)
                target[i] = letters[rest % count];
            check_target(fence_copy(&input, target, len), false);
            check_target(fence_copy(&input, target, len), true);
        }
    }
}

/* Segments that make a random target worth trying. */
static const char *const segments[] = {
    "/",   "/",   "/",   "//",  "/.",  "/..", "..",  ".",           "a",
    "bc",  "%2e", "%2E", "%2f", "%5c", "%00", "%25", "%",           "%2",
    "\\",  "?",   "#",   "~",   "%7e", "%0d", "%ff", "/.well-known", "%zz",
};

static size_t make_target(struct random *random, char *target)
{
    size_t len = random_below(random, 16) > 0, max, segment_len;

    target[0] = '/';
    max = random_below(random, TARGET_MAX + 1);
    while (len < max) {
        const char *segment =
            segments[random_below(random, sizeof segments / sizeof *segments)];

        segment_len = strlen(segment);
        if (random_below(random, 32) == 0 || len + segment_len > max) {
            target[len++] = (char)random_below(random, 256);
            continue;
        }
        memcpy(target + len, segment, segment_len);
        len += segment_len;
    }
    return len;
}

TEST(every_random_target_stays_below_the_root)
{
    struct random random = random_begin();
    uint64_t rounds = random_option("FUZZ_ROUNDS", 300000), good = 0;
    char target[TARGET_MAX];

    for (uint64_t i = 0; i < rounds; i++) {
        size_t len = make_target(&random, target);

        if (check_target(fence_copy(&input, target, len), i % 2 == 0) == 0)
            good++;
    }
    /* Chance that is always refused would try nothing. */
    ck_assert_uint_gt(good, rounds / 10);
}

TEST(a_random_target_never_exceeds_a_random_buffer)
{
    struct random random = random_begin();
    uint64_t rounds = random_option("FUZZ_ROUNDS", 300000);
    char target[TARGET_MAX];

    for (uint64_t i = 0; i < rounds; i++) {
        size_t size = 1 + random_below(&random, TARGET_MAX);
        struct path path = {fence_buffer(&output, size), size, 0};
        size_t len = make_target(&random, target);
        int result =
            path_decode(&path, fence_copy(&input, target, len), i % 2 == 0);

        bool good = path.len < size && path.text[path.len] == '\0' &&
                    is_confined(&path) && (result == 0 || path.len == 0) &&
                    (result != -ENAMETOOLONG || len > size);

        if (!good)
            ck_abort_msg("round %ju: %s, \"%s\"", (uintmax_t)i,
                         err_name(result), path.text);
    }
}

int main(void)
{
    suite_begin("path_fuzz");
    suite_add(every_short_target_stays_below_the_root);
    suite_add(every_random_target_stays_below_the_root);
    suite_add(a_random_target_never_exceeds_a_random_buffer);
    return suite_end();
}

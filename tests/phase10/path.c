/* path.c: from a request target to a name below the root.
 *
 * Test of lib/path. Needs: suite.h, fence.h, path.h. */
#include "path.h"

#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>

#include "fence.h"
#include "suite.h"

static struct fence input, output;

struct path_case {
    const char *name;
    const char *target;
    int result;
    const char *path; /* NULL with a failure */
};

static const struct path_case plain_cases[] = {
    {"the root", "/", 0, ""},
    {"a file", "/a.html", 0, "a.html"},
    {"a file in a directory", "/docs/a.html", 0, "docs/a.html"},
    {"a directory keeps its slash", "/docs/", 0, "docs/"},
    {"one character", "/a", 0, "a"},
    {"a query is cut", "/a?b=/../c", 0, "a"},
    {"the query of the root", "/?x", 0, ""},
    {"a fragment is cut", "/a#b?c", 0, "a"},
    {"a query that ends a directory", "/a/?x", 0, "a/"},
    {"an encoded letter", "/%61", 0, "a"},
    {"both cases of hex", "/%6a%6A", 0, "jj"},
    {"an encoded question mark is no query", "/a%3fb", 0, "a?b"},
    {"an encoded hash is no fragment", "/a%23b", 0, "a#b"},
    {"an encoded space", "/a%20b", 0, "a b"},
    {"an encoded line end is a byte", "/a%0d%0ab", 0, "a\r\nb"},
    {"UTF-8", "/%c3%a4", 0, "\xc3\xa4"},
    {"bytes that are not UTF-8", "/%ff%c0%ae", 0, "\xff\xc0\xae"},
    {"decoded once", "/%2561", 0, "%61"},
    {"a plus is a plus", "/a+b", 0, "a+b"},
    {"what browsers leave raw", "/a[b]|^{}\"<>`", 0, "a[b]|^{}\"<>`"},
    {"a path with a colon", "/c:/x", 0, "c:/x"},
};

static const struct path_case segment_cases[] = {
    {"two slashes are one", "//a//b", 0, "a/b"},
    {"only slashes", "////", 0, ""},
    {"slashes at the end are one", "/a///", 0, "a/"},
    {"a host is only a name here", "//host/a", 0, "host/a"},
    {"a dot vanishes", "/a/./b", 0, "a/b"},
    {"a dot at the end is a directory", "/a/.", 0, "a/"},
    {"a dot alone", "/.", 0, ""},
    {"an encoded dot", "/a/%2e/b", 0, "a/b"},
    {"two dots take a segment along", "/a/../b", 0, "b"},
    {"two dots at the end", "/a/b/..", 0, "a/"},
    {"two dots to the root", "/a/..", 0, ""},
    {"two dots with a slash", "/a/b/../", 0, "a/"},
    {"encoded dots", "/a/%2e%2E/b", 0, "b"},
    {"half encoded dots", "/a/.%2e/b", 0, "b"},
    {"two dots over an empty segment", "/a//../b", 0, "b"},
    {"two by two", "/a/b/../../c", 0, "c"},
    {"dots inside of a name", "/a..b", 0, "a..b"},
    {"dots at the end of a name", "/a..", 0, "a.."},
    {"doubly encoded dots are a name", "/%252e%252e/a", 0, "%2e%2e/a"},
};

static const struct path_case malformed_cases[] = {
    {"nothing", "", -EINVAL, NULL},
    {"no slash", "a", -EINVAL, NULL},
    {"no slash and dots", "../a", -EINVAL, NULL},
    {"an asterisk", "*", -EINVAL, NULL},
    {"a query alone", "?/a", -EINVAL, NULL},
    {"an authority", "host:80", -EINVAL, NULL},
    {"out of the root", "/..", -EINVAL, NULL},
    {"out of the root and on", "/../etc/passwd", -EINVAL, NULL},
    {"out of the root by and by", "/a/../../b", -EINVAL, NULL},
    {"out of the root, encoded", "/%2e%2e/b", -EINVAL, NULL},
    {"out and back in", "/a/../../a", -EINVAL, NULL},
    {"out over an empty segment", "//../b", -EINVAL, NULL},
    {"an encoded NUL", "/a%00b", -EINVAL, NULL},
    {"an encoded NUL before a type", "/a.c%00.html", -EINVAL, NULL},
    {"an encoded slash", "/a%2fb", -EINVAL, NULL},
    {"an encoded slash in capitals", "/a%2Fb", -EINVAL, NULL},
    {"dots with an encoded slash", "/..%2fb", -EINVAL, NULL},
    {"a backslash", "/a\\b", -EINVAL, NULL},
    {"an encoded backslash", "/a%5cb", -EINVAL, NULL},
    {"dots and backslashes", "/..\\..\\b", -EINVAL, NULL},
    {"a percent at the end", "/a%", -EINVAL, NULL},
    {"one digit", "/a%2", -EINVAL, NULL},
    {"one digit before a slash", "/a%2/b", -EINVAL, NULL},
    {"one digit before a query", "/a%2?b", -EINVAL, NULL},
    {"no digits", "/a%zz", -EINVAL, NULL},
    {"one digit of two", "/a%2g", -EINVAL, NULL},
    {"a percent twice", "/a%%41", -EINVAL, NULL},
    {"the percent of IIS", "/%u002e", -EINVAL, NULL},
    {"a sign", "/%+1", -EINVAL, NULL},
    {"a raw space", "/a b", -EINVAL, NULL},
    {"a raw tab", "/a\tb", -EINVAL, NULL},
    {"a raw line end", "/a\r\nb", -EINVAL, NULL},
    {"a raw DEL", "/a\x7f", -EINVAL, NULL},
    {"a raw byte over 127", "/\xc3\xa4", -EINVAL, NULL},
};

static const struct path_case hidden_cases[] = {
    {"a dotfile", "/.git", -ENOENT, NULL},
    {"beneath a dotfile", "/.git/config", -ENOENT, NULL},
    {"an encoded dotfile", "/%2egit/config", -ENOENT, NULL},
    {"a dotfile in a directory", "/a/.htpasswd", -ENOENT, NULL},
    {"three dots", "/...", -ENOENT, NULL},
    {"two dots and more", "/..a", -ENOENT, NULL},
    {"a dotfile that dots would take along", "/.git/../a", -ENOENT, NULL},
    {"a backup", "/index.php~", -ENOENT, NULL},
    {"an encoded backup", "/index.php%7e", -ENOENT, NULL},
    {"a backup of a directory", "/a~/b", -ENOENT, NULL},
    {"a home directory is not a backup", "/~user/a", 0, "~user/a"},
    {"well-known", "/.well-known/acme/x", 0, ".well-known/acme/x"},
    {"well-known, encoded", "/%2Ewell-known/x", 0, ".well-known/x"},
    {"well-known, but not first", "/a/.well-known/x", -ENOENT, NULL},
    {"well-known, but longer", "/.well-known2/x", -ENOENT, NULL},
    {"well-known, but shorter", "/.well-know", -ENOENT, NULL},
    {"hidden in well-known", "/.well-known/.x", -ENOENT, NULL},
};

static const struct path_case shown_cases[] = {
    {"a dotfile", "/.git/config", 0, ".git/config"},
    {"three dots", "/.../a", 0, ".../a"},
    {"a backup", "/a~", 0, "a~"},
    {"two dots are still two dots", "/..", -EINVAL, NULL},
    {"a dot is still a dot", "/./a", 0, "a"},
};

static void check_case(const struct path_case *c, bool allow_hidden)
{
    struct path path = {fence_buffer(&output, 64), 64, 99};
    int result = path_decode(&path, fence_text(&input, c->target),
                             allow_hidden);

    ck_assert_msg(result == c->result, "%s: %s, not %s", c->name,
                  err_name(result), err_name(c->result));
    ck_assert_str_eq(path.text, c->path != NULL ? c->path : "");
    ck_assert_uint_eq(path.len, strlen(path.text));
}

#define check_cases(cases, allow_hidden)                                      \
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)                 \
        check_case(&cases[i], allow_hidden)

TEST(a_target_becomes_a_name)
{
    check_cases(plain_cases, false);
    check_cases(plain_cases, true);
}

TEST(segments_are_merged_and_dots_resolved)
{
    check_cases(segment_cases, false);
    check_cases(segment_cases, true);
}

TEST(a_malformed_target_is_refused)
{
    check_cases(malformed_cases, false);
    check_cases(malformed_cases, true);
}

TEST(hidden_files_are_not_found)
{
    check_cases(hidden_cases, false);
}

TEST(hidden_files_can_be_allowed)
{
    check_cases(shown_cases, true);
}

TEST(a_nul_inside_a_target_is_refused)
{
    struct path path = {.text = fence_buffer(&output, 64), .size = 64};

    check_res(path_decode(&path, fence_copy(&input, "/a\0b", 4), true),
              -EINVAL);
    check_res(path_decode(&path, (struct view){NULL, 0}, true), -EINVAL);
}

/* For every value of the byte, raw and encoded, what path.h says of it. */
TEST(every_byte_is_either_refused_or_kept)
{
    char raw[4] = "/a?", encoded[8];
    struct path path = {.text = fence_buffer(&output, 16), .size = 16};
    int result;

    for (int byte = 0; byte < 256; byte++) {
        bool cut = byte == '?' || byte == '#';

        raw[2] = (char)byte;
        result = path_decode(&path, fence_copy(&input, raw, 3), true);
        if (byte <= ' ' || byte > '~' || byte == '\\' || byte == '%')
            check_res(result, -EINVAL);
        else
            check_res(result, 0);
        if (result == 0)
            ck_assert_int_eq(path.text[path.len - 1], cut ? 'a' : raw[2]);

        snprintf(encoded, sizeof encoded, "/a%%%02x", (unsigned)byte);
        result = path_decode(&path, fence_copy(&input, encoded, 5), true);
        if (byte == 0 || byte == '/' || byte == '\\')
            check_res(result, -EINVAL);
        else
            ck_assert_int_eq(path.text[1], (char)byte);
    }
}

TEST(a_buffer_of_every_size_is_enough_or_too_small)
{
    const char *target = "/docs/%61/../b/", *name = "docs/b/";
    /* The longest that the name is on the way, before ".." is looked at. */
    size_t enough = strlen("docs/a/..") + 1;

    for (size_t size = 1; size < 32; size++) {
        struct path path = {fence_buffer(&output, size), size, 0};
        int result = path_decode(&path, view_of(target), false);

        check_res(result, size < enough ? -ENAMETOOLONG : 0);
        ck_assert_str_eq(path.text, size < enough ? "" : name);
    }
}

TEST(the_longest_name_fits_and_one_byte_more_does_not)
{
    static char target[PATH_MAX + 1];
    struct path path = {fence_buffer(&output, PATH_MAX), PATH_MAX, 0};

    memset(target, 'a', sizeof target);
    target[0] = '/';
    check_res(path_decode(&path, (struct view){target, PATH_MAX}, false), 0);
    ck_assert_uint_eq(path.len, PATH_MAX - 1);
    check_res(path_decode(&path, (struct view){target, PATH_MAX + 1}, false),
              -ENAMETOOLONG);
    ck_assert_uint_eq(path.len, 0);
}

TEST(a_directory_gets_its_index)
{
    struct path path = {fence_buffer(&output, 16), 16, 0};

    check_res(path_decode(&path, view_of("/"), false), 0);
    check(path_is_directory(&path));
    check_res(path_append(&path, view_of("index.html")), 0);
    ck_assert_str_eq(path.text, "index.html");
    check(!path_is_directory(&path));

    check_res(path_decode(&path, view_of("/docs/"), false), 0);
    check(path_is_directory(&path));
    check_res(path_append(&path, view_of("index.html")), 0);
    ck_assert_str_eq(path.text, "docs/index.html"); /* and is full */

    check_res(path_decode(&path, view_of("/docs2/"), false), 0);
    check_res(path_append(&path, view_of("index.html")), -ENAMETOOLONG);
    ck_assert_str_eq(path.text, "docs2/");
}

TEST(a_file_gets_a_suffix_if_it_fits)
{
    struct path path = {fence_buffer(&output, 9), 9, 0};

    check_res(path_decode(&path, view_of("/a.js"), false), 0);
    check_res(path_append_suffix(&path, view_of(".zstd")), -ENAMETOOLONG);
    ck_assert_str_eq(path.text, "a.js");
    check_res(path_append_suffix(&path, view_of(".zst")), 0);
    ck_assert_str_eq(path.text, "a.js.zst");
}

struct location_case {
    const char *target;
    const char *query; /* NULL: none */
    const char *location;
};

static const struct location_case location_cases[] = {
    {"/docs", NULL, "docs/"},
    {"/a/b", "", "b/?"},
    {"/a/b/c", NULL, "c/"},
    {"/docs", "x=1&y=%20/?", "docs/?x=1&y=%20/?"},
    {"//evil.example", NULL, "evil.example/"},
    {"/%0d%0aSet-Cookie", NULL, "%0D%0ASet-Cookie/"},
    {"/a", "\r\nX: y", "a/?%0D%0AX:%20y"},
    {"/%3fa%23b%25c", NULL, "%3Fa%23b%25c/"},
    {"/%22%3C%3E%ff%7f", NULL, "%22%3C%3E%FF%7F/"},
    {"/-._!$&'()*+,;=@z~z", NULL, "-._!$&'()*+,;=@z~z/"},
    {"/a", "\"<>\\^`{|}#\xff", "a/?%22%3C%3E%5C%5E%60%7B%7C%7D%23%FF"},
    /* A colon in the first segment would end a scheme. */
    {"/a:b", NULL, "./a:b/"},
    {"/https:", NULL, "./https:/"},
    {"/x/javascript:alert(1)", "y:z", "./javascript:alert(1)/?y:z"},
    {"/a", "y:z", "a/?y:z"},
    /* A "%" without two digits is not part of a URI. */
    {"/a", "100%", "a/?100%25"},
    {"/a", "%&%4&%4g&%u2019&%25", "a/?%25&%254&%254g&%25u2019&%25"},
};

TEST(a_location_is_encoded_whatever_the_peer_sent)
{
    for (size_t i = 0; i < sizeof location_cases / sizeof *location_cases;
         i++) {
        const struct location_case *c = &location_cases[i];
        struct view query = c->query != NULL ? fence_text(&input, c->query)
                                             : (struct view){NULL, 0};
        char name[64], *out = fence_buffer(&output, 64);
        struct path path = {name, sizeof name, 0};

        check_res(path_decode(&path, view_of(c->target), true), 0);
        check_res(path_location(out, 64, &path, query), strlen(c->location));
        ck_assert_str_eq(out, c->location);
    }
}

TEST(a_nul_in_a_query_is_encoded)
{
    char name[] = "a", out[16];
    struct path path = {name, sizeof name, strlen(name)};

    check_res(path_location(out, sizeof out, &path,
                            fence_copy(&input, "b\0c", 3)),
              strlen("a/?b%00c"));
    ck_assert_str_eq(out, "a/?b%00c");
}

TEST(a_location_never_exceeds_its_buffer)
{
    char name[] = "x/: \xff";
    struct path path = {name, sizeof name, strlen(name)};
    const char *location = "./:%20%FF/?q%20%25";

    for (size_t size = 1; size < 32; size++) {
        char *out = fence_buffer(&output, size);
        int result = path_location(out, size, &path, view_of("q %"));

        if (size <= strlen(location)) {
            check_res(result, -ENAMETOOLONG);
            continue;
        }
        check_res(result, strlen(location));
        ck_assert_str_eq(out, location);
    }
}

int main(void)
{
    suite_begin("path");
    suite_add(a_target_becomes_a_name);
    suite_add(segments_are_merged_and_dots_resolved);
    suite_add(a_malformed_target_is_refused);
    suite_add(hidden_files_are_not_found);
    suite_add(hidden_files_can_be_allowed);
    suite_add(a_nul_inside_a_target_is_refused);
    suite_add(every_byte_is_either_refused_or_kept);
    suite_add(a_buffer_of_every_size_is_enough_or_too_small);
    suite_add(the_longest_name_fits_and_one_byte_more_does_not);
    suite_add(a_directory_gets_its_index);
    suite_add(a_file_gets_a_suffix_if_it_fits);
    suite_add(a_location_is_encoded_whatever_the_peer_sent);
    suite_add(a_nul_in_a_query_is_encoded);
    suite_add(a_location_never_exceeds_its_buffer);
    return suite_end();
}

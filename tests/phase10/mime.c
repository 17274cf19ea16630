/* mime.c: the content type that belongs to a file's name.
 *
 * Test of lib/mime. Needs: suite.h, fence.h, mime.h. */
#include "mime.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fence.h"
#include "suite.h"

#define SYSTEM_FILE "/etc/mime.types"
#define UNKNOWN "application/octet-stream"

static struct mime types;
static struct fence input;

static void check_type(const char *path, const char *expected)
{
    struct view type = mime_type(&types, fence_text(&input, path));

    ck_assert_msg(view_equal(type, view_of(expected)), "%s is %.*s, not %s",
                  path, (int)type.len, type.at, expected);
}

/* mime_init with a file of these contents. */
static int init_with(const char *contents, size_t len)
{
    const char *tmp = getenv("TMPDIR");
    char name[256];
    int fd, result;

    snprintf(name, sizeof name, "%s/mime.XXXXXX", tmp ? tmp : "/tmp");
    fd = mkstemp(name);
    check(fd >= 0);
    check(write(fd, contents, len) == (ssize_t)len);
    close(fd);
    result = mime_init(&types, name);
    unlink(name);
    return result;
}

static int init_with_text(const char *text)
{
    return init_with(text, strlen(text));
}

struct mime_case {
    const char *path;
    const char *type;
};

static void check_cases(const struct mime_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_type(cases[i].path, cases[i].type);
}

#define countof(array) (sizeof array / sizeof *array)

/* Held by what is built in and by the system's file alike. */
static const struct mime_case web_cases[] = {
    {"index.html", "text/html; charset=utf-8"},
    {"a.htm", "text/html; charset=utf-8"},
    {"a.css", "text/css; charset=utf-8"},
    {"a.js", "text/javascript; charset=utf-8"},
    {"a.mjs", "text/javascript; charset=utf-8"},
    {"a.txt", "text/plain; charset=utf-8"},
    {"a.md", "text/markdown; charset=utf-8"},
    {"a.c", "text/x-csrc; charset=utf-8"},
    {"a.h", "text/x-chdr; charset=utf-8"},
    {"a.cjs", "text/javascript; charset=utf-8"},
    {"a.log", "text/plain; charset=utf-8"},
    {"a.rs", "text/plain; charset=utf-8"},
    {"a.yaml", "text/plain; charset=utf-8"},
    {"a.yml", "text/plain; charset=utf-8"},
    {"a.toml", "text/plain; charset=utf-8"},
    {"README", "text/plain; charset=utf-8"},
    {"d/Readme", "text/plain; charset=utf-8"},
    {"LICENSE", "text/plain; charset=utf-8"},
    {"Makefile", "text/plain; charset=utf-8"},
    {"README/a", UNKNOWN},
    {"READMEs", UNKNOWN},
    {"README.unheard-of", UNKNOWN},
    {"a.ts", "video/mp2t"},
    {"a.m3u8", "application/vnd.apple.mpegurl"},
    {"a.json", "application/json"},
    {"a.xml", "application/xml"},
    {"a.pdf", "application/pdf"},
    {"a.wasm", "application/wasm"},
    {"a.gz", "application/gzip"},
    {"a.svg", "image/svg+xml"},
    {"a.png", "image/png"},
    {"a.jpg", "image/jpeg"},
    {"a.jpeg", "image/jpeg"},
    {"a.gif", "image/gif"},
    {"a.webp", "image/webp"},
    {"a.avif", "image/avif"},
    {"a.ico", "image/vnd.microsoft.icon"},
    {"a.woff2", "font/woff2"},
    {"a.mp3", "audio/mpeg"},
    {"a.mp4", "video/mp4"},
    {"a.webm", "video/webm"},
};

static const struct mime_case name_cases[] = {
    {"", UNKNOWN},
    {".", UNKNOWN},
    {"/", UNKNOWN},
    {"a", UNKNOWN},
    {"html", UNKNOWN},
    {"a.", UNKNOWN},
    {"a..", UNKNOWN},
    {".html", UNKNOWN},
    {"docs/.html", UNKNOWN},
    {"a.html/", UNKNOWN},
    {"a.html/b", UNKNOWN},
    {"a.unheard-of", UNKNOWN},
    {"a.htmlx", UNKNOWN},
    {"a.xhtm", UNKNOWN},
    {"a.html.unheard-of", UNKNOWN},
    {"..html", "text/html; charset=utf-8"},
    {"docs/a.html", "text/html; charset=utf-8"},
    {"docs.png/a.html", "text/html; charset=utf-8"},
    {"A.HTML", "text/html; charset=utf-8"},
    {"a.HtMl", "text/html; charset=utf-8"},
    {"a.tar.gz", "application/gzip"},
    {"a.html.gz", "application/gzip"},
    {"1.2.3.css", "text/css; charset=utf-8"},
    {"a b.css", "text/css; charset=utf-8"},
    {"\xff.css", "text/css; charset=utf-8"},
    {"a.c\xff", UNKNOWN},
};

TEST(the_types_of_the_web_are_built_in)
{
    check_res(mime_init(&types, NULL), types.count);
    ck_assert_uint_ge(types.count, countof(web_cases));
    check_cases(web_cases, countof(web_cases));
}

TEST(only_the_extension_counts)
{
    check_res(mime_init(&types, NULL), types.count);
    check_cases(name_cases, countof(name_cases));
    check_type("a.css", "text/css; charset=utf-8");
    ck_assert_mem_eq(mime_type(&types, fence_copy(&input, "a\0.css", 6)).at,
                     "text/css", 8);
}

TEST(a_types_file_adds_to_the_built_in_types_and_replaces_none)
{
    int builtin = mime_init(&types, NULL);

    check_res(init_with_text("# a comment\n"
                             "\n"
                             "text/x-new\t\tnew  newer # and so on\n"
                             "application/x-html html\r\n"
                             "application/x-none\n"
                             "application/javascript jsx\n"
                             "text/vnd.trolltech.linguist ts qm\n"
                             "application/x-first last\n"
                             "application/x-last last LOG"),
              builtin + 5);
    check_type("a.new", "text/x-new; charset=utf-8");
    check_type("a.newer", "text/x-new; charset=utf-8");
    check_type("a.and", UNKNOWN);
    check_type("a.html", "text/html; charset=utf-8");
    check_type("a.ts", "video/mp2t");
    check_type("a.qm", "text/vnd.trolltech.linguist; charset=utf-8");
    check_type("a.log", "text/plain; charset=utf-8");
    check_type("a.jsx", "application/javascript; charset=utf-8");
    check_type("a.last", "application/x-last");
    check_type("a.css", "text/css; charset=utf-8");
}

TEST(the_last_type_of_an_extension_holds_in_whichever_case)
{
    int builtin = mime_init(&types, NULL);

    check_res(init_with_text("a/a xyz\nb/b XYZ\nc/c xYz\n"), builtin + 1);
    check_type("a.xyz", "c/c");
    check_type("a.XYZ", "c/c");
}

TEST(the_longest_known_extension_wins)
{
    check_res(init_with_text("a/short tmx\nb/long tm.tmx\n"), types.count);
    check_type("a.tm.tmx", "b/long");
    check_type("a.b.tm.tmx", "b/long");
    check_type("a.xtm.tmx", "a/short");
    check_type("tm.tmx", "a/short");
    check_type(".tm.tmx", "a/short");
}

TEST(a_type_that_could_split_a_response_is_skipped)
{
    static const char contents[] = "a/\x01 x1\n"
                                   "a/\x7f x2\n"
                                   "a/\xc3\xa4 x3\n"
                                   "a/b\0c x4\n"
                                   "noslash x5\n"
                                   "/b x6\n"
                                   "a/ x7\n"
                                   "/ x8\n"
                                   "a/b x9\n";
    int builtin = mime_init(&types, NULL);

    check_res(init_with(contents, sizeof contents - 1), builtin + 1);
    for (char path[] = "a.x1"; path[3] < '9'; path[3]++)
        check_type(path, UNKNOWN);
    check_type("a.x9", "a/b");
}

TEST(an_extension_that_is_too_long_is_skipped)
{
    char text[128], longest[] = "abcdefghijklmnopqrstuvwxyz01234";
    char longer[] = "abcdefghijklmnopqrstuvwxyz012345", path[64];
    int builtin = mime_init(&types, NULL);

    ck_assert_uint_eq(strlen(longest), MIME_EXTENSION_MAX);
    snprintf(text, sizeof text, "a/b %s %s short\n", longer, longest);
    check_res(init_with_text(text), builtin + 2);
    snprintf(path, sizeof path, "x.%s", longest);
    check_type(path, "a/b");
    snprintf(path, sizeof path, "x.%s", longer);
    check_type(path, UNKNOWN);
    check_type("a.short", "a/b");
}

TEST(a_missing_file_leaves_the_built_in_types)
{
    check_res(mime_init(&types, "/nonexistent/mime.types"), -ENOENT);
    check_cases(web_cases, countof(web_cases));
}

TEST(a_directory_for_a_file_leaves_the_built_in_types)
{
    check_res(mime_init(&types, "/"), -EISDIR);
    check_cases(web_cases, countof(web_cases));
}

TEST(an_empty_file_changes_nothing)
{
    check_res(init_with_text(""), mime_init(&types, NULL));
    check_cases(web_cases, countof(web_cases));
}

TEST(a_file_that_is_too_large_is_refused)
{
    char *text = malloc(MIME_FILE_MAX);

    check(text != NULL);
    memset(text, '#', MIME_FILE_MAX);
    memcpy(text, "a/b xyz\n", 8);
    check_res(init_with(text, MIME_FILE_MAX - 2), types.count);
    check_type("a.xyz", "a/b");
    check_res(init_with(text, MIME_FILE_MAX - 1), -EFBIG);
    check_type("a.xyz", UNKNOWN);
    check_cases(web_cases, countof(web_cases));
    free(text);
}

/* Fills the table with extensions of a family, and finds each of them. */
static void check_full(char family)
{
    size_t size = MIME_FILE_MAX / 4, len = 0;
    char *text = malloc(size), path[32];
    int room = MIME_EXTENSIONS_MAX - mime_init(&types, NULL);

    check(text != NULL);
    for (int i = 0; i < room; i++)
        len += (size_t)sprintf(text + len, "a/b %c%d\n", family, i);
    check_res(init_with(text, len), MIME_EXTENSIONS_MAX);
    for (int i = 0; i < room; i++) {
        snprintf(path, sizeof path, "a.%c%d", family, i);
        if (!view_equal(mime_type(&types, view_of(path)), view_of("a/b")))
            ck_abort_msg("%s is lost", path);
    }
    len += (size_t)sprintf(text + len, "a/b toomuch\n");
    check_res(init_with(text, len), -EFBIG);
    check_type("a.toomuch", UNKNOWN);
    check_cases(web_cases, countof(web_cases));
    free(text);
}

TEST(more_extensions_than_there_is_room_for_are_left_out)
{
    /* Of many families, some run over the table's end to its start. */
    for (char family = 'a'; family <= 'z'; family++)
        check_full(family);
}

TEST(more_text_than_there_is_room_for_is_left_out)
{
    size_t len = 0, line = 1024;
    char *text = malloc(MIME_FILE_MAX);

    check(text != NULL);
    for (int i = 0; len + line + 32 < MIME_FILE_MAX; i++) {
        len += (size_t)sprintf(text + len, "a/");
        memset(text + len, 'b', line);
        len += line;
        len += (size_t)sprintf(text + len, " x%d\n", i);
    }
    check_res(init_with(text, len), -EFBIG);
    ck_assert_uint_le(types.used, MIME_POOL_MAX);
    check(mime_type(&types, view_of("a.x0")).len == line + 2);
    check_type("a.x240", UNKNOWN);
    check_cases(web_cases, countof(web_cases));
    free(text);
}

/* Whether each extension of the line is known from the file: of this line, or
 * of a later one. */
static int check_line(char *line)
{
    char path[64], *save, *word;
    struct view type, unknown = mime_type(&types, view_of("a.unheard-of"));
    int count = 0;

    line[strcspn(line, "#\n")] = '\0';
    if (strtok_r(line, " \t", &save) == NULL)
        return 0;
    while ((word = strtok_r(NULL, " \t", &save)) != NULL) {
        snprintf(path, sizeof path, "a.%s", word);
        type = mime_type(&types, view_of(path));
        ck_assert_msg(type.at != unknown.at, "%s is unknown", path);
        count++;
    }
    return count;
}

TEST(every_type_of_the_systems_file_is_known)
{
    FILE *file = fopen(SYSTEM_FILE, "r");
    char line[512];
    int count = 0;

    check(file != NULL);
    check_res(mime_init(&types, SYSTEM_FILE), types.count);
    while (fgets(line, sizeof line, file) != NULL)
        count += check_line(line);
    fclose(file);
    ck_assert_int_gt(count, 100);
    check_cases(web_cases, countof(web_cases));
}

static const char *no_system_file(void)
{
    return access(SYSTEM_FILE, R_OK) == 0 ? NULL
                                          : "there is no " SYSTEM_FILE;
}

int main(void)
{
    suite_begin("mime");
    suite_add(the_types_of_the_web_are_built_in);
    suite_add(only_the_extension_counts);
    suite_add(a_types_file_adds_to_the_built_in_types_and_replaces_none);
    suite_add(the_last_type_of_an_extension_holds_in_whichever_case);
    suite_add(the_longest_known_extension_wins);
    suite_add(a_type_that_could_split_a_response_is_skipped);
    suite_add(an_extension_that_is_too_long_is_skipped);
    suite_add(a_missing_file_leaves_the_built_in_types);
    suite_add(a_directory_for_a_file_leaves_the_built_in_types);
    suite_add(an_empty_file_changes_nothing);
    suite_add(a_file_that_is_too_large_is_refused);
    suite_add(more_extensions_than_there_is_room_for_are_left_out);
    suite_add(more_text_than_there_is_room_for_is_left_out);
    suite_add_unless(no_system_file(), every_type_of_the_systems_file_is_known);
    return suite_end();
}

/* lying.c: batch on a file system that reports wrong sizes.
 *
 * Judges: batch. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuse.h"
#include "suite.h"

#define SOURCE_LEN 700001

static const char *const ways[] = {
    "--sync",         "--mode single", "--mode batch",
    "--mode linked",  "--mode fixed",  "--mode vectored",
};

/* Makes a scratch directory with "mnt" in it, serves there, and enters it. The
 * source's size is said to be says_len. */
static void serve_here(uint64_t says_len)
{
    const struct fuse_faults faults = {.lies = 1, .says_len = says_len};
    const char *parent = getenv("TMPDIR");
    char path[] = "lying.XXXXXX";

    check(chdir(parent != NULL ? parent : "/tmp") == 0);
    check(mkdtemp(path) != NULL && chdir(path) == 0);
    check(mkdir("mnt", 0755) == 0);
    fuse_serve("mnt", SOURCE_LEN, &faults);
}

static void run(const char *format, const char *way)
{
    char rest[256], command[1024];
    int code;

    snprintf(rest, sizeof rest, format, way);
    snprintf(command, sizeof command, "timeout 200 sh -c '\"%s/batch\" %s'",
             suite_bin(), rest);
    code = system(command);
    ck_assert_msg(WIFEXITED(code) && WEXITSTATUS(code) == 0, "%s: %d", command,
                  code);
}

/* Fails unless "got" has the source count times. */
static void check_got(const char *way, size_t count)
{
    static unsigned char bytes[2 * SOURCE_LEN + 1];
    FILE *file = fopen("got", "r");
    size_t got;

    check(file != NULL);
    got = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    ck_assert_msg(got == count * SOURCE_LEN, "%s: %zu bytes", way, got);
    for (size_t i = 0; i < got; i++)
        if (bytes[i] != fuse_byte(i % SOURCE_LEN))
            ck_abort_msg("%s: wrong at %zu", way, i);
}

static void check_all(uint64_t says_len)
{
    serve_here(says_len);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        run("%s mnt/source >got", ways[i]);
        check_got(ways[i], 1);
        run("%s --window 1 mnt/source mnt/source | cat >got", ways[i]);
        check_got(ways[i], 2);
        if (i > 0)
            run("%s --verify mnt/source | grep -q \"files, 700001 bytes\"",
                ways[i]);
    }
}

TEST(batch_reads_a_file_of_size_0_to_its_end)
{
    check_all(0);
}

TEST(batch_reads_a_file_beyond_its_size)
{
    check_all(70000);
}

TEST(batch_stops_at_the_end_of_a_file_before_its_size)
{
    check_all(900000);
}

static const char *why_no_trace(void)
{
    if (fuse_missing() != NULL)
        return fuse_missing();
    return system("strace -V >/dev/null 2>&1") == 0 ? NULL
                                                    : "strace is not installed";
}

/* Runs batch on the source, twice. strace lets open number `call` fail once.
 * batch looks at a file with an open (O_PATH), and reads it with another. So
 * numbers 3 and 4 concern the second file, while the first one is open and its
 * memory is full. */
static void check_without_descriptor(const char *call)
{
    char command[512];

    snprintf(command, sizeof command,
             "timeout 200 strace -qq -o trace -P mnt/source -e trace=openat "
             "-e inject=openat:error=EMFILE:when=%s "
             "\"$BATCH\" mnt/source mnt/source >got 2>messages",
             call);
    ck_assert_msg(system(command) == 0, "call %s failed: see messages", call);
    check_got(call, 2);
}

TEST(batch_goes_on_with_an_open_file_while_the_next_gets_no_descriptor)
{
    char program[1024];

    serve_here(SOURCE_LEN);
    snprintf(program, sizeof program, "%s/batch", suite_bin());
    check(setenv("BATCH", program, 1) == 0);
    check(setenv("ASAN_OPTIONS", "detect_leaks=0", 1) == 0); /* not traced */
    check_without_descriptor("3");
    check_without_descriptor("4");
}

int main(void)
{
    const char *missing = fuse_missing();

    suite_begin("lying");
    suite_add_unless(missing, batch_reads_a_file_of_size_0_to_its_end);
    suite_add_unless(missing, batch_reads_a_file_beyond_its_size);
    suite_add_unless(missing, batch_stops_at_the_end_of_a_file_before_its_size);
    suite_add_unless(
        why_no_trace(),
        batch_goes_on_with_an_open_file_while_the_next_gets_no_descriptor);
    return suite_end();
}

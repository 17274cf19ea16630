/* faulty.c: cat and cp on a file system that misbehaves.
 *
 * Judges: cat-raw, cat-sync, cat-uring, cp-uring. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "fuse.h"
#include "suite.h"

/* Those that are there and are to be judged. */
static const char *cats[3];
static int cats_count;
static bool has_cp;

static char messages[4096]; /* stderr of the last command */

/* Makes a scratch directory with "mnt" in it, serves there, and enters it. */
static void serve_here(size_t len, const struct fuse_faults *faults)
{
    char path[] = "faulty.XXXXXX";
    const char *parent = getenv("TMPDIR");

    check(chdir(parent != NULL ? parent : "/tmp") == 0);
    check(mkdtemp(path) != NULL);
    check(chdir(path) == 0);
    check(mkdir("mnt", 0755) == 0);
    fuse_serve("mnt", len, faults);
}

/* Runs BIN/program with the rest of a shell command: it exits with expected. */
static void check_run(const char *program, const char *rest, int expected)
{
    static char command[4096];
    ssize_t got;
    int code, fd;

    /* The shell inside, so that timeout does not have the redirections. */
    snprintf(command, sizeof command,
             "timeout 200 sh -c '\"%s/%s\" %s 2>messages'", suite_bin(),
             program, rest);
    code = system(command);
    check(WIFEXITED(code));
    fd = open("messages", O_RDONLY);
    check(fd >= 0);
    got = read(fd, messages, sizeof messages - 1);
    check(got >= 0);
    messages[got] = '\0';
    close(fd);
    code = WEXITSTATUS(code);
    ck_assert_msg(code == expected, "%s %s: exit code %d%s, not %d; stderr: %s",
                  program, rest, code,
                  code == 124   ? " (it did not end within 30 s)"
                  : code == 127 ? " (it cannot be started)"
                                : "",
                  expected, messages);
}

/* Fails unless the file is the first len bytes of the source. */
static void check_bytes(const char *path, size_t len)
{
    static unsigned char bytes[FUSE_FILE_MAX + 1];
    size_t got;
    FILE *file = fopen(path, "r");

    check(file != NULL);
    got = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    ck_assert_msg(got == len, "%s has %zu bytes, not %zu", path, got, len);
    for (size_t i = 0; i < len; i++)
        ck_assert_msg(bytes[i] == fuse_byte(i), "%s is wrong at %zu", path, i);
}

/* A learner's program has to say something; its words are its own. */
static void check_said(const char *words)
{
    char what[512];

    if (strstr(messages, words) != NULL)
        return;
    snprintf(what, sizeof what, "stderr is '%.200s', not '%.200s'", messages,
             words);
    ck_assert_msg(suite_is_learners() && messages[0] != '\0', "%s", what);
    suite_differs(what);
}

/* The target is as it was before: there is none. */
static void check_untouched(void)
{
    check(access("mnt/target", F_OK) != 0);
    check(errno == ENOENT);
}

TEST(a_ring_suits_a_plain_file_and_not_a_fuse_file)
{
    const struct fuse_faults faults = {.read_max = 0};
    int there, here;

    serve_here(10, &faults);
    there = open("mnt/source", O_RDONLY);
    here = open("here", O_RDWR | O_CREAT, 0600);
    check(there >= 0 && here >= 0);
    check(!file_suits_ring(there));
    check(file_suits_ring(here));
}
END_TEST

TEST(short_reads_are_resumed)
{
    const struct fuse_faults faults = {.read_max = 1000};

    serve_here(200001, &faults);
    for (int i = 0; i < cats_count; i++) {
        check_run(cats[i], "mnt/source >got", 0);
        check_bytes("got", 200001);
        check_run(cats[i], "<mnt/source >got", 0);
        check_bytes("got", 200001);
        check_run(cats[i], "mnt/source | cat >got", 0);
        check_bytes("got", 200001);
    }
    if (!has_cp)
        return;
    check_run("cp-uring", "mnt/source got", 0);
    check_bytes("got", 200001);
    check_run("cp-uring", "--engine rw mnt/source got", 0);
    check_bytes("got", 200001);
    check_run("cp-uring", "--engine splice mnt/source got", 0);
    check_bytes("got", 200001);
}
END_TEST

TEST(short_writes_are_resumed)
{
    const struct fuse_faults faults = {.write_max = 1000};

    serve_here(300001, &faults);
    for (int i = 0; i < cats_count; i++) {
        check_run(cats[i], "mnt/source >mnt/got", 0);
        check_bytes("mnt/got", 300001);
    }
    if (!has_cp)
        return;
    check_run("cp-uring", "--stats=json mnt/source mnt/target", 0);
    check_bytes("mnt/target", 300001);
    check(strstr(messages, "\"short_writes\":0,") == NULL);
    check_run("cp-uring", "--engine rw mnt/source mnt/target", 0);
    check_bytes("mnt/target", 300001);
}
END_TEST

TEST(an_input_error_is_reported_with_its_offset)
{
    const struct fuse_faults faults = {
        .read_fail_at = 4944,
        .read_error = EIO,
    };

    serve_here(700001, &faults);
    for (int i = 0; i < cats_count; i++) {
        /* The bytes that were read are written. */
        check_run(cats[i], "mnt/source >got", 1);
        check_said("'mnt/source' at offset 4944: Input/output error (EIO)");
        check_bytes("got", 4944);
    }
    if (!has_cp)
        return;
    check_run("cp-uring", "mnt/source mnt/target", 1);
    check_said("cannot read 'mnt/source' at offset ");
    check_said("Input/output error (EIO)");
    check_untouched();
    check_run("cp-uring", "--engine rw mnt/source mnt/target", 1);
    check_said("cannot read 'mnt/source' at offset 4944: Input/output error");
    check_untouched();
}
END_TEST

TEST(a_file_longer_than_its_size_is_read_to_its_end)
{
    const struct fuse_faults faults = {.lies = 1, .says_len = 100};

    serve_here(300001, &faults);
    for (int i = 0; i < cats_count; i++) {
        check_run(cats[i], "mnt/source >got", 0);
        check_bytes("got", 300001);
    }
    if (!has_cp)
        return;
    check_run("cp-uring", "mnt/source got", 0);
    check_bytes("got", 300001);
    check_run("cp-uring", "-r mnt/source got2", 0);
    check_bytes("got2", 300001);
}
END_TEST

TEST(a_file_shorter_than_its_size_is_copied_up_to_its_end)
{
    const struct fuse_faults faults = {.lies = 1, .says_len = 900000};

    serve_here(300001, &faults);
    for (int i = 0; i < cats_count; i++) {
        check_run(cats[i], "mnt/source >got", 0);
        check_bytes("got", 300001);
    }
    if (!has_cp)
        return;
    check_run("cp-uring", "--block-size 4K mnt/source got", 0);
    check_bytes("got", 300001);
}
END_TEST

TEST(a_source_that_claims_more_than_the_disk_holds_is_copied)
{
    const struct fuse_faults faults = {.lies = 1, .says_len = 1ull << 45};

    serve_here(300001, &faults);
    check_run("cp-uring", "mnt/source got", 0);
    check_bytes("got", 300001);
}
END_TEST

TEST(an_error_of_fsync_is_a_failure)
{
    const struct fuse_faults faults = {.fsync_error = EIO};

    serve_here(300001, &faults);
    check_run("cp-uring", "--fsync mnt/source mnt/target", 1);
    check_said("cannot finish writing 'mnt/target': Input/output error (EIO)");
    check_untouched();
    check_run("cp-uring", "mnt/source mnt/target", 0);
    check_bytes("mnt/target", 300001);
}
END_TEST

TEST(an_error_of_close_is_a_failure)
{
    const struct fuse_faults faults = {.flush_error = EDQUOT};

    serve_here(300001, &faults);
    for (int i = 0; i < cats_count; i++) {
        check_run(cats[i], "mnt/source >mnt/got", 1);
        check_said("write error: Disk quota exceeded (EDQUOT)");
    }
    if (!has_cp)
        return;
    check_run("cp-uring", "mnt/source mnt/target", 1);
    check_said("cannot finish writing 'mnt/target': Disk quota exceeded "
               "(EDQUOT)");
    check_untouched();
}
END_TEST

TEST(a_rename_that_fails_leaves_the_old_file)
{
    const struct fuse_faults faults = {.rename_error = EIO};

    serve_here(300001, &faults);
    check_run("cp-uring", "mnt/source mnt/target", 1);
    check_said("cannot rename the copy to 'mnt/target'");
    check_untouched();
}
END_TEST

/* Returns why cp-uring is not judged, or NULL. */
static const char *look_for_programs(void)
{
    static const char *const names[] = {"cat-sync", "cat-raw", "cat-uring"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (suite_why_no(names[i]) == NULL)
            cats[cats_count++] = names[i];
    has_cp = suite_why_no("cp-uring") == NULL;
    return suite_why_no("cp-uring");
}

int main(void)
{
    const char *missing = fuse_missing();
    const char *no_cp = look_for_programs();

    if (missing != NULL)
        no_cp = missing;
    suite_begin("faulty");
    suite_stage("exotic");
    suite_add_unless(missing, a_ring_suits_a_plain_file_and_not_a_fuse_file);
    suite_add_unless(missing, short_reads_are_resumed);
    suite_add_unless(missing, short_writes_are_resumed);
    suite_add_unless(missing, an_input_error_is_reported_with_its_offset);
    suite_add_unless(missing, a_file_longer_than_its_size_is_read_to_its_end);
    suite_add_unless(missing,
                     a_file_shorter_than_its_size_is_copied_up_to_its_end);
    suite_add_unless(no_cp,
                     a_source_that_claims_more_than_the_disk_holds_is_copied);
    suite_add_unless(no_cp, an_error_of_fsync_is_a_failure);
    suite_add_unless(missing, an_error_of_close_is_a_failure);
    suite_add_unless(no_cp, a_rename_that_fails_leaves_the_old_file);
    return suite_end();
}

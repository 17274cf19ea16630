/* serve_faulty.c: serve from outside: files on a file system that fails, reads
 * in small pieces, or names a wrong size.
 *
 * Judges: serve. */
#include <errno.h>
#include <sys/mount.h>

#include "client.h"
#include "fuse.h"

static struct client c;
static struct answer a;

/* Files that misbehave. */

/* A server whose root has a directory of another file system, with "source". */
static void begin_with_fuse(size_t len, const struct fuse_faults *faults)
{
    site_make();
    site_text("root/file", "here");
    site_dir("root/mnt");
    fuse_serve(site_path("root/mnt"), len, faults);
    daemon_start(&server, "serve", "--root", site_root, NULL);
    client_open(&c);
}

static void end_with_fuse(void)
{
    client_close(&c);
    check_get("/file", 200, "here");
    daemon_await_counter(&server, "connections", 0);
    daemon_stop(&server);
    check_res(umount2(site_path("root/mnt"), MNT_DETACH), 0);
    site_remove();
}

TEST(a_file_that_is_read_in_small_parts_comes_whole)
{
    const struct fuse_faults faults = {.completes_later = 1, .read_max = 1000};
    size_t wrong = 0;

    begin_with_fuse(300000, &faults);
    for (int round = 0; round < 2; round++) {
        client_get(&c, "/mnt/source", &a);
        ck_assert_int_eq(a.status, 200);
        ck_assert_uint_eq(a.body_len, 300000);
        for (size_t i = 0; i < a.body_len; i++)
            wrong += (unsigned char)a.body[i] != fuse_byte(i);
        ck_assert_uint_eq(wrong, 0);
    }
    end_with_fuse();
}

/* The length has been sent by then, so the client must not mistake the part for
 * the whole file. */
TEST(a_file_that_cannot_be_read_to_its_end_resets_the_connection)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .read_fail_at = 600000, .read_error = EIO};
    static char bytes[1 << 20];
    long got;

    begin_with_fuse(1 << 20, &faults);
    client_send(&c, GET("/mnt/source"));
    client_take_only_head(&c, &a);
    ck_assert_int_eq(a.length, 1 << 20);
    while ((got = client_read(&c, bytes, sizeof bytes)) > 0)
        continue;
    check_res(got, -ECONNRESET);
    end_with_fuse();
}

TEST(a_file_that_cannot_be_read_at_all_is_500)
{
    const struct fuse_faults faults = {.completes_later = 1, .read_error = EIO};

    begin_with_fuse(1 << 20, &faults);
    client_get(&c, "/mnt/source", &a);
    check_page(&a, 500);
    ck_assert(!a.closes);
    client_get(&c, "/file", &a);
    check_answer(&a, 200, "here");
    end_with_fuse();
}

TEST(a_file_shorter_than_its_size_is_500)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .lies = 1, .says_len = 5000};

    begin_with_fuse(1000, &faults);
    client_get(&c, "/mnt/source", &a);
    check_page(&a, 500);
    end_with_fuse();
}

/* The first stat was before the cut. */
TEST(a_file_that_is_cut_before_its_first_byte_is_opened_again)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .lies = 1, .says_len = 5000, .heals = 1};

    begin_with_fuse(1000, &faults);
    client_get(&c, "/mnt/source", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_uint_eq(a.body_len, 1000);
    for (size_t i = 0; i < a.body_len; i++)
        ck_assert((unsigned char)a.body[i] == fuse_byte(i));
    ck_assert(!a.closes);
    end_with_fuse();
}

/* A part of it is answered by the new size. */
TEST(a_range_of_a_file_that_is_cut_before_its_first_byte_is_of_the_new_file)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .lies = 1, .says_len = 5000, .heals = 1};

    begin_with_fuse(1000, &faults);
    client_send(&c, "GET /mnt/source HTTP/1.1\r\nHost: a\r\n"
                    "Range: bytes=900-\r\n\r\n");
    client_take(&c, &a);
    ck_assert_int_eq(a.status, 206);
    ck_assert_str_eq(answer_field(&a, "Content-Range"), "bytes 900-999/1000");
    ck_assert_uint_eq(a.body_len, 100);
    end_with_fuse();
}

/* As on NFS, when another machine has replaced the file. */
TEST(a_file_that_is_replaced_before_its_first_byte_is_opened_again)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .read_error = ESTALE, .heals = 1};

    begin_with_fuse(1000, &faults);
    client_get(&c, "/mnt/source", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_uint_eq(a.body_len, 1000);
    end_with_fuse();
}

/* Another program may cut and write a file again and again. Each try has two
 * reads: the first one gets what is left of the file, and the second one finds
 * its end. */
TEST(a_file_that_is_cut_at_three_tries_is_sent_at_the_fourth)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .lies = 1, .says_len = 5000, .heals = 5};

    begin_with_fuse(1000, &faults);
    client_get(&c, "/mnt/source", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_uint_eq(a.body_len, 1000);
    end_with_fuse();
}

TEST(a_file_that_is_replaced_at_seven_tries_is_sent_at_the_eighth)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .read_error = ESTALE, .heals = 7};

    begin_with_fuse(1000, &faults);
    client_get(&c, "/mnt/source", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_uint_eq(a.body_len, 1000);
    end_with_fuse();
}

TEST(a_file_longer_than_its_size_is_sent_up_to_its_size)
{
    const struct fuse_faults faults = {
        .completes_later = 1, .lies = 1, .says_len = 1000};

    begin_with_fuse(5000, &faults);
    client_get(&c, "/mnt/source", &a);
    ck_assert_int_eq(a.status, 200);
    ck_assert_uint_eq(a.body_len, 1000);
    client_get(&c, "/file", &a);
    check_answer(&a, 200, "here");
    end_with_fuse();
}

int main(void)
{
    suite_begin("serve_faulty");
    suite_stage("exotic");
    suite_add_unless(fuse_missing(),
                     a_file_that_is_read_in_small_parts_comes_whole);
    suite_add_unless(
        fuse_missing(),
        a_file_that_cannot_be_read_to_its_end_resets_the_connection);
    suite_add_unless(fuse_missing(), a_file_that_cannot_be_read_at_all_is_500);
    suite_add_unless(fuse_missing(), a_file_shorter_than_its_size_is_500);
    suite_add_unless(fuse_missing(),
                     a_file_that_is_cut_before_its_first_byte_is_opened_again);
    suite_add_unless(
        fuse_missing(),
        a_range_of_a_file_that_is_cut_before_its_first_byte_is_of_the_new_file);
    suite_add_unless(
        fuse_missing(),
        a_file_that_is_replaced_before_its_first_byte_is_opened_again);
    suite_add_unless(fuse_missing(),
                     a_file_that_is_cut_at_three_tries_is_sent_at_the_fourth);
    suite_add_unless(
        fuse_missing(),
        a_file_that_is_replaced_at_seven_tries_is_sent_at_the_eighth);
    suite_add_unless(fuse_missing(),
                     a_file_longer_than_its_size_is_sent_up_to_its_size);
    return suite_end();
}

/* file.c (test): tests the contracts of lib/base/file.h on real files. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/time.h>
#include <unistd.h>

#include "block_device.h"
#include "suite.h"

/* A scratch directory of the test, made and entered. */
static void enter_scratch(void)
{
    char path[] = "scratch.XXXXXX";
    const char *parent = getenv("TMPDIR");

    check(chdir(parent != NULL ? parent : "/tmp") == 0);
    check(mkdtemp(path) != NULL);
    check(chdir(path) == 0);
}

static void write_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    size_t len = strlen(text);

    check(fd >= 0);
    check(write(fd, text, len) == (ssize_t)len);
    check(close(fd) == 0);
}

TEST(every_kind_of_file_is_distinguished)
{
    static const struct {
        mode_t mode;
        enum file_kind kind;
    } cases[] = {
        {S_IFREG | 0644, FILE_REGULAR}, {S_IFDIR | 0755, FILE_DIRECTORY},
        {S_IFLNK | 0777, FILE_LINK},    {S_IFIFO | 0600, FILE_FIFO},
        {S_IFSOCK, FILE_SOCKET},        {S_IFCHR | 0666, FILE_CHARACTER},
        {S_IFBLK | 0660, FILE_BLOCK},   {0600, FILE_OTHER},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check(file_kind_of(cases[i].mode) == cases[i].kind);
        check(strlen(file_kind_words(cases[i].kind)) > 0);
    }
    ck_assert_str_eq(file_kind_words(FILE_FIFO), "a FIFO");
}
END_TEST

TEST(a_hard_link_is_the_same_file_and_a_copy_is_not)
{
    struct stat one, link_of_one, other;

    enter_scratch();
    write_file("one", "same");
    write_file("other", "same");
    check(link("one", "link") == 0);
    check(stat("one", &one) == 0);
    check(stat("link", &link_of_one) == 0);
    check(stat("other", &other) == 0);
    check(file_is_same(&one, &link_of_one));
    check(!file_is_same(&one, &other));
}
END_TEST

TEST(opening_to_read_returns_the_kind_of_file)
{
    struct stat info;
    int fd;

    enter_scratch();
    write_file("five", "12345");
    fd = file_open_read("five", &info);
    check(fd >= 0);
    check(info.st_size == 5);
    check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    check(close(fd) == 0);
    fd = file_open_read(".", &info);
    check(fd >= 0);
    check(file_kind_of(info.st_mode) == FILE_DIRECTORY);
    check_res(file_open_read("missing", &info), -ENOENT);
    check_res(file_open_read("five/below", &info), -ENOTDIR);
}
END_TEST

static void do_nothing(int number)
{
    (void)number;
}

TEST(an_open_interrupted_by_a_signal_is_tried_again)
{
    struct sigaction action = {.sa_handler = do_nothing}; /* no SA_RESTART */
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    struct stat info;
    pid_t writer;
    int fd;

    enter_scratch();
    check(mkfifo("fifo", 0600) == 0);
    writer = fork();
    check(writer >= 0);
    if (writer == 0) { /* opens its end when a hundred signals have come */
        usleep(100 * 1000);
        _exit(open("fifo", O_WRONLY) >= 0 ? 0 : 1);
    }
    check(sigaction(SIGALRM, &action, NULL) == 0);
    check(setitimer(ITIMER_REAL, &often, NULL) == 0);
    fd = file_open_read("fifo", &info);
    check(setitimer(ITIMER_REAL, &never, NULL) == 0);
    check(fd >= 0);
    check(file_kind_of(info.st_mode) == FILE_FIFO);
}
END_TEST

TEST(creating_refuses_a_name_that_is_taken_even_by_a_dangling_link)
{
    struct stat info;
    int fd;

    enter_scratch();
    umask(022);
    fd = file_create("new", 0666);
    check(fd >= 0);
    check(fstat(fd, &info) == 0);
    check((info.st_mode & 0777) == 0644);
    check_res(file_create("new", 0666), -EEXIST);
    check(symlink("nowhere", "dangling") == 0);
    check_res(file_create("dangling", 0666), -EEXIST);
    check(access("nowhere", F_OK) != 0);
}
END_TEST

TEST(a_file_that_has_a_length_reports_it)
{
    struct stat info;
    uint64_t len = 99;
    int ends[2];

    enter_scratch();
    write_file("five", "12345");
    check_res(file_len(file_open_read("five", &info), &len), 0);
    check(len == 5);
    check_res(file_len(file_open_read("/proc/version", &info), &len), 0);
    check(len == 0); /* and yet there is something to read: a hint, no more */
    check_res(file_len(file_open_read(".", &info), &len), -EISDIR);
    check(pipe(ends) == 0);
    check_res(file_len(ends[0], &len), -ESPIPE);
    check_res(file_len(-1, &len), -EBADF);
}
END_TEST

TEST(a_file_that_has_a_position_reports_it)
{
    struct stat info;
    uint64_t offset = 99;
    int ends[2], fd;
    char two[2];

    enter_scratch();
    write_file("five", "12345");
    fd = file_open_read("five", &info);
    check_res(file_position(fd, &offset), 0);
    check(offset == 0);
    check(read(fd, two, sizeof two) == 2);
    check_res(file_position(fd, &offset), 0);
    check(offset == 2);
    check(pipe(ends) == 0);
    check_res(file_position(ends[0], &offset), -ESPIPE);
    check(offset == 2);
}
END_TEST

/* lseek succeeds on all of these. */
TEST(a_file_that_has_no_position_is_espipe_even_if_lseek_succeeds)
{
    uint64_t offset = 99;

    check_res(file_position(eventfd(3, EFD_CLOEXEC), &offset), -ESPIPE);
    check_res(file_position(inotify_init1(IN_CLOEXEC), &offset), -ESPIPE);
    check_res(file_position(open("/dev/null", O_RDONLY), &offset), -ESPIPE);
    check_res(file_position(-1, &offset), -EBADF);
    check(offset == 99);
}
END_TEST

TEST(a_block_device_reports_its_length_and_keeps_its_position)
{
    uint64_t value = 99;
    int file, fd;

    enter_scratch();
    file = open("disk", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    check(file >= 0 && ftruncate(file, 20480) == 0);
    fd = block_device_of(file);
    check(fd >= 0 && lseek(fd, 512, SEEK_SET) == 512);
    check_res(file_len(fd, &value), 0);
    check(value == 20480);
    check_res(file_position(fd, &value), 0);
    check(value == 512);
    close(fd);
    close(file);
}
END_TEST

int main(void)
{
    suite_begin("file");
    suite_add(every_kind_of_file_is_distinguished);
    suite_add(a_hard_link_is_the_same_file_and_a_copy_is_not);
    suite_add(opening_to_read_returns_the_kind_of_file);
    suite_add(an_open_interrupted_by_a_signal_is_tried_again);
    suite_add(creating_refuses_a_name_that_is_taken_even_by_a_dangling_link);
    suite_add(a_file_that_has_a_length_reports_it);
    suite_add(a_file_that_has_a_position_reports_it);
    suite_add(a_file_that_has_no_position_is_espipe_even_if_lseek_succeeds);
    suite_add_unless(block_device_missing(),
                     a_block_device_reports_its_length_and_keeps_its_position);
    return suite_end();
}

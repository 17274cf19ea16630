/* created.c (test): the files that a run remembers. */
#include "created.h"

#include <fcntl.h>
#include <unistd.h>

#include "suite.h"

/* A list would need minutes for as many. */
#define MANY 300000

static struct stat file_number(unsigned long n)
{
    return (struct stat){.st_dev = 7 + n % 2, .st_ino = 100 + n / 2};
}

TEST(each_of_many_files_is_found_with_its_source)
{
    struct created created = {0};

    for (unsigned long n = 0; n < MANY; n++) {
        struct stat file = file_number(n), source = {.st_dev = 1, .st_ino = n};

        if (created_has(&created, &file))
            ck_abort_msg("file %lu was found before it was added", n);
        created_add(&created, &file, &source);
    }
    for (unsigned long n = 0; n < MANY; n++) {
        struct stat file = file_number(n), source = {.st_dev = 1, .st_ino = n};
        struct stat other = {.st_dev = 2, .st_ino = n};

        if (!created_has(&created, &file) ||
            !created_is_copy(&created, &file, &source) ||
            created_is_copy(&created, &file, &other))
            ck_abort_msg("file %lu is not found, or with a wrong source", n);
    }
    created_finish(&created);
}
END_TEST

TEST(a_file_that_is_added_again_has_its_new_source)
{
    struct stat file = file_number(1), a = {.st_ino = 1}, b = {.st_ino = 2};
    struct created created = {0};

    check(!created_has(&created, &file));
    created_add(&created, &file, &a);
    created_add(&created, &file, &b); /* the inode number was reused */
    check(created_is_copy(&created, &file, &b));
    check(!created_is_copy(&created, &file, &a));
    created_finish(&created);
}
END_TEST

int main(void)
{
    suite_begin("created");
    suite_add(each_of_many_files_is_found_with_its_source);
    suite_add(a_file_that_is_added_again_has_its_new_source);
    return suite_end();
}

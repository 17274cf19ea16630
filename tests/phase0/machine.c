/* machine.c: the description of this machine. */
#include "machine.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

TEST(versions_are_read_as_numbers)
{
    ck_assert_uint_eq(machine_version("6.1.64-1 (2023-11-30)"), 0x060140);
    ck_assert_uint_eq(machine_version("6.18.44"), 0x06122c);
    ck_assert_uint_eq(machine_version("5.15.0-91-generic"), 0x050f00);
    ck_assert_uint_eq(machine_version("7.0-rc1"), 0x070000);
    ck_assert_uint_eq(machine_version("4.19.325"), 0x0413ff);
    ck_assert_uint_eq(machine_version("no version"), 0);
    ck_assert_uint_eq(machine_version(""), 0);
}

static bool has_bug(unsigned version, const char *source)
{
    const struct machine_bug *bug;

    for (int n = 0; (bug = machine_bug(version, n)) != NULL; n++)
        if (strstr(bug->source, source) != NULL)
            return true;
    return false;
}

TEST(a_bug_is_known_from_its_first_kernel_to_its_last)
{
    check(!has_bug(0x06013f, "1057843")); /* 6.1.63 */
    check(has_bug(0x060140, "1057843"));
    check(has_bug(0x060141, "1057843"));
    check(!has_bug(0x060142, "1057843")); /* 6.1.66 has the fix */
    check(!has_bug(0x050aff, "MDEV-26674"));
    check(has_bug(0x050f02, "MDEV-26674"));
    check(!has_bug(0x050f03, "MDEV-26674"));
    ck_assert_ptr_null(machine_bug(0x060c00, 0)); /* 6.12: none */
    ck_assert_ptr_null(machine_bug(0, 0));
}

TEST(this_machine_has_a_kernel_and_an_architecture)
{
    struct machine machine;

    machine_look(&machine);
    check(machine.kernel[0] != '\0');
    check(machine.arch[0] != '\0');
    check(machine.version >= 0x050100);
    check(machine.header[0] >= '2');
}

int main(void)
{
    suite_begin("machine");
    suite_add(versions_are_read_as_numbers);
    suite_add(a_bug_is_known_from_its_first_kernel_to_its_last);
    suite_add(this_machine_has_a_kernel_and_an_architecture);
    return suite_end();
}

/* scripts_links.c: the failures that break a chain, and the results of the rest
 * of the chain. */
#include "conform.h"

static void full_read(void)
{
    script_pipe();
    script_write("five!");
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    io_uring_prep_nop(script_sqe(2));
    script_see(2);
}

static void short_read(void)
{
    script_pipe();
    script_write("five!");
    script_read(1, 16)->flags |= IOSQE_IO_LINK;
    io_uring_prep_nop(script_sqe(2));
    script_see(2);
}

static void short_read_hard(void)
{
    script_pipe();
    script_write("five!");
    script_read(1, 16)->flags |= IOSQE_IO_HARDLINK;
    io_uring_prep_nop(script_sqe(2));
    script_see(2);
}

static void rest_of_three(void)
{
    script_pipe();
    script_write("five!");
    script_read(1, 16)->flags |= IOSQE_IO_LINK;
    for (unsigned data = 2; data < 5; data++) {
        struct io_uring_sqe *sqe = script_sqe(data);

        io_uring_prep_nop(sqe);
        sqe->flags |= data < 4 ? IOSQE_IO_LINK : 0;
    }
    script_see(4);
}

static void second_waits(void)
{
    script_pipe();
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    io_uring_prep_nop(script_sqe(2));
    io_uring_prep_nop(script_sqe(3));
    script_see(1);
    script_write("five!");
    script_see(2);
}

static void skipped_success(void)
{
    struct io_uring_sqe *sqe = script_sqe(1);

    io_uring_prep_nop(sqe);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_prep_nop(script_sqe(2));
    script_see(1);
}

static void skipped_in_a_broken_chain(void)
{
    struct io_uring_sqe *sqe;

    script_pipe();
    script_write("five!");
    script_read(1, 16)->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
    sqe = script_sqe(2);
    io_uring_prep_nop(sqe);
    script_see(1);
}

static void cancelled_head(void)
{
    script_pipe();
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    io_uring_prep_nop(script_sqe(2));
    script_see(0);
    io_uring_prep_cancel64(script_sqe(3), 1, 0);
    script_see(3);
}

static void cancelled_second(void)
{
    script_pipe();
    script_read(1, 5)->flags |= IOSQE_IO_LINK;
    io_uring_prep_nop(script_sqe(2));
    script_see(0);
    io_uring_prep_cancel64(script_sqe(3), 2, 0);
    script_see(1);
    script_write("five!");
    script_see(1);
}

const struct script scripts_links[] = {
    {"a full read does not break a link", full_read},
    {"a short read breaks a link", short_read},
    {"a short read does not break a hard link", short_read_hard},
    {"the rest of a broken chain is cancelled in order", rest_of_three},
    {"an operation behind a link waits, and others do not", second_waits},
    {"CQE_SKIP_SUCCESS posts nothing for a success", skipped_success},
    {"CQE_SKIP_SUCCESS posts a short read that breaks a link",
     skipped_in_a_broken_chain},
    {"a cancel of the head cancels the chain", cancelled_head},
    {"a cancel does not find an operation behind a link", cancelled_second},
    {NULL, NULL},
};

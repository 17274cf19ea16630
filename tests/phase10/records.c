/* records.c: a connection's answers are counted until its socket takes
 * bytes. */
#include "records.h"

#include "suite.h"
#include "with_loop.h"

static struct records records;
static struct access_log access_log;
static struct traffic traffic;
static struct peer peer;

/* Records an answer of one byte. */
static void answer_one(uint64_t position)
{
    ck_assert(records_have_room(&records));
    records_begin(&records, NULL);
    records_note(&records, 200, position);
    records_end(&records, position + 1);
}

static void fill(enum log_format format)
{
    access_log.format = format;
    records_init(&records, &access_log, &traffic, &peer);
    for (unsigned i = 0; i < RECORDS_MAX; i++)
        answer_one(i);
    ck_assert(!records_have_room(&records));
}

/* A task that answers pipelined requests does not suspend until then. */
TASK_TEST(sixty_four_unsent_answers_leave_no_room_for_another)
{
    ck_assert_uint_eq(RECORDS_MAX, 64);
    fill(LOG_COMBINED);
    fill(LOG_OFF);
    ck_assert_uint_eq(traffic.answers[1], 2 * RECORDS_MAX);
    return 0;
}

TASK_TEST(there_is_room_after_the_socket_has_taken_bytes)
{
    fill(LOG_OFF);
    records_sent(&records, 0, 0);
    ck_assert(!records_have_room(&records));
    records_sent(&records, 1, 1);
    for (unsigned i = 0; i < RECORDS_MAX; i++)
        answer_one(RECORDS_MAX + i);
    ck_assert(!records_have_room(&records));
    return 0;
}

int main(void)
{
    suite_begin("records");
    suite_add(sixty_four_unsent_answers_leave_no_room_for_another);
    suite_add(there_is_room_after_the_socket_has_taken_bytes);
    return suite_end();
}

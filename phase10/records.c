/* records.c: answers that are not in the log yet; see records.h. */
#include "records.h"

#include <assert.h>
#include <string.h>

#include "loop.h"
#include "sys.h"

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_US UINT64_C(1000)

void records_init(struct records *records, struct access_log *log,
                  struct traffic *traffic, const struct peer *peer)
{
    records->log = log;
    records->traffic = traffic;
    records->peer = peer;
    records->status = 0;
    records->count = 0;
    records->has_begun = false;
    records->unsent = 0;
    records->len = 0;
}

bool records_have_room(const struct records *records)
{
    return records->unsent < RECORDS_MAX &&
           sizeof records->text - records->len >= RECORD_TEXT_MAX;
}

/* Returns a copy of at most max bytes of text. One byte more than fits into the
 * line is enough for the line to mark it as cut. */
static struct view keep(struct records *records, struct view text, size_t max)
{
    char *to = records->text + records->len;
    size_t len = text.len < max ? text.len : max;

    if (len > 0)
        memcpy(to, text.at, len);
    records->len += len;
    return (struct view){to, len};
}

void records_begin(struct records *records,
                   const struct http_request *request)
{
    struct record *record = &records->list[records->count];
    struct log_entry *entry = &record->entry;

    assert(records_have_room(records) && !records->has_begun);
    records->status = 0;
    records->unsent++;
    if (!records_are_kept(records))
        return;
    records->has_begun = true;
    records->begun_at = records->len;
    *entry = (struct log_entry){.time_s = (int64_t)(sys_wall_ns() / NS_PER_S)};
    record->began_ns = loop_now_ns();
    if (request == NULL)
        return;
    entry->minor = request->minor;
    entry->method = keep(records, http_view(request, request->method_name),
                         LOG_METHOD_MAX);
    entry->target = keep(records, http_view(request, request->target),
                         LOG_TARGET_MAX);
    entry->referer = keep(records, http_header(request, "referer"),
                          LOG_TEXT_MAX);
    entry->agent = keep(records, http_header(request, "user-agent"),
                        LOG_TEXT_MAX);
}

void records_note(struct records *records, int status, uint64_t body_at)
{
    records->status = status;
    records->body_at = body_at;
}

void records_forget(struct records *records)
{
    if (records->status != 0)
        traffic_count_answer(records->traffic, records->status);
    records->status = 0;
    records->has_begun = false;
    records->len = records->count > 0 ? records->begun_at : 0;
}

void records_end(struct records *records, uint64_t end_at)
{
    struct record *record = &records->list[records->count];

    if (records->status == 0 || !records_are_kept(records)) {
        records_forget(records);
        return;
    }
    traffic_count_answer(records->traffic, records->status);
    record->entry.status = records->status;
    record->body_at = records->body_at;
    record->end_at = end_at;
    records->has_begun = false;
    records->count++;
}

/* Writes the line of an answer. `sent` is the number of bytes that the
 * connection has sent. */
static void write_line(struct records *records, struct record *record,
                       uint64_t sent)
{
    struct log_entry *entry = &record->entry;
    char remote[PEER_TEXT_MAX];

    if (sent > record->end_at)
        sent = record->end_at;
    entry->sent = sent > record->body_at ? sent - record->body_at : 0;
    entry->spent_us = (loop_now_ns() - record->began_ns) / NS_PER_US;
    peer_format(records->peer, remote);
    entry->remote = view_of(remote);
    access_log_add(records->log, entry);
}

/* Removes the first `done` records. The record that has begun moves with the
 * others: its answer may wait for a disk while those before it are sent. The
 * text stays until no record is left. */
static void remove_first(struct records *records, unsigned done)
{
    records->count -= done;
    memmove(records->list, records->list + done,
            (records->count + records->has_begun) * sizeof *records->list);
    if (records->count == 0 && !records->has_begun)
        records->len = 0;
}

void records_sent(struct records *records, uint64_t sent, uint64_t len)
{
    unsigned done = 0;

    records->traffic->sent += len;
    if (len > 0)
        records->unsent = 0;
    while (done < records->count && records->list[done].end_at <= sent)
        write_line(records, &records->list[done++], sent);
    if (done > 0)
        remove_first(records, done);
}

void records_finish(struct records *records, uint64_t sent)
{
    for (unsigned i = 0; i < records->count; i++)
        write_line(records, &records->list[i], sent);
    remove_first(records, records->count);
}

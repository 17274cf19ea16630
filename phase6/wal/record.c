/* record.c: writes and checks the bytes of a log; see record.h. */
#include "record.h"

#include <assert.h>
#include <string.h>

#include "crc32c.h"

static const char magic[8] = "one-wal\n";
enum { VERSION = 1 };

static uint32_t log_head_crc(const struct log_head *head)
{
    return crc32c(0, head, offsetof(struct log_head, crc));
}

struct log_head log_head_make(uint64_t log_id)
{
    struct log_head head = {.log_id = log_id, .version = VERSION};

    memcpy(head.magic, magic, sizeof head.magic);
    head.crc = log_head_crc(&head);
    return head;
}

bool log_head_is_valid(const struct log_head *head)
{
    return memcmp(head->magic, magic, sizeof magic) == 0 &&
           head->version == VERSION && head->crc == log_head_crc(head);
}

bool log_head_is_unfinished(const void *bytes, size_t len)
{
    static const char zeros[sizeof(struct log_head)];

    if (len > sizeof zeros)
        return false;
    if (memcmp(bytes, zeros, len) == 0) /* only the file's size was stored */
        return true;
    return len < sizeof zeros &&
           memcmp(bytes, magic, len < sizeof magic ? len : sizeof magic) == 0;
}

size_t record_len(size_t len)
{
    return sizeof(struct record_head) + (len + 7) / 8 * 8;
}

/* Returns the start of both checksums of a record, which covers its place. */
static uint32_t crc_of_place(uint64_t log_id, uint64_t offset)
{
    const uint64_t place[2] = {log_id, offset};

    return crc32c(0, place, sizeof place);
}

static uint32_t crc_of_head(uint64_t log_id, uint64_t offset,
                            const struct record_head *head)
{
    return crc32c(crc_of_place(log_id, offset), head,
                  offsetof(struct record_head, head_crc));
}

static uint32_t crc_of_payload(uint64_t log_id, uint64_t offset,
                               const char *from, size_t len)
{
    return crc32c(crc_of_place(log_id, offset),
                  from + sizeof(struct record_head),
                  record_len(len) - sizeof(struct record_head));
}

void record_write(char *to, uint64_t log_id, uint64_t offset,
                  struct record_head head, const char *payload)
{
    size_t len = sizeof head + head.len;

    assert(head.len <= RECORD_PAYLOAD_MAX);
    memcpy(to + sizeof head, payload, head.len);
    memset(to + len, 0, record_len(head.len) - len);
    head.payload_crc = crc_of_payload(log_id, offset, to, head.len);
    head.head_crc = crc_of_head(log_id, offset, &head);
    memcpy(to, &head, sizeof head);
}

bool record_read_head(const char *from, uint64_t log_id, uint64_t offset,
                      struct record_head *head)
{
    memcpy(head, from, sizeof *head);
    return head->sequence > head->index && head->len <= RECORD_PAYLOAD_MAX &&
           head->head_crc == crc_of_head(log_id, offset, head);
}

bool record_is_whole(const char *from, uint64_t log_id, uint64_t offset,
                     const struct record_head *head)
{
    return head->payload_crc == crc_of_payload(log_id, offset, from, head->len);
}

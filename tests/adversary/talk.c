/* talk.c: what a peer sends, and what must come back; see talk.h. */
#include "talk.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RECORD_LEN 8
#define ID_MARK UINT32_C(0xA5000000) /* the high byte of each peer's number */
#define ID_MASK UINT32_C(0x00FFFFFF)

/* The witness has its own thread. */
static _Atomic uint32_t next_id = 1;

void talk_init(struct talk *talk, const struct target *target)
{
    memset(talk, 0, sizeof *talk);
    talk->target = target;
    talk->id = atomic_fetch_add(&next_id, 1) & ID_MASK;
}

__attribute__((format(printf, 2, 3))) static bool
fail(struct talk *talk, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsnprintf(talk->fault, sizeof talk->fault, format, values);
    va_end(values);
    return false;
}

static void write_record(unsigned char *record, uint32_t id, uint32_t number)
{
    for (int i = 0; i < 4; i++) {
        record[i] = (unsigned char)((ID_MARK | id) >> (24 - 8 * i));
        record[4 + i] = (unsigned char)(number >> (24 - 8 * i));
    }
}

static uint32_t read_word(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

void talk_next(const struct talk *talk, char *buf, size_t len)
{
    unsigned char record[RECORD_LEN];

    for (size_t i = 0; i < len; i++) {
        uint64_t at = talk->sent + i;

        if (talk->target->is_http) {
            buf[i] = talk->target->request[at % talk->target->message_len];
            continue;
        }
        if (i == 0 || at % RECORD_LEN == 0)
            write_record(record, talk->id, (uint32_t)(at / RECORD_LEN));
        buf[i] = (char)record[at % RECORD_LEN];
    }
}

/* Explains the record that came instead of the record with this number. */
static bool explain(struct talk *talk, uint32_t number)
{
    uint32_t id = read_word(talk->record), got = read_word(talk->record + 4);
    bool is_record = (id & ~ID_MASK) == ID_MARK && got < UINT32_C(1) << 28 &&
                     (id & ID_MASK) < atomic_load(&next_id);

    id &= ID_MASK;
    if (is_record && id != talk->id)
        return fail(talk, "bytes of another peer: peer %u received record %u "
                    "of peer %u", talk->id, got, id);
    if (is_record && got > number)
        return fail(talk, "bytes are missing: record %u came after record %u",
                    got, number - 1);
    if (is_record)
        return fail(talk, "bytes came twice: record %u came again after "
                    "record %u", got, number - 1);
    return fail(talk, "bytes are missing or changed: from byte %llu on, they "
                "are not those that were sent",
                (unsigned long long)number * RECORD_LEN);
}

static bool take_tcp(struct talk *talk, const char *buf, size_t len)
{
    unsigned char right[RECORD_LEN];

    for (size_t i = 0; i < len; i++) {
        uint64_t at = talk->received++;
        uint32_t number = (uint32_t)(at / RECORD_LEN);

        talk->record[at % RECORD_LEN] = (unsigned char)buf[i];
        if (at % RECORD_LEN != RECORD_LEN - 1)
            continue;
        write_record(right, talk->id, number);
        if (memcmp(right, talk->record, RECORD_LEN) != 0)
            return explain(talk, number);
        if (at >= talk->sent)
            return fail(talk, "more bytes came back than were sent");
    }
    talk->answers = talk->received / talk->target->message_len;
    return true;
}

/* Returns the value of a field of the head, or NULL. */
static const char *field(const struct talk *talk, const char *name)
{
    const char *line = talk->head;
    size_t len = strlen(name);

    while ((line = strstr(line, "\r\n")) != NULL) {
        line += 2;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':')
            return line + len + 1 + strspn(line + len + 1, " \t");
    }
    return NULL;
}

static bool begin_body(struct talk *talk)
{
    const struct target *target = talk->target;
    const char *length = field(talk, "content-length");
    const char *connection = field(talk, "connection");

    if (strncmp(talk->head, "HTTP/1.", 7) != 0 || talk->head_len < 13)
        return fail(talk, "the answer does not begin with HTTP/1.: '%.20s'",
                    talk->head);
    if (length == NULL)
        return fail(talk, "an answer without Content-Length");
    talk->status = atoi(talk->head + 9);
    talk->body_len = strtoull(length, NULL, 10);
    talk->body_left = talk->body_len;
    talk->closes =
        connection != NULL && strncasecmp(connection, "close", 5) == 0;
    if (talk->is_learning && talk->body_len > TARGET_BODY_MAX)
        return fail(talk, "the file has more than 64 MiB");
    if (!talk->is_learning && talk->status == target->status &&
        talk->body_len != target->body_len)
        return fail(talk, "a body of %llu bytes, not %zu",
                    (unsigned long long)talk->body_len, target->body_len);
    talk->is_in_body = true;
    talk->head_len = 0;
    return true;
}

/* Takes bytes of a head. Returns their number; 0: the head is wrong. */
static size_t take_head(struct talk *talk, const char *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (talk->head_len == sizeof talk->head - 1) {
            fail(talk, "a head of more than %u bytes", talk->head_len);
            return 0;
        }
        talk->head[talk->head_len++] = buf[i];
        talk->head[talk->head_len] = '\0';
        if (talk->head_len >= 4 && memcmp(talk->head + talk->head_len - 4,
                                          "\r\n\r\n", 4) == 0)
            return begin_body(talk) ? i + 1 : 0;
    }
    return len;
}

/* Takes bytes of a body. Returns their number; 0: they are wrong. */
static size_t take_body(struct talk *talk, const char *buf, size_t len)
{
    const struct target *target = talk->target;
    size_t at = talk->body_len - talk->body_left;

    len = len < talk->body_left ? len : talk->body_left;
    if (talk->is_learning)
        memcpy(target->body + at, buf, len);
    else if (talk->status == target->status &&
             memcmp(target->body + at, buf, len) != 0) {
        fail(talk, "the body is not the file's: a byte from %zu to %zu is "
             "wrong", at, at + len);
        return 0;
    }
    talk->body_left -= len;
    return len;
}

static bool take_http(struct talk *talk, const char *buf, size_t len)
{
    talk->received += len;
    while (len > 0 || (talk->is_in_body && talk->body_left == 0)) {
        size_t taken = 0;

        if (talk->is_in_body && talk->body_left == 0) {
            talk->is_in_body = false;
            talk->answers++;
            talk->refusals += !talk->is_learning &&
                              talk->status != talk->target->status;
            continue;
        }
        taken = talk->is_in_body ? take_body(talk, buf, len)
                                 : take_head(talk, buf, len);
        if (taken == 0)
            return false;
        buf += taken;
        len -= taken;
    }
    return true;
}

bool talk_take(struct talk *talk, const char *buf, size_t len)
{
    return talk->target->is_http ? take_http(talk, buf, len)
                                 : take_tcp(talk, buf, len);
}

bool talk_is_answered(const struct talk *talk)
{
    if (talk->target->is_http)
        return talk->answers >= talk->sent / talk->target->message_len;
    return talk->received == talk->sent;
}

/* sim_reply.c: checks responses; see sim_reply.h.
 *
 * What it teaches: which promises a response makes. Its length is that of the
 * file at an instant after the request, and its bytes are the file's. If the
 * server cannot keep the promise, it may only break the connection off. And two
 * responses with the same strong tag have the same bytes. */
#include "sim_reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_check.h"
#include "sim_knobs.h"

#define TAGS_MAX 64u
#define TAG_MAX 64

/* A strong tag, and the states of files that it was sent with. */
static struct {
    struct tag {
        char text[TAG_MAX];
        editor_states states;
    } tags[TAGS_MAX];
    unsigned count;
} tags;

void reply_begin(void)
{
    tags.count = 0;
}

/* Copies the value of a field to value, which has size bytes. Returns false if
 * the head has no such field. */
static bool field(const struct reply *reply, const char *name, char *value,
                  size_t size)
{
    const char *at = strstr(reply->head, name);

    if (at == NULL)
        return false;
    at += strlen(name);
    (void)snprintf(value, size, "%.*s", (int)strcspn(at, "\r"), at);
    return true;
}

bool reply_may_fail(void)
{
    return !knobs_are_calm() || knob_is_on(KNOB_EIO) || knob_is_on(KNOB_EAGAIN);
}

/* The status must have been the right one at some instant. */
static void check_status(struct reply *reply, const struct request *request,
                         uint64_t file_len)
{
    editor_states all = editor_since(request->name, request->since);
    bool is_refusal = reply->status == 500 || reply->status == 503 ||
                      reply->status == 408;
    bool is_right = is_refusal && reply_may_fail();

    if (request->name == REPLY_NO_NAME) {
        is_right |= reply->status == 404;
    } else if (reply->status == 404) {
        is_right = editor_absent(all) != 0;
    } else if (reply->status == 200 || reply->status == 206 ||
               reply->status == 416) {
        reply->states = editor_with_len(all, file_len);
        is_right = reply->states != 0;
    }
    check_that(is_right, "an-answer-was-right-at-some-instant", "the status is",
               reply->status);
}

/* Reads "bytes 3-9/20" or "bytes *" "/20". Returns the length of the file. */
static uint64_t read_range(struct reply *reply, const struct request *request,
                           const char *range, uint64_t body_len)
{
    uint64_t first, last, len;

    if (sscanf(range, "bytes */%" SCNu64, &len) == 1) {
        check_that(request->from >= len, "a-range-is-the-requested-one",
                   "refused is a range that begins at", request->from);
        return len;
    }
    if (sscanf(range, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &first, &last,
               &len) != 3)
        check_fail("a-head-is-well-formed", "the range is '%s'", range);
    check_that(first == request->from && last == len - 1 &&
                   body_len == last - first + 1,
               "a-range-is-the-requested-one", "the first byte is",
               (int64_t)first);
    reply->at = first;
    return len;
}

/* Checks the head, which is complete, and prepares for the body. */
static void take_head(struct reply *reply, const struct request *request)
{
    char length[24], range[64];
    uint64_t body_len;

    if (sscanf(reply->head, "HTTP/1.1 %d ", &reply->status) != 1 ||
        !field(reply, "\r\nContent-Length: ", length, sizeof length))
        check_fail("a-head-is-well-formed", "the head is '%s'", reply->head);
    check_trace("status %d, length %s", reply->status, length);
    body_len = strtoull(length, NULL, 10);
    reply->at = 0;
    reply->states = 0;
    if (field(reply, "\r\nContent-Range: ", range, sizeof range))
        check_status(reply, request,
                     read_range(reply, request, range, body_len));
    else
        check_status(reply, request, body_len);
    if (reply->status == 416)
        reply->states = 0; /* its body is a page */
    /* After a part of a request, the server does not know that it is HEAD. */
    if (request->is_head && reply->status != 408)
        body_len = 0;
    reply->body_end = reply->at + body_len;
}

/* Compares the answer with all earlier ones that had its tag. */
static void check_tag(struct reply *reply)
{
    editor_states states = editor_equal(reply->states);
    char text[TAG_MAX];
    unsigned i = 0;

    if (!field(reply, "\r\nETag: ", text, sizeof text) || text[0] != '"')
        return;
    while (i < tags.count && strcmp(tags.tags[i].text, text) != 0)
        i++;
    if (i == TAGS_MAX)
        return;
    if (i == tags.count) {
        tags.tags[tags.count++].states = states;
        memcpy(tags.tags[i].text, text, sizeof text);
    }
    tags.tags[i].states &= states;
    check_that(tags.tags[i].states != 0, "a-strong-tag-means-equal-bytes",
               "two different files have one tag; status", reply->status);
}

bool reply_take(struct reply *reply, const struct request *request, char byte)
{
    if (reply->status == 0) {
        check_that(reply->head_len + 1 < REPLY_HEAD_MAX,
                   "a-head-is-well-formed", "its length is at least",
                   reply->head_len);
        reply->head[reply->head_len++] = byte;
        reply->head[reply->head_len] = '\0';
        if (reply->head_len < 4 ||
            memcmp(&reply->head[reply->head_len - 4], "\r\n\r\n", 4) != 0)
            return false;
        take_head(reply, request);
    } else {
        if (reply->states != 0) {
            reply->states = editor_with_byte(reply->states, reply->at,
                                             (unsigned char)byte);
            check_that(reply->states != 0, "served-bytes-are-the-file's",
                       "there is a wrong byte at", (int64_t)reply->at);
        }
        reply->at++;
    }
    if (reply->at < reply->body_end)
        return false;
    if (reply->states != 0)
        check_tag(reply);
    *reply = (struct reply){.status = 0};
    return true;
}

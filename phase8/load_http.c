/* load_http.c: counts the responses of an HTTP server; see load_http.h. */
#include "load_http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* Reads the head, which ends with a NUL. Returns 0 or -EBADMSG. */
static int read_head(struct load_http *http)
{
    static const char field[] = "\r\nContent-Length:";
    const char *length = strcasestr(http->head, field);
    unsigned long status = 0;

    if (strncmp(http->head, "HTTP/1.1 ", 9) == 0)
        status = strtoul(http->head + 9, NULL, 10);
    if (status < 200 || status > 599 || length == NULL)
        return -EBADMSG;
    http->refused += status >= 300;
    http->body_left = strtoull(length + sizeof field - 1, NULL, 10);
    return 0;
}

/* Moves bytes to the head until it is complete. Returns how many of them belong
 * to it, or -errno as load_http_take. */
static int take_head(struct load_http *http, const char *bytes, size_t len)
{
    size_t room = LOAD_HEAD_MAX - http->head_len, before = http->head_len;
    size_t from = before < 3 ? 0 : before - 3; /* the end may be cut in two */
    char *end;

    if (room == 0)
        return -EMSGSIZE;
    len = len < room ? len : room;
    memcpy(http->head + before, bytes, len);
    http->head_len += len;
    end = memmem(http->head + from, http->head_len - from, "\r\n\r\n", 4);
    if (end == NULL)
        return (int)len;
    end[2] = '\0';
    http->head_len = 0;
    if (read_head(http) < 0)
        return -EBADMSG;
    return (int)(end + 4 - http->head - (ptrdiff_t)before);
}

int load_http_take(struct load_http *http, const char *bytes, size_t len)
{
    int count = 0;

    while (len > 0) {
        bool is_body = http->body_left > 0;
        uint64_t taken = len < http->body_left ? len : http->body_left;

        if (is_body) {
            http->body_left -= taken;
        } else {
            int used = take_head(http, bytes, len);

            if (used < 0)
                return used;
            taken = (uint64_t)used;
        }
        bytes += taken;
        len -= taken;
        count += http->body_left == 0 && http->head_len == 0;
    }
    return count;
}

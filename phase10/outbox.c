/* outbox.c: the answers of one connection that are not sent yet; see
 * outbox.h. */
#include "outbox.h"

#include "transfer.h"

int outbox_await_send(struct outbox *outbox, struct view body,
                      unsigned quiet_ms)
{
    struct view bytes = {outbox->bytes, outbox->len};

    outbox->len = 0;
    return transfer_await_views(outbox->fd, bytes, body, quiet_ms);
}

/* bridge-glib: a ring inside GLib's main loop.
 *
 * GTK and many daemons use GLib's loop. It waits for sources, and each source
 * has callbacks. A bridge needs three of them. GLib calls prepare before each
 * wait (1), and prepare also sets the timeout of that wait (2). After the wait
 * GLib calls check, which reports whether the descriptor is ready (3), and then
 * dispatch, which handles it (4). Compare bridge-epoll.c and bridge-uv.c: only
 * the host differs. */
#include <glib-unix.h>
#include <stdio.h>

#include "guest.h"

/* g_source_new allocates this struct and returns a pointer to its first
 * member. */
struct ring_source {
    GSource source;
    gpointer tag;       /* GLib's handle of the bridge's descriptor */
    GMainLoop *loop;    /* borrowed */
    struct guest *guest; /* borrowed */
    int rc;              /* 0, or -errno of the ring */
};

/* (1) GLib calls this before each wait. bridge_run runs tasks. The tasks may
 * add sources, but must not run this loop recursively. */
static gboolean bridge_glib_on_prepare(GSource *source, gint *timeout_ms)
{
    struct ring_source *ring = (struct ring_source *)source;
    struct bridge *bridge = &ring->guest->bridge;

    ring->rc = bridge_run(bridge);
    if (ring->rc < 0 || bridge_is_idle(bridge)) {
        g_main_loop_quit(ring->loop);
        *timeout_ms = 0;
        return FALSE;
    }
    *timeout_ms = bridge_timeout_ms(bridge); /* (2) */
    return FALSE; /* nothing to dispatch: bridge_run did the work */
}

/* (3) Returns whether the descriptor is ready. */
static gboolean bridge_glib_on_check(GSource *source)
{
    struct ring_source *ring = (struct ring_source *)source;

    return (g_source_query_unix_fd(source, ring->tag) & G_IO_IN) != 0;
}

/* (4) Clears the signal that has woken the host. The tasks run in (1). */
static gboolean bridge_glib_on_dispatch(GSource *source, GSourceFunc unused,
                                        gpointer data)
{
    struct ring_source *ring = (struct ring_source *)source;

    (void)unused, (void)data;
    bridge_ack(&ring->guest->bridge);
    return G_SOURCE_CONTINUE;
}

static gboolean bridge_glib_on_tick(gpointer guest)
{
    guest_tick(guest);
    return G_SOURCE_CONTINUE;
}

/* Runs GLib's loop until the last task has ended. Both sources have the same
 * priority, so neither a busy task nor the ticker can starve the other. Returns
 * 0 or -errno. */
static int host_run(struct guest *guest)
{
    static GSourceFuncs functions = {
        .prepare = bridge_glib_on_prepare,
        .check = bridge_glib_on_check,
        .dispatch = bridge_glib_on_dispatch,
    };
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    GSource *source = g_source_new(&functions, sizeof(struct ring_source));
    struct ring_source *ring = (struct ring_source *)source;
    guint ticker = g_timeout_add(GUEST_TICK_MS, bridge_glib_on_tick, guest);
    int rc;

    ring->loop = loop;
    ring->guest = guest;
    ring->tag = g_source_add_unix_fd(source, guest->bridge.fd, G_IO_IN);
    (void)g_source_attach(source, NULL);
    g_main_loop_run(loop);
    rc = ring->rc;
    (void)g_source_remove(ticker);
    g_source_destroy(source); /* stops watching the bridge */
    g_source_unref(source);
    g_main_loop_unref(loop);
    return rc;
}

int main(int argc, char **argv)
{
    static struct guest guest;
    int code = guest_begin(&guest, "bridge-glib", "GLib's main loop", argc,
                           argv);

    if (code >= 0)
        return code;
    if (guest.options.watch == BRIDGE_HOST_FD) {
        fputs("bridge-glib: GLib waits with poll(2) and has no descriptor that "
              "a ring could watch; see bridge-glib --help\n", stderr);
        return 2;
    }
    return guest_end(&guest, host_run(&guest));
}

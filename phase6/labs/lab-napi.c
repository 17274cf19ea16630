/* lab-napi.c: polling the network card during a wait.
 * Introduced in phase 6. Needs: lab.h, uring_wait.h.
 *
 * What it teaches: with IORING_REGISTER_NAPI (6.9) a wait for completions polls
 * the receive queues of the card for a short time before it sleeps. That saves
 * the interrupt and the wake-up, and costs CPU time. The kernel learns which
 * queues to poll in one of two ways (6.13):
 *
 *      dynamic   from the sockets on which operations wait
 *      static    the program adds the ids of queues (SO_INCOMING_NAPI_ID)
 *
 * Loopback has no card and no queue, so the kernel polls nothing here. The lab
 * shows the registration, but no gain. Each registration returns the settings
 * that it replaces. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"
#include "uring_wait.h"

static struct ur_napi settings; /* the request, and then the older settings */

static int change(struct io_uring *ring, unsigned what, struct ur_napi request)
{
    settings = request;
    return io_uring_register((unsigned)ring->ring_fd, what, &settings, 1);
}

/* Makes two connected TCP sockets of loopback. */
static void connect_pair(int fds[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, len) < 0 ||
        listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) < 0 ||
        connect(fds[0], (struct sockaddr *)&address, len) < 0)
        exit(LAB_USAGE);
    fds[1] = accept(listener, NULL, NULL);
    (void)close(listener);
}

static void receive(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct ur_napi request = {.op = UR_NAPI_ADD_ID};
    unsigned id = 1;
    socklen_t len = sizeof id;
    int fds[2];
    char byte;

    connect_pair(fds);
    if (write(fds[0], "x", 1) != 1)
        exit(LAB_USAGE);
    io_uring_prep_recv(sqe, fds[1], &byte, 1, 0);
    io_uring_sqe_set_data64(sqe, 1);
    lab_result("a receive on loopback", 1, lab_run(ring, 1));
    (void)getsockopt(fds[1], SOL_SOCKET, SO_INCOMING_NAPI_ID, &id, &len);
    lab_result("the id of the socket's queue", 0, (int)id);
    request.op_param = id;
    lab_result("adding this id", -EINVAL,
               change(ring, UR_REGISTER_NAPI, request));
    request.op_param = 1000000; /* ids are larger than the number of CPUs */
    lab_result("adding the id 1000000", 0,
               change(ring, UR_REGISTER_NAPI, request));
}

static void use(struct io_uring *ring)
{
    const struct ur_napi with_static = {.busy_poll_us = 20,
                                        .op_param = UR_NAPI_STATIC};
    int rc;

    lab_print("50 us, preferred to interrupts");
    lab_result("microseconds so far", 0, (int)settings.busy_poll_us);
    rc = change(ring, UR_REGISTER_NAPI, with_static);
    if (rc == -EINVAL) {
        lab_absent("static tracking", "the kernel has none (6.13)");
    } else {
        lab_print("20 us, static tracking");
        lab_result("the registration", 0, rc);
        lab_result("microseconds so far", 50, (int)settings.busy_poll_us);
        lab_truth("preferred so far", true, settings.prefer_busy_poll == 1);
        receive(ring);
    }
    lab_print("no polling");
    lab_result("the end of the registration", 0,
               change(ring, UR_UNREGISTER_NAPI, (struct ur_napi){0}));
    lab_result("the end of no registration", 0,
               change(ring, UR_UNREGISTER_NAPI, (struct ur_napi){0}));
    lab_result("microseconds so far", 0, (int)settings.busy_poll_us);
}

int main(int argc, char **argv)
{
    const struct ur_napi request = {.busy_poll_us = 50, .prefer_busy_poll = 1};
    struct io_uring ring;
    int rc, code = lab_options(argc, argv, "lab-napi",
                               "How does a wait poll the network?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    rc = change(&ring, UR_REGISTER_NAPI, request);
    if (rc == 0)
        use(&ring);
    else
        lab_absent("NAPI", rc == -EINVAL ? "the kernel has none (6.9)"
                                         : "the kernel has no busy polling");
    io_uring_queue_exit(&ring);
    return lab_end();
}

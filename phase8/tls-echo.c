/* tls-echo.c: echo over TLS, by OpenSSL with memory BIOs.
 *
 * What it teaches: a TLS library is a function from bytes to bytes. It need not
 * know about sockets:
 *
 *     stream --> [ in BIO ] --SSL_read--> plain bytes
 *     socket <-- [ out BIO ] <-SSL_write-- plain bytes
 *
 * The task moves the encrypted bytes with the ring's operations. If SSL_read
 * wants more bytes, the task receives some and calls it again. After each call
 * it sends what the library has written: also a read may write, for example
 * during the handshake.
 *
 * Two hazards
 *  - OpenSSL has one queue of errors per thread, and all tasks of a thread
 *    share it. So a task clears it just before a call, reads it just after,
 *    and does not suspend in between.
 *  - The end of the connection is not the end of the data. Only a close_notify
 *    is: without it, an attacker may have cut the stream.
 *
 * See docs/tls.md. Read tls_await_read() first. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "server_command.h"

#define NS_PER_MS UINT64_C(1000000)
#define RECORD_LEN 16384 /* the most that a TLS record holds */
#define CIPHER_LEN 32768

static struct server_command server = SERVER_COMMAND_DEFAULT(7443);
static const char *cert_path = "cert.pem", *key_path = "key.pem";
static SSL_CTX *context; /* owned; threads may share it, as it counts users */

/* The state of a connection: no byte of it is on the task's small stack. */
struct tls {
    struct conn *conn; /* borrowed */
    SSL *ssl;          /* owned, and with it both BIOs */
    char plain[RECORD_LEN];
    char cipher[CIPHER_LEN];
};

/* Sends what OpenSSL has written. Returns 0 or -errno. */
static int tls_await_flush(struct tls *tls)
{
    BIO *out = SSL_get_wbio(tls->ssl);
    int len;

    while ((len = BIO_read(out, tls->cipher, CIPHER_LEN)) > 0) {
        int rc = await_send_all(tls->conn->fd, tls->cipher, (size_t)len);

        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Receives once for OpenSSL. The BIO is empty then, so it holds at most one
 * receive buffer. Returns 0, -EPIPE at the end of the input, or -errno. */
static int tls_await_fill(struct tls *tls)
{
    struct chunk chunk;
    int rc = stream_await_chunk(&tls->conn->in, &chunk);

    if (rc <= 0)
        return rc < 0 ? rc : -EPIPE;
    rc = BIO_write(SSL_get_rbio(tls->ssl), chunk.data, (int)chunk.len);
    stream_release(&tls->conn->in, &chunk);
    return rc > 0 ? 0 : -ENOMEM;
}

/* Does what a call of OpenSSL that returned result asks for.
 *
 * Returns  1         call it again
 *          0         the peer has ended its data with a close_notify
 *          -EBADMSG  the peer's bytes are not valid TLS; it was sent an alert
 *          -errno    from tls_await_flush or tls_await_fill */
static int tls_await_progress(struct tls *tls, int result)
{
    int error = SSL_get_error(tls->ssl, result); /* before any suspension */
    int rc = tls_await_flush(tls);

    if (rc < 0)
        return rc;
    switch (error) {
    case SSL_ERROR_WANT_READ:
        rc = tls_await_fill(tls);
        return rc < 0 ? rc : 1;
    case SSL_ERROR_WANT_WRITE:
        return 1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        return -EBADMSG;
    }
}

/* One deadline covers the whole handshake, as for the head of a request. */
static int tls_await_handshake(struct tls *tls)
{
    int result, rc = 1;

    deadline_set_ns(server.limits.header_ms * NS_PER_MS);
    while (rc > 0) {
        ERR_clear_error();
        result = SSL_do_handshake(tls->ssl);
        if (result == 1)
            return tls_await_flush(tls);
        rc = tls_await_progress(tls, result);
    }
    return rc < 0 ? rc : -EPIPE;
}

/* Returns the number of plain bytes, 0 at the end of the data, or -errno. */
static int tls_await_read(struct tls *tls)
{
    int result, rc = 1;

    deadline_set_ns(server.limits.idle_ms * NS_PER_MS);
    while (rc > 0) {
        ERR_clear_error();
        result = SSL_read(tls->ssl, tls->plain, RECORD_LEN);
        if (result > 0) {
            rc = tls_await_flush(tls); /* a read may answer a key update */
            return rc < 0 ? rc : result;
        }
        rc = tls_await_progress(tls, result);
    }
    return rc;
}

/* Encrypts and sends len bytes. Returns 0 or -errno. */
static int tls_await_write(struct tls *tls, int len)
{
    int result, rc = 1;

    deadline_set_ns(server.limits.send_ms * NS_PER_MS);
    while (rc > 0) {
        ERR_clear_error();
        result = SSL_write(tls->ssl, tls->plain, len);
        if (result > 0) /* the whole record: the BIO takes any length */
            return tls_await_flush(tls);
        rc = tls_await_progress(tls, result);
    }
    return rc < 0 ? rc : -EPIPE;
}

static int tls_await_echo(struct tls *tls)
{
    int rc = tls_await_handshake(tls), len;

    while (rc == 0) {
        len = tls_await_read(tls);
        if (len <= 0) {
            rc = len;
            break;
        }
        rc = tls_await_write(tls, len);
    }
    if (rc < 0)
        return rc;
    (void)SSL_shutdown(tls->ssl); /* our close_notify */
    return tls_await_flush(tls);
}

/* One connection. */
static void tls_serve(struct conn *conn) /* task body */
{
    struct tls *tls = conn->state;
    int rc;

    conn_set_idle(conn, false);
    tls->conn = conn;
    tls->ssl = SSL_new(context);
    if (tls->ssl == NULL) {
        conn->aborts = true;
        return;
    }
    SSL_set_bio(tls->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(tls->ssl);
    rc = tls_await_echo(tls);
    conn->aborts = rc < 0 && rc != -EBADMSG; /* that peer got an alert */
    SSL_free(tls->ssl);
}

/* Returns 0, or COMMAND_FAILED after printing a message. */
static int open_context(void)
{
    context = SSL_CTX_new(TLS_server_method());
    if (context != NULL &&
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
        SSL_CTX_use_certificate_chain_file(context, cert_path) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) == 1) {
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
        return 0;
    }
    fprintf(stderr, "tls-echo: cannot use %s and %s: %s\n", cert_path, key_path,
            ERR_reason_error_string(ERR_peek_last_error()));
    SSL_CTX_free(context);
    return COMMAND_FAILED;
}

static void tls_print_listening(const struct net_address *address)
{
    char text[NET_TEXT_MAX];

    net_format(address, text);
    printf("listening on tls://%s\n", text);
    fflush(stdout);
}

static const char help[] =
    "[options]\n"
    "Returns to every client what it sent, over TLS, until SIGTERM.\n\n"
    "  --cert FILE      the certificate and its chain, PEM (cert.pem)\n"
    "  --key FILE       its private key, PEM (key.pem)\n"
    SERVER_COMMAND_HELP("7443")
    "  --help, --version\n";

static const struct command_option options[] = {
    SERVER_COMMAND_OPTIONS(server),
    {.name = "cert", .text = &cert_path},
    {.name = "key", .text = &key_path},
    {0},
};

int main(int argc, char **argv)
{
    struct service_options service = {
        .name = "tls connection",
        .serve = tls_serve,
        .state_len = sizeof(struct tls),
        .on_listening = tls_print_listening,
    };
    struct command command = {
        .name = "tls-echo",
        .help = help,
        .options = options,
    };
    int code = server_command_read(&server, &service, &command, argc, argv);

    if (code == COMMAND_GO_ON && open_context() == 0) {
        code = service_main(&service, "tls-echo");
        SSL_CTX_free(context);
    } else if (code == COMMAND_GO_ON) {
        code = COMMAND_FAILED;
    }
    return command_finish(&command, code);
}

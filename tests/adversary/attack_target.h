/* attack_target.h: the server under attack: its address, and what it answers.
 *
 * Part of adversary. Uses plain sockets: the attacker must not share the bugs
 * of lib/net. */
#ifndef TESTS_ADVERSARY_ATTACK_TARGET_H
#define TESTS_ADVERSARY_ATTACK_TARGET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TARGET_REQUEST_MAX 1024
#define TARGET_BODY_MAX ((size_t)64 << 20) /* bytes of the file to request */

struct target {
    bool is_http;
    struct sockaddr_storage address;
    socklen_t len;
    char where[64];                   /* HOST:PORT, for messages */
    const char *path;                 /* of HTTP; borrowed */
    char request[TARGET_REQUEST_MAX]; /* of HTTP */
    size_t message_len; /* bytes of the request, or of a TCP message */
    int status;         /* of HTTP: the right answer's */
    char *body;         /* owned: of HTTP, the right answer's */
    size_t body_len;
};

/* Parses HOST:PORT, or HOST:PORT/PATH for HTTP. HOST is numeric, or localhost;
 * an IPv6 address is in brackets.
 *
 * Returns NULL  success
 *         text  the reason why it is not an address */
const char *target_parse(struct target *target, const char *text);

/* Sets the port, or the path, and the request that names it. */
void target_set_port(struct target *target, unsigned port);
void target_set_path(struct target *target, const char *path);

/* Returns the port. */
unsigned target_port(const struct target *target);

/* Returns true if the address is of this machine only. */
bool target_is_loopback(const struct target *target);

/* Begins to connect a new nonblocking socket. receive_len is the size of its
 * receive buffer; 0: the kernel's default. The caller owns the fd.
 *
 * Returns >= 0    the fd
 *         -errno  from socket(2) or connect(2) */
int target_connect(const struct target *target, int receive_len);

/* Closes fd with a RST. */
void target_reset(int fd);

/* Returns CLOCK_MONOTONIC in milliseconds. */
uint64_t target_now_ms(void);

#endif

/* tcp.h: connected TCP sockets for the labs.
 * Introduced in phase 8. Needs: nothing. */
#ifndef PHASE8_TCP_H
#define PHASE8_TCP_H

/* Returns a socket that listens on loopback, at any free port. Exits after
 * printing a message if that fails. */
int tcp_listen(void);

/* Returns a socket that is connected to a listener of tcp_listen. Exits after
 * printing a message if that fails. */
int tcp_connect(int listener);

/* Creates two connected sockets, as lab_sockets does. */
void tcp_pair(int fds[2]);

#endif

/* sim_clients.h: the clients of a web server.
 *
 * Each client sends a few requests, perhaps all at once, in parts of any
 * length. It may be slow, stop reading, end its side early or reset the
 * connection. sim_reply.h checks what it receives. */
#ifndef PHASE6_SIM_CLIENTS_H
#define PHASE6_SIM_CLIENTS_H

#include <stdbool.h>

/* Makes up to count_max clients. They connect one by one. */
void clients_begin(unsigned count_max);

/* Returns true if no client will do anything more, unless the program does. */
bool clients_are_done(void);

/* Fails with "every-client-served" if a client is still connected, or, if
 * nothing excuses the server, if a request was not answered. */
void clients_check_end(void);

#endif

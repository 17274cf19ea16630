/* sim_epoll.h: epoll of the simulated kernel.
 *
 *     epoll fd --> struct epoll --> item: file, events, data
 *                               --> item ...
 *
 * sim_epoll.c defines epoll_create1(2), epoll_ctl(2) and epoll_wait(2). An item
 * holds no reference: when the last descriptor of its file is closed, and no
 * operation uses the file, the item is gone. */
#ifndef PHASE6_SIM_EPOLL_H
#define PHASE6_SIM_EPOLL_H

#include "sim_file.h"

/* Forgets all epoll descriptors. */
void epoll_begin(void);

/* Removes file from all epoll descriptors. */
void epoll_forget(const struct sim_file *file);

#endif

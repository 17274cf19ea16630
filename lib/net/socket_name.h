/* socket_name.h: the name of a Unix socket in the file system.
 * Introduced in phase 8. Needs: nothing.
 *
 *     bind --> [ name -> inode -> socket ] --SIGKILL--> [ name -> inode ]
 *                                                            stale
 *
 * bind(2) creates a name, which remains when the process ends. So a server has
 * to remove its name when it stops. After a SIGKILL it cannot, and the next
 * server finds a stale name to replace. A server that removes its own name or
 * replaces a stale name could by mistake remove a file of another program.
 *
 * Rules
 *  - A name is stale only if it is a socket that no process has bound. To test
 *    this, connect a datagram socket to the name. connect(2) fails with
 *    ECONNREFUSED if no process has bound the name, and with EPROTOTYPE if a
 *    server has bound a stream socket to it. The server does not notice the
 *    test.
 *  - Lock the directory while you replace a name. Otherwise two servers could
 *    both find the name stale, and the second would remove the new socket of
 *    the first.
 *  - Remove a name only if it still refers to the inode that bind(2) created.
 *    Do this before you close the socket: while the socket is open, the kernel
 *    does not reuse the inode number.
 *
 * Source: unix(7). */
#ifndef ONE_RING_SOCKET_NAME_H
#define ONE_RING_SOCKET_NAME_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Identifies the file that bind(2) created. A zeroed struct stands for no
 * file. */
struct socket_name {
    dev_t device;
    ino_t inode;
};

/* Binds fd to the path of *at, and replaces a stale name. If mode is 0, the
 * umask determines the permissions of the socket file. Otherwise mode
 * determines them. To set them, the call changes the process's umask for a
 * moment, so no other thread may create files during the call.
 *
 * Returns  0            success; *name is set
 *          -EADDRINUSE  the name exists and is not stale, or another process
 *                       has locked the directory
 *          -errno       from bind(2) */
int socket_name_bind(int fd, const struct sockaddr_un *at, mode_t mode,
                     struct socket_name *name);

/* Removes the path of *at if it still refers to the file in *name. Then clears
 * *name. Does nothing if *name is zeroed. */
void socket_name_remove(const struct sockaddr_un *at, struct socket_name *name);

#endif

/* socket_name.h: the name of a Unix socket in the file system.
 * Introduced in phase 8. Needs: nothing.
 *
 *     bind --> [ name -> inode -> socket ] --SIGKILL--> [ name -> inode ]
 *                                                            stale
 *
 * bind(2) creates a name, and the end of the process does not remove it. So a
 * server has to remove its name, and after a SIGKILL the next server finds a
 * stale one. Both steps can hit a file of another program.
 *
 * Rules
 *  - A name is stale only if it is a socket that no process has bound. A
 *    datagram socket shows this without a connection to the server: connecting
 *    it is refused if the name is stale, and has the wrong type if it is not.
 *  - Replace a name only while its directory is locked, or two servers could
 *    find it stale, and the second one would remove the socket of the first.
 *  - Remove a name only if it still has the inode that bind(2) has made, and
 *    before the socket is closed: until then no other file gets the inode.
 *
 * Source: unix(7). */
#ifndef ONE_RING_SOCKET_NAME_H
#define ONE_RING_SOCKET_NAME_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The inode that was bound. Zeroed: none. */
struct socket_name {
    dev_t device;
    ino_t inode;
};

/* Binds fd to the path of at, and takes over a stale name. If mode is not 0,
 * the socket gets these permissions; otherwise the umask decides. Changes the
 * umask for a moment: no other thread may create files.
 *
 * Returns  0            success; *name is set
 *          -EADDRINUSE  the name exists, and is not a stale socket; or another
 *                       process is binding in this directory
 *          -errno       from bind(2) */
int socket_name_bind(int fd, const struct sockaddr_un *at, mode_t mode,
                     struct socket_name *name);

/* Removes the name of at if it still has the inode that *name says, and clears
 * *name. Does nothing if *name is zeroed. */
void socket_name_remove(const struct sockaddr_un *at, struct socket_name *name);

#endif

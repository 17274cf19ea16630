/* below.h: opens names below the root of a tree, without following links.
 *
 * Between two system calls, another process can replace a directory of the tree
 * with a symbolic link. A path with several components then leads out of the
 * tree: we would read a secret file, or write into a directory outside it. So
 * cp-uring opens every path below a root with these functions. The fd that they
 * return refers to the same directory even if its name changes later. An entry
 * of that directory is accessed relative to the fd, by a path of one component,
 * with O_NOFOLLOW or AT_SYMLINK_NOFOLLOW.
 *
 * The functions use openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS
 * (Linux 5.6). If the kernel lacks openat2, or a seccomp filter blocks it, they
 * open one component after another with O_NOFOLLOW. */
#ifndef PHASE1_CP_BELOW_H
#define PHASE1_CP_BELOW_H

/* Opens path, which is relative to root, with the given flags of open(2).
 *
 * Returns  >= 0             an fd, which the caller owns
 *          -ELOOP, -ENOTDIR a component is a link, or not a directory
 *          -EXDEV           path leads out of root
 *          -errno           from openat2(2) */
int below_open(int root, const char *path, int flags);

/* Opens the directory that contains path, and sets *name to the last component.
 * Returns the same values as below_open. */
int below_open_parent(int root, const char *path, const char **name);

#endif

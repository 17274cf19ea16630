/* fs_probe.h: tests what the file system of the current directory can do. */
#ifndef PHASE0_FS_PROBE_H
#define PHASE0_FS_PROBE_H

/* Each member is 0 if the operation works, otherwise the -errno of the
 * attempt. */
struct fs_probe {
    int write;    /* creating a file */
    int o_direct; /* opening with O_DIRECT, as IOPOLL requires */
    int reflink;  /* sharing the data of a file (FICLONE) */
};

/* Tries the operations with files that have no name, so no file remains. */
void fs_probe_look(struct fs_probe *out);

#endif

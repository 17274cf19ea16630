/* fs_probe.h: what the file system of the current directory can do. */
#ifndef PHASE0_FS_PROBE_H
#define PHASE0_FS_PROBE_H

/* Each is 0 where it works, or the -errno of the attempt. */
struct fs_probe {
    int write;    /* a file can be made here */
    int o_direct; /* opened past the page cache, as IOPOLL needs it */
    int reflink;  /* copied without copying (FICLONE) */
};

/* Tries them with files that have no name: nothing is left behind. */
void fs_probe_look(struct fs_probe *out);

#endif

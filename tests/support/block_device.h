/* block_device.h: a private block device for a test, backed by a file.
 *
 * Test support. Needs root, and /dev/loop-control. */
#ifndef TESTS_BLOCK_DEVICE_H
#define TESTS_BLOCK_DEVICE_H

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Makes a loop device whose content is that of the open file. The kernel
 * removes the device when its last descriptor is closed. Returns a descriptor
 * of the device, or -errno. */
static inline int block_device_of(int file)
{
    struct loop_config config = {.fd = (unsigned)file,
                                 .info.lo_flags = LO_FLAGS_AUTOCLEAR};
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd = -EBUSY;
    char path[32];

    if (control < 0)
        return -errno;
    /* Another process may take the free device first. If so, try again. */
    for (int i = 0; fd == -EBUSY && i < 50; i++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);

        snprintf(path, sizeof path, "/dev/loop%d", number);
        fd = number < 0 ? -1 : open(path, O_RDWR | O_CLOEXEC);
        if (fd >= 0 && ioctl(fd, LOOP_CONFIGURE, &config) < 0) {
            close(fd);
            fd = errno == EBUSY ? -EBUSY : -1;
        }
    }
    close(control);
    return fd == -1 ? -ENODEV : fd;
}

/* Returns NULL if this machine can make block devices, otherwise the reason why
 * it cannot. */
static inline const char *block_device_missing(void)
{
    char name[] = "/tmp/one-ring-XXXXXX";
    int file = mkstemp(name), fd = -ENODEV;

    if (file >= 0) {
        unlink(name);
        if (ftruncate(file, 4096) == 0)
            fd = block_device_of(file);
        close(file);
    }
    if (fd >= 0)
        close(fd);
    return fd >= 0 ? NULL : "it needs root, and a loop device";
}

#endif

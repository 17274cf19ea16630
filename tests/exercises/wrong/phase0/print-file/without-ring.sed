# Expected: the bytes did not come through the ring
s/result = io_uring_submit(&ring);/result = (int)read(fd, block, sizeof block);/
s/#include <string.h>/&\n#include <unistd.h>/

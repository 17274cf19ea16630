# Expected: did not come through the ring
s/#include <errno.h>/&\n#include <unistd.h>/
s/^    io_uring_prep_read.*/    io_uring_prep_nop(sqe);/
s/    result = future_wait_until_done.*/&\n    result = (int)read(pipe, buf, len);/

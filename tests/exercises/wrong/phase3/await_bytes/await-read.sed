# Expected: this is await_read
s/#include <errno.h>/#include "await.h"\n&/
/struct io_uring_sqe \*sqe/d
s/^    io_uring_prep_read.*/    (void)reading;/
s/    result = future_wait_until_done.*/    result = await_read(pipe, buf, len, AWAIT_STREAM);/

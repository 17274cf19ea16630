# Expected: that were not set
/^    struct reading reading = {/,/^    };/c\
    struct reading reading;
s/^    int result, interruption = 0;/&\n\n    reading.op.complete = reading_on_complete;\n    reading.wait.interrupt = reading_on_interrupt;/
s/^    struct io_uring_sqe \*sqe = .*/    struct io_uring_sqe *sqe;/
s/^    io_uring_prep_read/    sqe = loop_await_sqe(\&reading.op);\n&/

# Expected: the CQ of a deferred ring is empty until you enter
/io_uring_get_events/d

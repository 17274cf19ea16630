# Expected: the call returned while the read is in flight
s/future_wait_until_done(&reading.future, &reading.wait)/future_wait(\&reading.future)/
